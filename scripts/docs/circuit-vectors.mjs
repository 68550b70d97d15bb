import { answer, base64, CircuitStream, canonicalJson, contentBytes, filled, hex, Layer, purposeBytes, SEEK, verbs } from '@parley/core';
import { crypto } from './cast.mjs';
import { examples } from './examples.mjs';

/** @typedef {import('./cast.mjs').Member} Member */
/** @typedef {Awaited<ReturnType<typeof import('./cast.mjs').cast>>} People */

const secret = (/** @type {number} */ first) => Uint8Array.from({ length: 32 }, (_, i) => first + i);
const random = { bytes: (/** @type {number} */ length) => new Uint8Array(length).fill(0x5a), number: () => 0.5 };

/** What passes between the maker of a circuit and one hop. @param {Member} hop @param {number} depth */
async function handshake(hop, depth) {
  const [makerSecret, hopSecret] = [secret(0x10 * depth), secret(0x10 * depth + 0x80)];
  const maker = await crypto.agreementKey(makerSecret);
  const key = base64(maker.publicKey);
  const deps = { crypto, random: { ...random, bytes: () => hopSecret } };
  const answered = await answer(deps, hop.identity, { key, depth });
  const fields = { depth, from: key, node_id: hop.nodeId, to: answered.said.key };
  return {
    row: {
      hop: hop.name,
      depth,
      maker_secret: hex(makerSecret),
      hop_secret: hex(hopSecret),
      from: key,
      to: answered.said.key,
      signs: new TextDecoder().decode(purposeBytes('circuit', canonicalJson(fields))),
      sig: answered.said.sig,
      forward: hex(answered.keys.forward),
      backward: hex(answered.keys.backward),
    },
    keys: answered.keys,
  };
}

/** Two hops, and one cell each way. @param {People} people */
export async function circuitVector(people) {
  const [first, second] = [await handshake(people.hub, 1), await handshake(people.ben, 2)];
  const stream = new CircuitStream({ verbs, pieceBytes: contentBytes(2), maxBytes: 65_536, received: () => {}, unknown: () => {} });
  const data = examples(people).SEEK;
  if (!data) throw new Error('there is no SEEK');
  const [content] = [...stream.pieces(SEEK, data)];
  const layer = (/** @type {Uint8Array} */ key, /** @type {number} */ depth) => new Layer(crypto, key, depth);
  const inner = await layer(second.keys.forward, 2).close(/** @type {Uint8Array} */ (content));
  const outward = filled(random, await layer(first.keys.forward, 1).wrap(inner));
  const fromSecond = filled(random, await layer(second.keys.backward, 2).close(/** @type {Uint8Array} */ (content)));
  const back = filled(random, await layer(first.keys.backward, 1).wrap(fromSecond));
  return {
    handshakes: [first.row, second.row],
    content: hex(/** @type {Uint8Array} */ (content)),
    outward: { at_first: base64(outward), at_second: base64(filled(random, inner)) },
    back: { from_second: base64(fromSecond), from_first: base64(back) },
  };
}
