import type { Overlay } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { StoreWrite, TableSpec } from '../../ports/store.ts';
import { errorCode, ParleyError } from '../../util/errors.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { Attachments } from './attachments.ts';
import type { ChannelConfig } from './config.ts';
import type { Deliveries } from './deliveries.ts';
import type { Channel, ChannelDirectory } from './directory.ts';
import type { History } from './history.ts';
import { digits } from './history-keys.ts';
import type { Outgoing } from './outgoing.ts';

const TABLE = 'waiting_messages';
export const waitingTables: readonly TableSpec[] = [{ name: TABLE, small: true, backup: {} }];

const PAGE = 500;
const WAITS = 'no secure session yet: it is begun when both are there';
const EXPIRED = 'no secure session came to be within its time';
export const NO_CONTACT = 'not a contact any more';

/** An own message that cannot be sealed for now. */
export interface Entry {
  readonly msgId: string;
  readonly seq: number;
  /** Where it is kept. */
  readonly cursor: string;
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
}

export interface WaitingDeps {
  readonly ports: Ports;
  readonly self: string;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
  readonly directory: ChannelDirectory;
  readonly history: History;
  readonly attachments: Attachments;
  readonly deliveries: Deliveries;
  readonly outgoing: Outgoing;
}

const keyOf = (channelId: string, { seq }: Pick<Entry, 'seq'>): string => `${channelId}/${digits(seq, 16)}`;
const waits = (channelId: string, { seq, ...row }: Entry): StoreWrite => ({
  op: 'put',
  table: TABLE,
  key: keyOf(channelId, { seq }),
  value: JSON.stringify(row),
});
/** What writes down that an entry waits no more. */
export const waitsNoMore = (channelId: string, entry: Entry): StoreWrite => ({ op: 'delete', table: TABLE, key: keyOf(channelId, entry) });

/**
 * Own messages for which there is no key yet: kept, in the order in which they were written, until they can be sealed. What they say is in the
 * history; here is which of it has not gone out.
 */
export class Waiting {
  readonly #deps: WaitingDeps;
  readonly #config: ChannelConfig;
  readonly #scope: Scope;
  /** By channel, in order. */
  readonly #entries = new Map<string, Entry[]>();
  readonly #flushing = new Map<string, Promise<void>>();
  /** Channels in which it has to be tried once more when that is done. */
  readonly #again = new Set<string>();

  constructor(deps: WaitingDeps, config: ChannelConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.ports.clock);
    deps.metrics.gauge('messages_waiting', () => this.#size());
  }

  /** Goes on with what waited when the node last ran. Errors: those of the store. */
  async start(): Promise<void> {
    const { ports, directory, outgoing, deliveries, overlay } = this.#deps;
    for (let after = ''; ; ) {
      const rows = await ports.store.range(TABLE, { gt: after, limit: PAGE });
      for (const { key, value } of rows) {
        after = key;
        const [channelId = ''] = key.split('/', 1);
        const entry = { ...(JSON.parse(value as string) as Omit<Entry, 'seq'>), seq: Number(key.slice(channelId.length + 1)) };
        this.#of(channelId).push(entry);
        const channel = directory.get(channelId);
        // Marks are kept with a delay: after a crash they may be missing.
        if (channel && !(await deliveries.of(entry.msgId))) outgoing.waits(channel, entry.msgId, WAITS);
      }
      if (rows.length < PAGE) break;
    }
    const { random } = ports;
    this.#scope.every(
      () => this.#config.waitingRetryMs * (0.67 + 0.66 * random.number()),
      () => this.#flushAll(),
    );
    this.#scope.add(
      overlay.events.on('presence', ({ nodeId, present }) => {
        if (!present) return;
        for (const id of this.#entries.keys()) {
          const channel = directory.get(id);
          if (channel && directory.isMember(channel, nodeId)) this.flush(id);
        }
      }),
    );
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  /** Whether something waits in a channel: what is written then waits behind it. */
  any(channelId: string): boolean {
    return this.#entries.has(channelId);
  }

  /** Keeps a message that cannot go yet; on disk, with `alongside`, when it resolves. Errors: `quota`, those of the store. */
  async keep(channel: Channel, { msgId, seq, cursor }: Omit<Entry, 'since'>, alongside: readonly StoreWrite[]): Promise<void> {
    const { ports, outgoing } = this.#deps;
    const { maxWaiting, maxWaitingInAll } = this.#config;
    const entries = this.#of(channel.id);
    if (entries.length >= maxWaiting || this.#size() >= maxWaitingInAll) {
      this.#settle(channel.id, entries);
      throw new ParleyError('quota', `${entries.length} messages to this contact wait for a secure session already`);
    }
    const entry: Entry = { msgId, seq, cursor, since: ports.clock.now() };
    entries.push(entry);
    entries.sort((a, b) => a.seq - b.seq);
    try {
      await ports.store.commit([...alongside, waits(channel.id, entry)]);
    } catch (error) {
      this.#drop(channel.id, entry);
      throw error;
    }
    outgoing.waits(channel, msgId, WAITS);
    // A session may have come to be meanwhile.
    this.flush(channel.id);
  }

  /** Sends what waits in a channel, as far as that is possible now. */
  flush(channelId: string): void {
    if (!this.any(channelId) || this.#scope.closed) return;
    if (this.#flushing.has(channelId)) {
      this.#again.add(channelId);
      return;
    }
    const flushed = this.#flush(channelId).finally(() => {
      this.#flushing.delete(channelId);
      if (this.#again.delete(channelId)) this.flush(channelId);
    });
    this.#flushing.set(channelId, flushed);
    // It is tried again.
    this.#scope.run(flushed, (error) =>
      this.#deps.ports.log.warn('a waiting message could not be sent', { error: ParleyError.from(error).message }),
    );
  }

  /** What waits in a conversation that is no more, in order: it is tried no longer, and whoever takes it sees to it. */
  async take(channelId: string): Promise<Entry[]> {
    await this.#flushing.get(channelId)?.catch(() => {});
    const entries = this.#entries.get(channelId) ?? [];
    this.#entries.delete(channelId);
    return entries;
  }

  /** What was sent in a conversation that is no more, to nobody's hands, waits again: on disk when it resolves. Errors: those of the store. */
  async again(channelId: string, entries: readonly Entry[]): Promise<void> {
    const writes = entries.map((entry) => waits(channelId, entry));
    if (writes.length > 0) await this.#deps.ports.store.commit(writes);
  }

  /** It will not be sent. On disk when it resolves. Errors: those of the store. */
  async fail(channelId: string, entry: Entry, state: 'failed' | 'expired', reason: string): Promise<void> {
    const { ports, directory, self, deliveries } = this.#deps;
    await ports.store.commit([waitsNoMore(channelId, entry)]);
    this.#drop(channelId, entry);
    const begun = await deliveries.of(entry.msgId);
    const channel = directory.get(channelId);
    const others = channel ? directory.members(channel).filter((nodeId) => nodeId !== self) : [];
    for (const recipient of begun ? Object.keys(begun.recipients) : others)
      deliveries.apply({ msgId: entry.msgId, recipient, state, reason });
  }

  #flushAll(): void {
    for (const channelId of [...this.#entries.keys()]) this.flush(channelId);
  }

  async #flush(channelId: string): Promise<void> {
    const { ports, directory, deliveries, outgoing } = this.#deps;
    for (let entry = this.#entries.get(channelId)?.[0]; entry && !this.#scope.closed; entry = this.#entries.get(channelId)?.[0]) {
      const channel = directory.get(channelId);
      if (!channel?.joined) return this.fail(channelId, entry, 'failed', NO_CONTACT);
      if (ports.clock.now() - entry.since >= this.#config.waitingMs) {
        await this.fail(channelId, entry, 'expired', EXPIRED);
        continue;
      }
      const parcel = await this.#parcel(channelId, entry);
      const delivered = (await deliveries.of(entry.msgId))?.state === 'delivered';
      // It was deleted since, or they have fetched it by themselves.
      if (!parcel || delivered) await ports.store.commit([waitsNoMore(channelId, entry)]);
      else {
        try {
          if (!(await outgoing.carry(channel, parcel, [waitsNoMore(channelId, entry)]))) return;
        } catch (error) {
          if (errorCode(error) !== 'refused') throw error;
          await this.fail(channelId, entry, 'failed', ParleyError.from(error).message);
          continue;
        }
      }
      this.#drop(channelId, entry);
    }
  }

  /** What is to be sent; undefined where it is not kept any more. */
  async #parcel(channelId: string, { seq, cursor }: Entry) {
    const { history, attachments, self } = this.#deps;
    const message = await history.at(cursor);
    const places = await history.places(channelId, self, seq, seq, 1);
    const [signed] = await history.signed(places, { bytes: Number.MAX_SAFE_INTEGER, since: 0 });
    if (!message || signed === undefined) return undefined;
    return { message, signed, contents: await attachments.carried(message.attachments) };
  }

  #of(channelId: string): Entry[] {
    let entries = this.#entries.get(channelId);
    if (!entries) {
      entries = [];
      this.#entries.set(channelId, entries);
    }
    return entries;
  }

  #drop(channelId: string, entry: Entry): void {
    this.#settle(
      channelId,
      this.#of(channelId).filter((one) => one !== entry),
    );
  }

  #settle(channelId: string, entries: Entry[]): void {
    if (entries.length > 0) this.#entries.set(channelId, entries);
    else this.#entries.delete(channelId);
  }

  #size(): number {
    let size = 0;
    for (const entries of this.#entries.values()) size += entries.length;
    return size;
  }
}
