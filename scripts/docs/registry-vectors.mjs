import {
  answerBytes,
  FIND_PACKET,
  fromHex,
  hex,
  idOf,
  PING_PACKET,
  parseUdpAddress,
  pingBytes,
  purposeBytes,
  SessionKeys,
  STORE_PACKET,
  utf8,
  writeAnswer,
  writeQuestion,
  writeRetry,
} from '@parley/core';
import { crypto } from './cast.mjs';

/** @typedef {import('./cast.mjs').Member} Member */

/** Where the payload begins in a record. */
const PAYLOAD_AT = 97;
const counting = (/** @type {number} */ first, /** @type {number} */ length) => Uint8Array.from({ length }, (_, i) => (first + i) & 0xff);
const sessionOf = (/** @type {number} */ first) => new SessionKeys(crypto, crypto.agreementKey(counting(first, 32)));

/** @param {Member} client @param {Uint8Array} record */
function recordVector(client, record) {
  const payload = new TextDecoder().decode(record.subarray(PAYLOAD_AT));
  const signs = new TextDecoder().decode(purposeBytes('record', payload));
  return { signer: client.name, payload, signs, sig: hex(record.subarray(33, PAYLOAD_AT)), record: hex(record) };
}

/** Records, and packets between two servers, `ben` who asks and `hub` who answers. @param {Awaited<ReturnType<typeof import('./cast.mjs').cast>>} people */
export async function registryVectors({ ann, ben, hub, recordBytes: record }) {
  const [asking, answering] = [sessionOf(0x11), sessionOf(0x51)];
  const token = counting(0x70, 16);
  const target = idOf(ann.nodeId) ?? new Uint8Array();
  const address = parseUdpAddress('192.0.2.7:4717')?.bytes ?? new Uint8Array();
  const contact = Uint8Array.from([...ann.identity.publicKey, ...address]);
  const key = await answering.derive(asking.publicKey, 'answerer', hub.identity.publicKey);
  if (!key) throw new Error('these two have a key together');

  /** @type {object[]} */
  const packets = [];
  /**
   * @param {string} what
   * @param {import('@parley/core').QuestionBody} body
   * @param {{ token?: Uint8Array, wantsSignature?: boolean }} [how]
   */
  const ask = (what, body, how = {}) => {
    const transaction = counting(0x90 + packets.length, 8);
    const said = { transaction, key: ben.identity.publicKey, session: asking.publicKey };
    const packet = writeQuestion({ ...said, token: how.token, wantsSignature: how.wantsSignature ?? false, body });
    packets.push({ what, packet: hex(packet) });
    return { packet, transaction };
  };
  /**
   * @param {string} what
   * @param {ReturnType<typeof ask>} question
   * @param {Parameters<typeof writeAnswer>[1]} content
   * @param {boolean} signed
   */
  const answer = async (what, { packet, transaction }, content, signed) => {
    const signer = signed ? { key: hub.identity.publicKey, session: answering.publicKey } : undefined;
    const made = writeAnswer({ transaction, token, signer }, content, 1200);
    const hash = crypto.sha256(packet);
    const proof = signed ? await hub.identity.sign(answerBytes(hash, made.covered)) : answering.mac(key, hash, made.covered);
    made.packet.set(proof, made.covered.length);
    const by = signed ? { signer: hub.name, sig: hex(proof) } : { mac: hex(proof) };
    packets.push({ what, question_sha256: hex(hash), ...by, packet: hex(made.packet) });
  };

  const ping = ask('PING without a token, padded', { kind: PING_PACKET }, { wantsSignature: true });
  await answer('its answer, signed', ping, { kind: PING_PACKET }, true);
  const unsigned = ask('PING, to be signed', { kind: PING_PACKET, signature: new Uint8Array(64) }, { token }).packet.subarray(0, 92);
  packets.pop();
  const signature = await ben.identity.sign(pingBytes(hub.identity.publicKey, unsigned));
  const introduction = ask('PING that proves the asker, signed', { kind: PING_PACKET, signature }, { token });
  await answer('its answer, with an authenticator', introduction, { kind: PING_PACKET }, false);
  const find = ask('FIND', { kind: FIND_PACKET, target, nodesOnly: false }, { token });
  await answer('its answer: a record and a contact', find, { kind: FIND_PACKET, record, contacts: [contact] }, false);
  const store = ask('STORE', { kind: STORE_PACKET, record }, { token });
  await answer('its answer', store, { kind: STORE_PACKET, status: 'stored' }, false);
  packets.push({ what: 'RETRY, when the token is not good', packet: hex(writeRetry(store.transaction, counting(0xb0, 16))) });
  return {
    record: recordVector(ann, record),
    session: {
      asker: hex(asking.publicKey),
      answerer: hex(answering.publicKey),
      shared: hex(crypto.agreementKey(counting(0x51, 32)).agree(asking.publicKey)),
      key: hex(crypto.sha256(sessionBytes(asking, answering, hub))),
    },
    packets,
  };
}

/** @param {SessionKeys} asking @param {SessionKeys} answering @param {Member} hub */
function sessionBytes(asking, answering, hub) {
  const shared = crypto.agreementKey(counting(0x51, 32)).agree(asking.publicKey);
  const parts = [utf8('parley/session/1\n'), shared, asking.publicKey, answering.publicKey, hub.identity.publicKey];
  return fromHex(parts.map(hex).join('')) ?? new Uint8Array();
}
