import type { Overlay } from '../../../overlay/index.ts';
import type { Ports } from '../../../ports/index.ts';
import { LruMap } from '../../../util/bounded.ts';
import { Scope } from '../../../util/scope.ts';
import type { ClosedChannel } from './channel.ts';
import type { Epoch } from './epochs.ts';
import type { KeyExchange } from './key-exchange.ts';

/** So long something is held back that came before what it rests on: less than whoever sent it waits for an ACK. */
const HOLD_MS = 1200;
/** Of all channels. What is more comes again. */
const MOST_HELD = 200;
/** Entries are asked for again only after this long, and twice as long each time that nothing new has come. */
const AGAIN_MS = { holder: 1000, stranger: 5000 };
const AT_MOST_MS = { holder: 10_000, stranger: 60_000 };

/** `holder`: it was sealed with a key of the channel. Anybody can be a `stranger`. */
type Cause = keyof typeof AGAIN_MS;

interface Asked {
  readonly at: number;
  readonly waitMs: number;
  /** Of what was here then. */
  readonly digest: string;
}

export interface EarlyDeps {
  readonly ports: Ports;
  readonly self: string;
  readonly overlay: Overlay;
  readonly exchange: KeyExchange;
  /** Compares what is here with what some members have. */
  readonly meet: (channelId: string) => void;
  readonly watch: (task: Promise<void>) => void;
}

/** What comes before what it rests on: a newcomer speaks of whom nobody has told yet, or a key is used that is still on its way. Members are asked for it at once. */
export class Early {
  readonly #deps: EarlyDeps;
  readonly #scope: Scope;
  /** By channel and cause: a stranger's noise must not keep a newcomer waiting. */
  readonly #asked = new LruMap<string, Asked>(1000);
  readonly #waiting = new Map<string, Set<() => void>>();
  #held = 0;

  constructor(deps: EarlyDeps) {
    this.#deps = deps;
    this.#scope = new Scope(deps.ports.clock);
  }

  async close(): Promise<void> {
    await this.#scope.close();
    for (const channelId of [...this.#waiting.keys()]) this.changed(channelId);
  }

  /** Somebody speaks of whom we have not heard: members may have. */
  ask(channel: ClosedChannel, cause: Cause): void {
    const now = this.#deps.ports.clock.monotonic();
    const key = `${channel.id} ${cause}`;
    const last = this.#asked.get(key);
    if (last && now - last.at < last.waitMs) return;
    const { digest } = channel;
    const waitMs = last?.digest === digest ? Math.min(2 * last.waitMs, AT_MOST_MS[cause]) : AGAIN_MS[cause];
    this.#asked.set(key, { at: now, waitMs, digest });
    this.#deps.meet(channel.id);
  }

  /** A member of whom we have not heard holds a key of the channel. Resolves with whether we have by now. */
  async introduced(channel: ClosedChannel, isKnown: () => boolean): Promise<boolean> {
    if (isKnown()) return true;
    this.ask(channel, 'holder');
    return (await this.#until(channel.id, () => isKnown() || undefined)) ?? false;
  }

  /** A member has used a key that is not here: it and, where it is gone, another are asked. Resolves with the key if it has come by now. */
  async epoch(channel: ClosedChannel, nodeId: string, kid: string): Promise<Epoch | undefined> {
    const { overlay, ports, self, exchange, watch } = this.#deps;
    const present = channel.joined().filter((id) => id !== self && id !== nodeId && overlay.reaches(id));
    const other = present[Math.floor(ports.random.number() * present.length)];
    for (const id of other === undefined || overlay.reaches(nodeId) ? [nodeId] : [nodeId, other]) watch(exchange.ask(channel.id, id));
    return this.#until(channel.id, () => channel.epoch(kid));
  }

  /** Entries or keys of a channel have come. */
  changed(channelId: string): void {
    for (const look of this.#waiting.get(channelId) ?? []) look();
  }

  /** What is found once more is known; undefined when that takes too long, or too much waits for such already. */
  async #until<T>(channelId: string, find: () => T | undefined): Promise<T | undefined> {
    if (this.#held >= MOST_HELD || this.#scope.closed) return find();
    this.#held++;
    const looks = this.#waiting.get(channelId) ?? new Set();
    this.#waiting.set(channelId, looks);
    const found = await new Promise<T | undefined>((resolve) => {
      const look = (): void => {
        const now = find();
        if (now === undefined && timely && !this.#scope.closed) return;
        timer.cancel();
        looks.delete(look);
        resolve(now);
      };
      let timely = true;
      const timer = this.#scope.after(HOLD_MS, () => {
        timely = false;
        look();
      });
      looks.add(look);
    });
    this.#held--;
    if (looks.size === 0) this.#waiting.delete(channelId);
    return found;
  }
}
