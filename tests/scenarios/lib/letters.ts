import { base64, type Identity, type JsonObject, MESSAGE, type Message, signJws, timestamp } from '@parley/core';
import { guid } from './stranger.ts';

/** A channel that nobody is in. */
const NOWHERE = guid(7);

export interface LetterOptions {
  readonly ttl?: number;
  /** Characters of text. */
  readonly size?: number;
  readonly channelId?: string;
  /** Milliseconds since 1970. */
  readonly at?: number;
}

/** A MESSAGE as its sender signs it. */
export async function letter(from: Identity, number: number, to: readonly string[], options: LetterOptions = {}): Promise<Message> {
  const { ttl = 32, size = 10, channelId = NOWHERE, at = Date.UTC(2026, 0, 1) } = options;
  const around = { msg_id: guid(number), node_id: from.nodeId, channel_id: channelId, timestamp: timestamp(at) };
  const jws = await signJws(from, { ...around, text: 'A'.repeat(size), attachments: [], seq: number + 1 });
  const msg_data: JsonObject = {
    ...around,
    recipient: to.map((node_id) => ({ node_id })),
    channel: 'x',
    message: base64(new TextEncoder().encode(jws)),
  };
  return { ttl, flood: false, msg_type: MESSAGE.name, msg_data };
}

/** A MESSAGE in the name of somebody who never said it: signed by another, or not at all. */
export async function forged(victim: string, number: number, to: readonly string[], by?: Identity): Promise<Message> {
  const data: JsonObject = {
    msg_id: guid(number),
    node_id: victim,
    recipient: to.map((node_id) => ({ node_id })),
    timestamp: '2026-01-01T00:00:00.000Z',
    channel: 'x',
    channel_id: NOWHERE,
    message: 'AAAA',
  };
  if (by) data.message = (await letter(by, number, to)).msg_data.message as string;
  return { ttl: 32, flood: false, msg_type: MESSAGE.name, msg_data: data };
}
