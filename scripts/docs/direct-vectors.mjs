import { createHash } from 'node:crypto';
import { base64, encodeCompact, guidFromDigest, hex, loadGroups, sealJwe } from '@parley/core';
import { crypto, random } from './cast.mjs';
import { MSG_ID } from './examples.mjs';

const KEY = Uint8Array.from({ length: 32 }, (_, i) => 0x50 + i);
const LIMITS = { keepSkipped: 10, maxSkipped: 100 };

/** Other bytes each time, and the same at every run: in MLS no two keys may be alike. @param {string} name */
function drawn(name) {
  let count = 0;
  const block = () => createHash('sha256').update(`${name} ${count++}`).digest();
  return {
    number: () => 0.5,
    bytes: (/** @type {number} */ length) => {
      const blocks = Array.from({ length: Math.ceil(length / 32) }, block);
      return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
    },
  };
}

/** @param {string} jwe */
const headerOf = (jwe) => Buffer.from(jwe.split('.')[0] ?? '', 'base64url').toString();

/**
 * A session of two, begun by `ann` with what `ben` has offered, and messages whose keys go through it: to him alone, and to him and another.
 *
 * @param {Awaited<ReturnType<typeof import('./cast.mjs').cast>>} people
 */
export async function directVectors({ ann, ben, hub, message }) {
  const { Groups } = await loadGroups();
  const groupsOf = (/** @type {typeof ann} */ { name, identity }) => new Groups({ crypto, random: drawn(name) }, identity, LIMITS);
  const [mine, his, hubs] = [groupsOf(ann), groupsOf(ben), groupsOf(hub)];
  const offer = await his.offer();
  const { group, welcome } = await mine.begin(ben.identity.publicKey, offer.offered);
  const { group: moved, wrapped } = await mine.wrap(group, KEY);
  const { wrapped: again } = await mine.wrap(moved, KEY);
  const other = await mine.begin(hub.identity.publicKey, (await hubs.offer()).offered);
  const { wrapped: forHub } = await mine.wrap(other.group, KEY);
  const pair = [ann.keyId, ben.keyId].sort().join('\n');
  const hashes = `parley/direct/1\n${pair}`;
  const channelId = guidFromDigest(createHash('sha256').update(hashes).digest());
  const about = { nodeId: ann.nodeId, msgId: MSG_ID, channelId };
  const content = { message };
  const one = await sealJwe({ crypto, random }, { kid: group.id, key: KEY, wrapped }, about, content);
  const each = [
    { nodeId: ben.nodeId, kid: group.id, wrapped: again },
    { nodeId: hub.nodeId, kid: other.group.id, wrapped: forHub },
  ];
  const several = await sealJwe({ crypto, random }, { kid: MSG_ID, key: KEY, each }, about, content);
  return {
    conversation: { between: [ann.name, ben.name], hashes, channel_id: channelId },
    session: {
      from: ann.name,
      to: ben.name,
      key_package: base64(offer.offered),
      init_secret: hex(offer.secret.subarray(0, 32)),
      leaf_secret: hex(offer.secret.subarray(32)),
      welcome: base64(welcome),
      session: group.id,
    },
    content_key: hex(KEY),
    content: JSON.stringify(content),
    to_one: { header: headerOf(one), wrapped: hex(wrapped), jwe: one, message: encodeCompact(one) },
    to_several: {
      header: headerOf(several),
      parts: each.map(({ nodeId, kid, wrapped: bytes }) => ({ node_id: nodeId, session: kid, wrapped: hex(bytes) })),
      jwe: several,
      message: encodeCompact(several),
    },
  };
}
