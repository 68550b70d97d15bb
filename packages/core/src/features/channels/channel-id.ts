import type { Crypto } from '../../ports/crypto.ts';
import { utf8 } from '../../util/bytes.ts';
import { guidFromDigest } from '../../util/guid.ts';

/** Whether an id says to come from keys: that of a channel with an owner, or of a conversation of two. */
export const comesFromKeys = (channelId: string): boolean => channelId[14] === '8';

/**
 * The id of a channel with an owner: version 8, from SHA-256 of `parley/channel/1` LF the creator's key id LF the nonce (WIRE "channel_id").
 * `nonce`: base64 of 32 bytes, as CHANNEL carries it.
 */
export function ownedChannelId(crypto: Crypto, creatorKeyId: string, nonce: string): string {
  return guidFromDigest(crypto.sha256(utf8(`parley/channel/1\n${creatorKeyId}\n${nonce}`)));
}
