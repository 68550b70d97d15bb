import type { Overlay } from '../../overlay/index.ts';
import type { Timer as ClockTimer } from '../../ports/clock.ts';
import type { Ports } from '../../ports/index.ts';
import type { StoreWrite } from '../../ports/store.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { Acts } from './acts.ts';
import type { Attachments } from './attachments.ts';
import { departure, sizeAt } from './gone.ts';
import type { History } from './history.ts';
import { digits, EXPIRIES } from './history-keys.ts';
import type { StoredMessage } from './history-row.ts';
import type { Holdings } from './holdings.ts';
import { deadlineOf } from './lifetime.ts';
import type { Unread } from './unread.ts';

export interface ExpiryDeps {
  readonly ports: Ports;
  readonly self: string;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
  readonly history: History;
  readonly acts: Acts;
  readonly attachments: Attachments;
  readonly unread: Unread;
  /** What is held of a joined channel. */
  readonly holdings: (channelId: string) => Holdings | undefined;
  /** Messages of a channel are gone. */
  readonly gone: (channelId: string, messages: readonly StoredMessage[]) => void;
}

/** Messages that go in one commit. */
const STEP = 50;
/** A clock that is set anew is noticed after this long. */
const LOOK_MS = 60_000;
const AGAIN_MS = 1000;

/** Takes away messages whose time is over: what they said, what was done to them, and what was attached. Their numbers stay, and are not missing. */
export class Expiry {
  readonly #deps: ExpiryDeps;
  readonly #scope: Scope;
  #timer: ClockTimer | undefined;
  /** When it is looked at next, in milliseconds since 1970. */
  #next = Number.POSITIVE_INFINITY;

  constructor(deps: ExpiryDeps) {
    this.#deps = deps;
    this.#scope = new Scope(deps.ports.clock);
  }

  /** What went over its time while the node was off is gone when it resolves. Errors: those of the store. */
  async start(): Promise<void> {
    await this.#sweep();
    await this.#look();
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  /** A message is on disk. */
  kept(message: StoredMessage): void {
    const deadline = deadlineOf(message, message.received);
    if (deadline !== undefined) this.#arm(deadline);
  }

  #arm(at: number): void {
    if (at >= this.#next) return;
    this.#timer?.cancel();
    this.#next = at;
    const wait = Math.min(Math.max(1, at - this.#deps.ports.clock.now()), LOOK_MS);
    this.#timer = this.#scope.after(wait, () => {
      this.#next = Number.POSITIVE_INFINITY;
      this.#scope.run(
        this.#sweep().then(() => this.#look()),
        (error) => {
          this.#deps.ports.log.error('messages whose time is over could not be deleted', { error: String(error) });
          this.#arm(this.#deps.ports.clock.now() + AGAIN_MS);
        },
      );
    });
  }

  async #look(): Promise<void> {
    const [first] = await this.#deps.ports.store.range(EXPIRIES, { limit: 1 });
    if (first) this.#arm(Number(first.key.slice(0, 14)));
  }

  async #sweep(): Promise<void> {
    const { ports, acts } = this.#deps;
    for (;;) {
      const rows = await ports.store.range(EXPIRIES, { lt: digits(ports.clock.now() + 1, 14), limit: STEP });
      if (rows.length === 0 || this.#scope.closed) return;
      const keys = rows.map(({ key }) => key);
      // In turn with what acts write of the same messages.
      await acts.inTurn(() => this.#take(keys));
    }
  }

  async #take(keys: readonly string[]): Promise<void> {
    const { ports, history, acts, attachments, unread, metrics, overlay, self } = this.#deps;
    const over = new Map<string, StoredMessage>();
    for (const key of keys) {
      const message = await history.at(key.slice(15));
      if (!message) continue;
      over.set(message.cursor, message);
      if (message.act) continue;
      for (const act of await history.actsOn(message.channelId, message.sender, message.seq)) over.set(act.cursor, act);
    }
    const messages = [...over.values()];
    const attached = await attachments.deletions(messages);
    const seen = await unread.removal(messages);
    const writes: StoreWrite[] = keys.map((key) => ({ op: 'delete', table: EXPIRIES, key }));
    const bytes = await Promise.all(messages.map((message) => sizeAt(ports.store, message)));
    const lighter = (sign: 1 | -1): void => {
      for (const [index, { channelId, sender }] of messages.entries())
        this.#deps.holdings(channelId)?.weigh(sender, sign * (bytes[index] ?? 0));
    };
    lighter(-1);
    for (const message of messages) writes.push(...departure(message, self, this.#deps.holdings(message.channelId)?.of(message.sender)));
    try {
      await ports.store.commit([...writes, ...acts.unpinning(messages), ...attached(), ...attachments.over(messages), ...seen.writes]);
    } catch (error) {
      lighter(1);
      throw error;
    }
    seen.done();
    metrics.count('messages_expired', '', messages.length);
    for (const { sender, msgId } of messages) if (sender === self) overlay.withdraw(msgId);
    for (const channelId of new Set(messages.map((message) => message.channelId)))
      this.#deps.gone(
        channelId,
        messages.filter((message) => message.channelId === channelId),
      );
  }
}
