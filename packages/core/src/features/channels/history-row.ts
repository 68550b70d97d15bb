import { fromBase64 } from '../../util/base64.ts';
import { peekJws } from '../../wire/jws.ts';
import { parseTimestamp } from '../../wire/message.ts';
import type { Standing } from './act.ts';
import type { ChannelMessage, Payload } from './message.ts';

/** A message as it is kept, and where it stands in its channel's order. */
export interface StoredMessage extends ChannelMessage {
  /** Its place: greater comes later. A page ends before or begins after one. */
  readonly cursor: string;
  /** When it came to this node, in milliseconds since 1970. */
  readonly received: number;
  readonly way: Way;
  /** What became of it since; not there where nothing did. */
  readonly standing?: Standing;
}

/** How a message came here. */
export interface Way {
  /** The nodes that passed it on, in order. Unknown of what came by catch-up. */
  readonly via?: readonly string[];
  /** The member that gave it by catch-up. */
  readonly givenBy?: string;
}

/** What is left of a message that was deleted: enough for its place to be known, and nothing of what it said. */
type Stub = Omit<ChannelMessage, 'text' | 'attachments'>;

export interface Row {
  /** Base64 of the JWS, as on the wire: the original signature is kept for others. Empty of what was deleted. */
  m: string;
  at: number;
  via?: readonly string[];
  /** The member that gave it by catch-up; what was kept before this was noted has neither. */
  by?: string;
  gone?: Stub & { readonly deleted?: Standing['deleted'] };
  /** What it says of how long it lasts does not count. */
  stays?: true;
}

export function rowOf(signed: string, received: number, { via, givenBy }: Way, stays?: true): Row {
  const row: Row = { m: signed, at: received };
  // A message without either came straight from its sender, or is our own.
  if (via && via.length > 0) row.via = via;
  if (givenBy !== undefined) row.by = givenBy;
  if (stays) row.stays = stays;
  return row;
}

/** The row of a message that is no more. */
export function stubOf(
  { channelId, sender, keyId, msgId, seq, timestamp, received, lifetime }: StoredMessage,
  deleted: Standing['deleted'],
): Row {
  const about = { channelId, sender, keyId, msgId, seq, timestamp, ...(lifetime === undefined ? {} : { lifetime }) };
  return { m: '', at: received, gone: deleted ? { ...about, deleted } : about };
}

const decoder = new TextDecoder();

/** Our own disk is trusted: signatures were checked before anything was written to it. */
export function readRow(cursor: string, value: string): StoredMessage | undefined {
  const row = JSON.parse(value) as Row;
  const way: Way = row.by === undefined ? { via: row.via ?? [] } : { givenBy: row.by };
  if (row.gone) {
    const { deleted, ...stub } = row.gone;
    const standing = deleted ? { standing: { deleted } } : {};
    return { ...stub, text: '', attachments: [], cursor, received: row.at, way, ...standing };
  }
  const bytes = fromBase64(row.m);
  const read = bytes && peekJws(decoder.decode(bytes));
  if (!read) return undefined;
  const { act, reply_to: replyTo, ...payload } = read.payload as unknown as Payload;
  return {
    cursor,
    channelId: payload.channel_id,
    sender: payload.node_id,
    keyId: read.kid,
    msgId: payload.msg_id,
    seq: payload.seq ?? 0,
    ...(payload.after === undefined ? {} : { after: payload.after }),
    timestamp: parseTimestamp(payload.timestamp) ?? 0,
    text: payload.text,
    attachments: payload.attachments,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(act === undefined ? {} : { act: { kind: act.kind, msgId: act.msg_id, sender: act.node_id, seq: act.seq } }),
    ...(payload.to === undefined ? {} : { to: payload.to }),
    ...(payload.lifetime === undefined ? {} : row.stays ? { stays: row.stays } : { lifetime: payload.lifetime }),
    received: row.at,
    way,
  };
}
