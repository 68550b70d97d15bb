import { encodeCompact, hex, sealJwe } from '@parley/core';
import { crypto, random } from './cast.mjs';
import { MSG_ID } from './examples.mjs';

const KEY = Uint8Array.from({ length: 32 }, (_, i) => 0x30 + i);
const KID = '5d0a1b2c-3e4f-8a6b-9c7d-8e9f0a1b2c3d';

/** @param {string} jwe */
const headerOf = (jwe) => Buffer.from(jwe.split('.')[0] ?? '', 'base64url').toString();

/** One inner verb, sealed to the certificate of `ben`, and a message sealed with a key. @param {Awaited<ReturnType<typeof import('./cast.mjs').cast>>} people */
export async function sealedVectors({ ann, ben, channelId, inner, sealedJwe, message }) {
  const about = { nodeId: ann.nodeId, msgId: MSG_ID, channelId };
  const content = { message };
  const jwe = await sealJwe({ crypto, random }, { kid: KID, key: KEY }, about, content);
  return {
    to_certificate: {
      from: ann.name,
      to: ben.name,
      header: headerOf(sealedJwe),
      content: JSON.stringify(inner),
      jwe: sealedJwe,
      sealed: encodeCompact(sealedJwe),
    },
    with_key: {
      from: ann.name,
      kid: KID,
      key: hex(KEY),
      header: headerOf(jwe),
      content: JSON.stringify(content),
      jwe,
      sealed: encodeCompact(jwe),
    },
  };
}
