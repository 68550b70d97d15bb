import type { Overlay } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { StoreWrite, TableSpec } from '../../ports/store.ts';
import { Scope } from '../../util/scope.ts';
import type { Channel } from './directory.ts';
import type { History } from './history.ts';

/** RECEIPTs that are owed: `SENDER/MSG_ID`. */
const TABLE = 'read_marks';
export const readMarkTables: readonly TableSpec[] = [{ name: TABLE, small: true }];

/** Owed to one sender at most: who is away for long gets no more, and has the latest when they are back and write again. */
const MAX_OWED = 2000;
const PAGE = 500;
/** A RECEIPT is not acknowledged: one that was sent counts as heard when its recipient is still there after this long. */
const SETTLE_MS = 60_000;

export interface ReadMarksDeps {
  readonly ports: Ports;
  readonly self: string;
  readonly overlay: Overlay;
  readonly history: History;
  /** Whether the user tells others what they have read. */
  readonly wanted: () => boolean;
  /** Whether a sender is told what is read in a channel. */
  readonly concerns: (channel: Channel, sender: string) => boolean;
  /** Whether a sender is told what is read in any. */
  readonly concernsAny: (sender: string) => boolean;
}

/** Tells the senders of messages that the user has seen them. What could not be told yet is kept, over restarts too. */
export class ReadMarks {
  readonly #deps: ReadMarksDeps;
  readonly #scope: Scope;
  /** What was sent to somebody since they came into reach. */
  readonly #sent = new Map<string, Set<string>>();
  /** Who may be owed something: links come and go, and the disk is asked about these alone. */
  readonly #owing = new Set<string>();

  constructor(deps: ReadMarksDeps) {
    this.#deps = deps;
    this.#scope = new Scope(deps.ports.clock);
  }

  start(): void {
    const { overlay } = this.#deps;
    this.#scope.add(
      overlay.events.on('presence', ({ nodeId, present }) => {
        this.#sent.delete(nodeId);
        if (present && this.#owing.has(nodeId)) this.#tellOne(nodeId);
      }),
    );
    this.#watch(this.#tellAll());
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  /** The messages of a channel at these places were seen: what keeps that their senders are to be told, and tells them once that is on disk. */
  async seen(channel: Channel, cursors: readonly string[]): Promise<{ writes: StoreWrite[]; done: () => void }> {
    const { history, self, wanted, concerns, ports } = this.#deps;
    const room = new Map<string, number>();
    const writes: StoreWrite[] = [];
    for (const cursor of wanted() ? cursors : []) {
      const message = await history.at(cursor);
      if (!message || message.sender === self || !concerns(channel, message.sender)) continue;
      const { sender, msgId } = message;
      const left = room.get(sender) ?? MAX_OWED - (await ports.store.count(TABLE, within(sender)));
      room.set(sender, left - 1);
      if (left > 0) writes.push({ op: 'put', table: TABLE, key: `${sender}/${msgId}`, value: '' });
    }
    const done = (): void => {
      for (const sender of room.keys()) this.#tellOne(sender);
    };
    return { writes: wanted() ? writes : [], done };
  }

  /** Tells somebody what they are owed, if they are there. */
  #tellOne(sender: string): void {
    this.#owing.add(sender);
    if (this.#deps.overlay.reaches(sender)) this.#watch(this.#tell(sender));
  }

  /** The user tells nobody any more: what is owed is forgotten. Errors: those of the store. */
  async forgetAll(): Promise<void> {
    const { store } = this.#deps.ports;
    this.#sent.clear();
    this.#owing.clear();
    for (;;) {
      const rows = await store.range(TABLE, { limit: PAGE });
      if (rows.length === 0) return;
      await store.commit(rows.map(({ key }) => deletion(key)));
    }
  }

  async #tellAll(): Promise<void> {
    const { store } = this.#deps.ports;
    let after = '';
    for (;;) {
      const [row] = await store.range(TABLE, { gt: after, limit: 1 });
      if (!row) return;
      const [sender = ''] = row.key.split('/', 1);
      this.#tellOne(sender);
      after = `${sender}0`;
    }
  }

  async #tell(sender: string): Promise<void> {
    const { ports, overlay, wanted, concernsAny } = this.#deps;
    // Before the disk is asked: what comes to be owed meanwhile is said anew.
    this.#owing.delete(sender);
    const rows = await ports.store.range(TABLE, { ...within(sender), limit: MAX_OWED }).catch((error: unknown) => {
      this.#owing.add(sender);
      throw error;
    });
    if (rows.length > 0) this.#owing.add(sender);
    // Who is no contact any more, and in no channel with us, is told nothing, unless that changes.
    if (rows.length === 0 || !wanted() || !overlay.reaches(sender) || !concernsAny(sender)) return;
    const sent = this.#sent.get(sender) ?? new Set();
    this.#sent.set(sender, sent);
    const fresh = rows.map(({ key }) => key).filter((key) => !sent.has(key));
    for (const key of fresh) {
      sent.add(key);
      overlay.receipt(sender, key.slice(sender.length + 1), 'read');
    }
    if (fresh.length === 0) return;
    this.#scope.after(SETTLE_MS, () => {
      // Who went meanwhile may not have heard it, and is told again.
      if (this.#sent.get(sender) !== sent) return;
      this.#watch(ports.store.commit(fresh.map(deletion)).then(() => this.#settled(sent, fresh)));
    });
  }

  #settled(sent: Set<string>, keys: readonly string[]): void {
    for (const key of keys) sent.delete(key);
  }

  #watch(task: Promise<void>): void {
    this.#scope.run(task, (error) => this.#deps.ports.log.error('what was read could not be told', { error: String(error) }));
  }
}

const within = (sender: string) => ({ gt: `${sender}/`, lt: `${sender}0` });
const deletion = (key: string): StoreWrite => ({ op: 'delete', table: TABLE, key });
