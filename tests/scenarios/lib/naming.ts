import { type Attachment, base64, type FileAbout, MESSAGE, signJws, timestamp } from '@parley/core';
import type { Network } from './network.ts';
import { guid } from './stranger.ts';

/** Another key, digest and size than the true ones: whoever has only seen the root of a file go by knows none of them. */
export const byRoot = ({ root }: Pick<FileAbout, 'root'>): Attachment => ({
  sha256: '0'.repeat(64),
  type: 'text/plain',
  size: 5,
  name: 'x',
  root,
  key: base64(new Uint8Array(32)),
});

/** All that is to be known of a file. */
export const byKey = ({ root, key, sha256, size }: FileAbout): Attachment => ({
  sha256,
  type: 'text/plain',
  size,
  name: 'x',
  root,
  key: base64(key),
});

interface Saying {
  readonly seq?: number;
  readonly text?: string;
  /** Ids of messages are their senders' own choice. */
  readonly msgId?: string;
  /** Of the one attachment. */
  readonly content?: string;
}

/** A member of a public channel says to others that these are attached, and gives none of it but `content`. */
export async function nameTo(
  net: Network,
  [host, ...to]: readonly [string, ...string[]],
  channelId: string,
  attachments: readonly Attachment[],
  { seq = 1, text = 'hi', msgId: msg_id = guid(1000 + seq), content }: Saying = {},
): Promise<void> {
  const { identity, node } = net.get(host);
  const about = { msg_id, channel_id: channelId, timestamp: timestamp(net.world.clock.now()) };
  const payload = { ...about, node_id: identity.nodeId, text, attachments: attachments.map((one) => ({ ...one })), seq };
  const message = base64(new TextEncoder().encode(await signJws(identity, payload)));
  const recipients = to.map((one) => net.idOf(one));
  const bytes = content === undefined ? [] : [{ attachment: base64(new TextEncoder().encode(content)), attachment_type: 'text/plain' }];
  const recipient = recipients.map((node_id) => ({ node_id }));
  const data = { ...about, recipient, channel: 'lobby', message, ...(bytes.length > 0 ? { attachment: bytes } : {}) };
  await net.world.until(node.overlay.entrust(MESSAGE, data, { msgId: msg_id, recipients, receipts: true }));
  const has = (one: string): boolean =>
    net.get(one).shown.some(({ message: shown }) => shown.sender === identity.nodeId && shown.seq === seq);
  await net.world.runUntil(() => to.every(has), { limitMs: 60_000, what: `that ${to.join()} have what ${host} names` });
}
