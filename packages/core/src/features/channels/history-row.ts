import { fromBase64 } from '../../util/base64.ts';
import { peekJws } from '../../wire/jws.ts';
import { parseTimestamp } from '../../wire/message.ts';
import type { ChannelMessage, Payload } from './message.ts';

/** A message as it is kept, and where it stands in its channel's order. */
export interface StoredMessage extends ChannelMessage {
  /** Its place: greater comes later. A page ends before or begins after one. */
  readonly cursor: string;
  /** When it came to this node, in milliseconds since 1970. */
  readonly received: number;
  readonly way: Way;
}

/** How a message came here. */
export interface Way {
  /** The nodes that passed it on, in order. Unknown of what came by catch-up. */
  readonly via?: readonly string[];
  /** The member that gave it by catch-up. */
  readonly givenBy?: string;
}

/** A message on disk. */
export interface Row {
  /** Base64 of the JWS, as on the wire: the original signature is kept for others. */
  m: string;
  at: number;
  via?: readonly string[];
  /** The member that gave it by catch-up; what was kept before this was noted has neither. */
  by?: string;
}

const decoder = new TextDecoder();

/** Our own disk is trusted: signatures were checked before anything was written to it. */
export function readRow(cursor: string, value: string): StoredMessage | undefined {
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
    ...(payload.to === undefined ? {} : { to: payload.to }),
    received: row.at,
    way: row.by === undefined ? { via: row.via ?? [] } : { givenBy: row.by },
  };
}
