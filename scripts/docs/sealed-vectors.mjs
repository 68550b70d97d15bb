import { encodeCompact, hex, sealJwe } from '@parley/core';
import { CHANNEL_KEY, crypto, random } from './cast.mjs';
import { MSG_ID } from './examples.mjs';

/** @param {string} jwe */
const headerOf = (jwe) => Buffer.from(jwe.split('.')[0] ?? '', 'base64url').toString();

/** One inner verb, sealed to the certificate of `ben`; a message, and something fleeting, sealed with a key. @param {Awaited<ReturnType<typeof import('./cast.mjs').cast>>} people */
export async function sealedVectors({ ann, ben, channelId, inner, sealedJwe, message, typing, fleetingJwe }) {
  const about = { nodeId: ann.nodeId, msgId: MSG_ID, channelId };
  const content = { message };
  const jwe = await sealJwe({ crypto, random }, CHANNEL_KEY, about, content);
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
      kid: CHANNEL_KEY.kid,
      key: hex(CHANNEL_KEY.key),
      header: headerOf(jwe),
      content: JSON.stringify(content),
      jwe,
      sealed: encodeCompact(jwe),
    },
    fleeting: {
      from: ann.name,
      kid: CHANNEL_KEY.kid,
      key: hex(CHANNEL_KEY.key),
      header: headerOf(fleetingJwe),
      content: JSON.stringify(typing),
      jwe: fleetingJwe,
      sealed: encodeCompact(fleetingJwe),
    },
  };
}
