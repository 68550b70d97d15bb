import type { Store, StoreRow, StoreWrite, TableSpec } from '../../ports/store.ts';
import type { Acting, Standing } from './act.ts';
import { byId } from './by-id.ts';
import { doneTo } from './done-to.ts';
import { absence, holdingWrite } from './gone.ts';
import {
  ACTS,
  BY_SEQ,
  checkCursor,
  digits,
  EXPIRIES,
  HISTORY,
  keyOf,
  NO_MORE,
  OWN,
  rangeOf,
  SEQS,
  seqKey,
  tableOf,
  timeIn,
} from './history-keys.ts';
import { type Row, readRow, rowOf, type StoredMessage, stubOf, type Way } from './history-row.ts';
import { Holding, type HoldingRow, Holdings } from './holdings.ts';
import { deadlineOf } from './lifetime.ts';
import type { ChannelMessage } from './message.ts';
import { rewordEdited, wordsOf } from './restoring.ts';
import { type SeqRange, SeqSet } from './seq-set.ts';

export const historyTables: readonly TableSpec[] = [
  { name: SEQS, small: true, backup: {} },
  { name: BY_SEQ, small: true, backup: {} },
  { name: OWN, small: true, backup: {} },
  { name: EXPIRIES, small: true, backup: {} },
  { name: ACTS, backup: { restored: rewordEdited } },
  { name: HISTORY, searchable: true, backup: { textOf: wordsOf } },
];

/** What is kept of one message, for deleting it. */
export interface Kept {
  readonly seq: number;
  readonly cursor: string;
  readonly bytes: number;
  /** Whether anything is attached to it. */
  readonly attached: boolean;
}

/** Rows that are looked through at a time. */
const FIND_PAGE = 500;
/** Of so many messages that were written down last the latest are found by a search in all channels. */
const LATEST = 1000;

/** Messages of channels on disk, by time for people and by number for catch-up; with full-text search. */
export class History {
  readonly #store: Store;
  readonly #self: string;

  /** `self`: node id. */
  constructor(store: Store, self: string) {
    this.#store = store;
    this.#self = self;
  }

  /** What keeps a message, with what is held of its sender from then on. `attached`: bytes that its attachments take. */
  writes(message: ChannelMessage, signed: string, holding: Holding, received: number, way: Way, attached: number): StoreWrite[] {
    const key = keyOf(message);
    const deadline = deadlineOf(message, received);
    if (deadline !== undefined && deadline <= received) return absence(message, holding);
    const value = JSON.stringify(rowOf(signed, received, way, message.stays));
    const place = `${key} ${signed.length + attached}${message.attachments.length > 0 ? ' +' : ''}`;
    const writes: StoreWrite[] = [
      message.act ? { op: 'put', table: ACTS, key, value } : { op: 'put', table: HISTORY, key, value, text: message.text },
      { op: 'put', table: BY_SEQ, key: seqKey(message.channelId, message.sender, message.seq), value: place },
      holdingWrite(message.channelId, message.sender, holding),
    ];
    if (deadline !== undefined) writes.push({ op: 'put', table: EXPIRIES, key: `${digits(deadline, 14)}/${key}`, value: '' });
    if (message.sender === this.#self) writes.push({ op: 'put', table: OWN, key: message.msgId, value: key });
    return writes;
  }

  /** Whether any act is kept in a channel. */
  async hasActs(channelId: string): Promise<boolean> {
    return (await this.#store.range(ACTS, { gt: `${channelId}/`, lt: `${channelId}0`, limit: 1 })).length > 0;
  }

  /** What was done to a message. */
  actsOn(channelId: string, sender: string, seq: number): Promise<(StoredMessage & Acting)[]> {
    return doneTo(this.#store, channelId, sender, seq);
  }

  /** The message of a sender with this number, if it is here and speaks for itself. */
  async numbered(channelId: string, sender: string, seq: number): Promise<StoredMessage | undefined> {
    const place = await this.#store.get(BY_SEQ, seqKey(channelId, sender, seq));
    const [key = ''] = typeof place === 'string' ? place.split(' ', 1) : [];
    return tableOf(key) === HISTORY ? this.at(key) : undefined;
  }

  /** Makes a message be found by what it says now. */
  async reword(message: StoredMessage, text: string): Promise<void> {
    const value = await this.#store.get(HISTORY, message.cursor);
    if (value !== undefined) await this.#store.commit([{ op: 'put', table: HISTORY, key: message.cursor, value, text }]);
  }

  /** What deletes what a message said; its place stays, with who has deleted it. */
  erasure(message: StoredMessage, deleted: Standing['deleted']): StoreWrite {
    return { op: 'put', table: HISTORY, key: message.cursor, value: JSON.stringify(stubOf(message, deleted)), text: '' };
  }

  /** An own message by its id. */
  async own(msgId: string): Promise<StoredMessage | undefined> {
    const cursor = await this.#store.get(OWN, msgId);
    return typeof cursor === 'string' ? this.at(cursor) : undefined;
  }

  /** The id of the message that is kept under a number. */
  async idOf(channelId: string, sender: string, seq: number): Promise<string | undefined> {
    const place = await this.#store.get(BY_SEQ, seqKey(channelId, sender, seq));
    if (typeof place !== 'string') return undefined;
    return (await this.at(place.split(' ', 1)[0] ?? ''))?.msgId;
  }

  /** A message by its place in a channel. */
  async at(cursor: string): Promise<StoredMessage | undefined> {
    const value = await this.#store.get(tableOf(cursor), cursor);
    return typeof value === 'string' ? readRow(cursor, value) : undefined;
  }

  /** What deletes messages, with what is held of their sender from then on. */
  deletions(channelId: string, sender: string, messages: readonly Kept[], holding: Holding): StoreWrite[] {
    const writes: StoreWrite[] = messages.flatMap(({ seq, cursor }) => [
      { op: 'delete', table: tableOf(cursor), key: cursor },
      { op: 'delete', table: BY_SEQ, key: seqKey(channelId, sender, seq) },
    ]);
    return [...writes, holdingWrite(channelId, sender, holding)];
  }

  /** A message as it is kept. */
  stored(message: ChannelMessage, received: number, way: Way): StoredMessage {
    return { ...message, cursor: keyOf(message), received, way };
  }

  /** What is held of a channel. */
  async held(channelId: string): Promise<Holdings> {
    const all = new Map<string, Holding>();
    let after = `${channelId}/`;
    for (;;) {
      const rows = await this.#store.range(SEQS, { gt: after, lt: `${channelId}0`, limit: 1000 });
      for (const { key, value } of rows) {
        after = key;
        const sender = key.slice(channelId.length + 1);
        all.set(sender, await this.#checked(channelId, sender, JSON.parse(value as string)));
      }
      if (rows.length < 1000) return new Holdings(all);
    }
  }

  /** A disk that was full may have kept what is held and not all of the messages: then those that are there are counted anew. */
  async #checked(channelId: string, sender: string, row: HoldingRow | readonly SeqRange[]): Promise<Holding> {
    // Numbers alone are what was written before messages were ever deleted.
    const kept: Partial<HoldingRow> = 'taken' in row ? row : {};
    const range = rangeOf(channelId, sender, 0, Number.MAX_SAFE_INTEGER);
    if ('taken' in row && (await this.#store.count(BY_SEQ, range)) === row.messages) return new Holding(row);
    const { floor = 0, taken = [] } = kept;
    // Of those that were forgotten there is nothing to be counted.
    const found = new SeqSet(taken.filter(({ from }) => from <= floor).map(({ from, to }) => ({ from, to: Math.min(to, floor) })));
    let [messages, bytes] = [0, 0];
    let from = 0;
    for (;;) {
      const rows = await this.#kept(channelId, sender, from, 1000);
      for (const row of rows) {
        found.add(row.seq);
        messages++;
        bytes += row.bytes;
        from = row.seq + 1;
      }
      if (rows.length < 1000) return new Holding({ taken: found.toJSON(), floor, messages, bytes });
    }
  }

  /** Messages of a sender from a number on, lowest first. */
  async #kept(channelId: string, sender: string, from: number, limit: number): Promise<Kept[]> {
    const rows = await this.#store.range(BY_SEQ, { ...rangeOf(channelId, sender, from, Number.MAX_SAFE_INTEGER), limit });
    const kept: Kept[] = [];
    for (const { key, value } of rows) {
      const [cursor = '', size, attached] = String(value).split(' ');
      const bytes = size === undefined ? await this.#sizeOf(cursor) : Number(size);
      kept.push({ seq: Number(key.slice(-16)), cursor, bytes, attached: attached !== undefined });
    }
    return kept;
  }

  async #sizeOf(cursor: string): Promise<number> {
    const row = await this.#store.get(tableOf(cursor), cursor);
    return typeof row === 'string' ? (JSON.parse(row) as Row).m.length : 0;
  }

  /** The oldest of a sender by number: so many messages or more, until they have so many bytes. */
  async oldest(channelId: string, sender: string, least: { messages: number; bytes: number; atMost: number }): Promise<Kept[]> {
    const found: Kept[] = [];
    let bytes = 0;
    for (const message of await this.#kept(channelId, sender, 0, least.atMost)) {
      if (found.length >= least.messages && bytes >= least.bytes) break;
      found.push(message);
      bytes += message.bytes;
    }
    return found;
  }

  /**
   * A page of a channel, oldest first: the `limit` messages before a cursor, or after one, or the latest.
   */
  async page(
    channelId: string,
    options: { before?: string | undefined; after?: string | undefined; limit: number },
  ): Promise<StoredMessage[]> {
    const { before, after, limit } = options;
    const inside = (cursor: string | undefined, otherwise: string): string => {
      if (cursor !== undefined) checkCursor(channelId, cursor);
      return cursor ?? otherwise;
    };
    const rows =
      after !== undefined
        ? await this.#store.range(HISTORY, { gt: inside(after, `${channelId}/`), lt: `${channelId}0`, limit })
        : (await this.#store.range(HISTORY, { gt: `${channelId}/`, lt: inside(before, `${channelId}0`), limit, reverse: true })).reverse();
    return rows.flatMap(({ key, value }) => readRow(key, value as string) ?? []);
  }

  /**
   * The message of a channel with this cursor, or with this id, however far back: nothing is kept by ids. `onlyOne`: see `byId`. Errors: `conflict`.
   */
  async find(channelId: string, which: string, onlyOne = true): Promise<StoredMessage | undefined> {
    if (which.includes('/')) {
      const value = which.startsWith(`${channelId}/`) ? await this.#store.get(HISTORY, which) : undefined;
      return value === undefined ? undefined : readRow(which, value as string);
    }
    const own = await this.own(which);
    if (own?.channelId === channelId) return own;
    return byId(which, onlyOne, (before) => this.page(channelId, { before, limit: FIND_PAGE }));
  }

  /** Messages of one channel, or of any, that hold the words, the latest first. `channels`: those that are asked one by one where the store cannot be asked at once. */
  async search(query: string, limit: number, where: { channelId: string } | { channels: readonly string[] }): Promise<StoredMessage[]> {
    const keys =
      'channelId' in where ? await this.#searchIn(where.channelId, query, limit) : await this.#searchAll(where.channels, query, limit);
    const found: StoredMessage[] = [];
    for (const key of keys) {
      const value = await this.#store.get(HISTORY, key);
      const message = value === undefined ? undefined : readRow(key, value as string);
      if (message) found.push(message);
    }
    return found;
  }

  #searchIn(channelId: string, query: string, limit: number): Promise<string[]> {
    return this.#store.search(HISTORY, query, { prefix: `${channelId}/`, limit });
  }

  /** Keys begin with the channel. So that the latest of all are found, many are looked at, or some of each channel; what is in channels that were left comes with all. */
  async #searchAll(channels: readonly string[], query: string, limit: number): Promise<string[]> {
    const some = this.#store.searchLatest
      ? await this.#store.searchLatest(HISTORY, query, LATEST)
      : (
          await Promise.all([this.#store.search(HISTORY, query, { limit }), ...channels.map((id) => this.#searchIn(id, query, limit))])
        ).flat();
    return [...new Set(some)].sort((a, b) => timeIn(b) - timeIn(a)).slice(0, limit);
  }

  /** Where messages of one sender are kept, by number. */
  places(channelId: string, sender: string, from: number, to: number, limit: number): Promise<StoreRow[]> {
    return this.#store.range(BY_SEQ, { ...rangeOf(channelId, sender, from, to), limit });
  }

  /** Signed messages, as they came, from where they are kept: at most so many bytes of them, and written since some time. */
  async signed(places: readonly StoreRow[], limits: { bytes: number; since: number }): Promise<string[]> {
    const found: string[] = [];
    let bytes = 0;
    for (const { value } of places) {
      const key = String(value).split(' ', 1)[0] as string;
      if (value === NO_MORE || timeIn(key) < limits.since) continue;
      const row = await this.#store.get(tableOf(key), key);
      const m = typeof row === 'string' ? (JSON.parse(row) as Row).m : '';
      // Not here any more, or deleted.
      if (m === '') continue;
      bytes += m.length;
      if (found.length > 0 && bytes > limits.bytes) break;
      found.push(m);
    }
    return found;
  }

  count(channelId: string): Promise<number> {
    return this.#store.count(HISTORY, { gt: `${channelId}/`, lt: `${channelId}0` });
  }
}
