import { createHash } from 'node:crypto';
import {
  base64,
  createIdentity,
  createSecret,
  encodeCompact,
  guidFromDigest,
  makeRecord,
  sealJwe,
  signJws,
  signKeyChange,
  signList,
  signStatement,
  splitSecret,
  utf8,
} from '@parley/core';
import { createCrypto } from '@parley/host';
import { MSG_ID, REPLY_TO, TIME } from './examples.mjs';

/** The nodes that examples and test vectors speak of: made from fixed seeds, with fixed serial numbers and dates. */
export const crypto = createCrypto();

/** Bytes that count up: as good as any, and anybody can write them down. */
const counting = (/** @type {number} */ first, /** @type {number} */ length) => Uint8Array.from({ length }, (_, i) => (first + i) & 0xff);

const unmoving = {
  now: () => Date.parse(TIME),
  monotonic: () => 0,
  after: () => ({ cancel() {} }),
};
export const random = { bytes: (/** @type {number} */ length) => counting(0xa0, length), number: () => 0.5 };

/**
 * @param {string} name
 * @param {number} first first byte of the seed, which counts up from it
 */
async function member(name, first) {
  const seed = counting(first, 32);
  const deps = { crypto, random, clock: unmoving };
  const { identity } = await createIdentity(deps, { name, seed });
  const { sealing } = splitSecret(createSecret(deps, seed));
  return {
    name,
    seed,
    sealingSecret: sealing,
    identity,
    nodeId: identity.nodeId,
    keyId: identity.keyId,
    certificate: base64(identity.certificate),
  };
}

/** @typedef {Awaited<ReturnType<typeof member>>} Member */

/** Who plays, and what they say: the same at every run. */
export async function cast() {
  const [ann, ben, hub] = await Promise.all([member('ann', 0x01), member('ben', 0x41), member('hub', 0x81)]);
  const channelNonce = base64(counting(0xc0, 32));
  const channelText = `parley/channel/1\n${ann.keyId}\n${channelNonce}`;
  const channelId = guidFromDigest(createHash('sha256').update(channelText).digest());
  const payload = {
    msg_id: MSG_ID,
    node_id: ann.nodeId,
    channel_id: channelId,
    timestamp: TIME,
    text: 'Grüße, all \u{1F44B}',
    attachments: [],
    seq: 1,
    reply_to: REPLY_TO,
  };
  const jws = await signJws(ann.identity, payload);
  const recordBytes = await exampleRecord(ann, hub);
  // What a member holds, told to one other: to its certificate.
  const have = { msg_id: MSG_ID, node_id: ann.nodeId, recipient_id: ben.nodeId, channel_id: channelId, have: [] };
  const inner = { msg_type: 'HAVE', msg_data: have };
  const sealedJwe = await sealJwe({ crypto, random }, ben.identity, { nodeId: ann.nodeId, msgId: MSG_ID }, inner);
  // As though she had taken his place.
  const newKey = await signKeyChange(ann.identity, ben.identity, Date.parse(TIME));
  const statement = await signStatement(hub.identity, ann.keyId, Date.parse(TIME));
  const device = {
    keyId: hub.keyId,
    nodeId: hub.nodeId,
    name: 'hub',
    added: Date.parse(TIME),
    statement: Buffer.from(statement, 'base64').toString(),
  };
  const list = { name: 'ann', seq: 1767323045, time: Date.parse(TIME), devices: [device], former: [] };
  const { signed: devices } = await signList(ann.identity, list);
  // That she is writing, to those who hold a key.
  const typing = { msg_type: 'TYPING', msg_data: { msg_id: MSG_ID, node_id: ann.nodeId, channel_id: channelId, typing: true } };
  const fleetingJwe = await sealJwe({ crypto, random }, CHANNEL_KEY, { nodeId: ann.nodeId, msgId: MSG_ID, channelId }, typing);
  const fleeting = encodeCompact(fleetingJwe);
  const encoded = { message: base64(utf8(jws)), record: base64(recordBytes), sealed: encodeCompact(sealedJwe), newKey, statement, devices };
  return {
    ann,
    ben,
    hub,
    channelNonce,
    channelText,
    channelId,
    payload,
    jws,
    recordBytes,
    inner,
    sealedJwe,
    typing,
    fleetingJwe,
    fleeting,
    ...encoded,
  };
}

/** What members of a closed channel hold. */
export const CHANNEL_KEY = { kid: '5d0a1b2c-3e4f-8a6b-9c7d-8e9f0a1b2c3d', key: Uint8Array.from({ length: 32 }, (_, i) => 0x30 + i) };

const DAY = 24 * 60 * 60_000;

/** What a client that is attached to a server says of itself. @param {Member} client @param {Member} server */
async function exampleRecord(client, server) {
  const content = {
    nodeType: /** @type {const} */ ('client'),
    endpoints: [],
    attachments: [{ keyId: server.keyId, endpoints: ['tls:192.0.2.7:4717'] }],
    metadata: { city: 'Graz' },
    sealed: [],
  };
  const time = Date.parse(TIME);
  return makeRecord(client.identity, content, { seq: 7, time, expires: time + DAY });
}
