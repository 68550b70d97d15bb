import type { Store, StoreWrite, TableSpec } from '../../ports/store.ts';
import { fromBase64 } from '../../util/base64.ts';
import { ParleyError } from '../../util/errors.ts';
import { peekJws } from '../../wire/jws.ts';
import { parseTimestamp } from '../../wire/message.ts';
import type { ChannelMessage, Payload } from './message.ts';
import { SeqSet } from './seq-set.ts';

const HISTORY = 'history';
const BY_SEQ = 'history_by_seq';
const SEQS = 'history_seqs';
/** Where an own message stands, by its id: whoever sends it again is told of it. */
const OWN = 'own_messages';

export const historyTables: readonly TableSpec[] = [
  { name: HISTORY, searchable: true },
  { name: BY_SEQ, small: true },
  { name: SEQS, small: true },
  { name: OWN, small: true },
];

/** A message as it is kept, and where it stands in its channel's order. */
export interface StoredMessage extends ChannelMessage {
  /** Its place: greater comes later. A page ends before or begins after one. */
  readonly cursor: string;
  /** When it came to this node, in milliseconds since 1970. */
  readonly received: number;
  /** The nodes that passed it on, where that is known. */
  readonly via: readonly string[];
}

interface Row {
  /** Base64 of the JWS, as on the wire: the original signature is kept for others. */
  m: string;
  at: number;
  via?: readonly string[];
}

const decoder = new TextDecoder();

const digits = (value: number, length: number): string => String(Math.max(0, value)).padStart(length, '0');

/** Order within a channel: by time, then sender and number. */
export function cursorOf(message: ChannelMessage): string {
  return `${message.channelId}/${digits(message.timestamp, 14)}/${message.sender}/${digits(message.seq, 16)}`;
}

const seqKey = (channelId: string, sender: string, seq: number): string => `${channelId}/${sender}/${digits(seq, 16)}`;

/** Throws `bad-argument` for what is no place in a channel. */
export function checkCursor(channelId: string, cursor: string): void {
  if (!cursor.startsWith(`${channelId}/`)) throw new ParleyError('bad-argument', 'this is no cursor of the channel');
}

/** Messages of channels on disk, by time for people and by number for catch-up; with full-text search. */
export class History {
  readonly #store: Store;
  readonly #self: string;

  /** `self`: node id. */
  constructor(store: Store, self: string) {
    this.#store = store;
    this.#self = self;
  }

  /** What keeps a message, with the numbers held of its sender from then on. */
  writes(message: ChannelMessage, signed: string, held: SeqSet, received: number, via: readonly string[]): StoreWrite[] {
    const cursor = cursorOf(message);
    const row: Row = { m: signed, at: received };
    if (via.length > 0) row.via = via;
    const writes: StoreWrite[] = [
      { op: 'put', table: HISTORY, key: cursor, value: JSON.stringify(row), text: message.text },
      { op: 'put', table: BY_SEQ, key: seqKey(message.channelId, message.sender, message.seq), value: cursor },
      { op: 'put', table: SEQS, key: `${message.channelId}/${message.sender}`, value: JSON.stringify(held) },
    ];
    if (message.sender === this.#self) writes.push({ op: 'put', table: OWN, key: message.msgId, value: cursor });
    return writes;
  }

  /** An own message by its id. */
  async own(msgId: string): Promise<StoredMessage | undefined> {
    const cursor = await this.#store.get(OWN, msgId);
    const value = typeof cursor === 'string' ? await this.#store.get(HISTORY, cursor) : undefined;
    return typeof value === 'string' ? readRow(cursor as string, value) : undefined;
  }

  /** A message as it is kept. */
  stored(message: ChannelMessage, received: number, via: readonly string[]): StoredMessage {
    return { ...message, cursor: cursorOf(message), received, via };
  }

  /** The numbers held of each sender in a channel. */
  async held(channelId: string): Promise<Map<string, SeqSet>> {
    const all = new Map<string, SeqSet>();
    let after = `${channelId}/`;
    for (;;) {
      const rows = await this.#store.range(SEQS, { gt: after, lt: `${channelId}0`, limit: 1000 });
      for (const { key, value } of rows) {
        after = key;
        const sender = key.slice(channelId.length + 1);
        all.set(sender, await this.#checked(channelId, sender, new SeqSet(JSON.parse(value as string))));
      }
      if (rows.length < 1000) return all;
    }
  }

  /** A disk that was full may have kept the numbers of messages and not all of the messages: then those that are there are counted anew. */
  async #checked(channelId: string, sender: string, kept: SeqSet): Promise<SeqSet> {
    const range = { gte: seqKey(channelId, sender, 0), lte: seqKey(channelId, sender, Number.MAX_SAFE_INTEGER) };
    if ((await this.#store.count(BY_SEQ, range)) === kept.size) return kept;
    const found = new SeqSet();
    let after = range.gte;
    for (;;) {
      const rows = await this.#store.range(BY_SEQ, { gt: after, lte: range.lte, limit: 1000 });
      for (const { key } of rows) {
        after = key;
        found.add(Number(key.slice(-16)));
      }
      if (rows.length < 1000) return found;
    }
  }

  /**
   * A page of a channel, oldest first: the `limit` messages before a cursor, or after one, or the latest.
   */
  async page(channelId: string, options: { before?: string; after?: string; limit: number }): Promise<StoredMessage[]> {
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

  /** Messages that hold the words, latest first within each channel. */
  async search(query: string, options: { channelId?: string; limit: number }): Promise<StoredMessage[]> {
    const where = options.channelId === undefined ? {} : { prefix: `${options.channelId}/` };
    const keys = await this.#store.search(HISTORY, query, { ...where, limit: options.limit });
    const found: StoredMessage[] = [];
    for (const key of keys) {
      const value = await this.#store.get(HISTORY, key);
      const message = value === undefined ? undefined : readRow(key, value as string);
      if (message) found.push(message);
    }
    return found;
  }

  /** Signed messages of one sender by number, as they came: at most so many, and so many bytes of them. */
  async signed(
    channelId: string,
    sender: string,
    from: number,
    to: number,
    limits: { messages: number; bytes: number },
  ): Promise<string[]> {
    const keys = await this.#store.range(BY_SEQ, {
      gte: seqKey(channelId, sender, from),
      lte: seqKey(channelId, sender, to),
      limit: limits.messages,
    });
    const found: string[] = [];
    let bytes = 0;
    for (const { value } of keys) {
      const row = await this.#store.get(HISTORY, value as string);
      if (typeof row !== 'string') continue;
      const { m } = JSON.parse(row) as Row;
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

/** Our own disk is trusted: signatures were checked before anything was written to it. */
function readRow(cursor: string, value: string): StoredMessage | undefined {
  const row = JSON.parse(value) as Row;
  const bytes = fromBase64(row.m);
  if (!bytes) return undefined;
  const compact = decoder.decode(bytes);
  const read = peekJws(compact);
  if (!read) return undefined;
  const payload = read.payload as unknown as Payload;
  return {
    cursor,
    channelId: payload.channel_id,
    sender: payload.node_id,
    keyId: read.kid,
    msgId: payload.msg_id,
    seq: payload.seq ?? 0,
    timestamp: parseTimestamp(payload.timestamp) ?? 0,
    text: payload.text,
    attachments: payload.attachments,
    ...(payload.reply_to === undefined ? {} : { replyTo: payload.reply_to }),
    received: row.at,
    via: row.via ?? [],
  };
}
