/**
 * A valid `msg_data` for each verb, in terms of two nodes and of constants: what the documents show and the test vectors sign.
 *
 * @typedef {{ nodeId: string, keyId: string, certificate: string }} Party
 * @typedef {{ ann: Party, ben: Party, hub: Party, channelId: string, channelNonce: string, message: string, record: string, sealed: string, newKey: string, statement: string, devices: string, fleeting: string }} Cast
 */

/** When everything in the examples happens. */
export const TIME = '2026-01-02T03:04:05.678Z';
export const MSG_ID = '6f1c3c0a-5b7e-4a54-9d0e-2b1f6a7c8d90';
/** The message that the example of a MESSAGE answers. */
export const REPLY_TO = '2c4e6a80-1b3d-4f50-8a6c-9e0d1f2b3a4c';
const OTHER_ID = '0d9f3a52-77c1-4c8e-8a11-5e6f7a8b9c0d';
const NONCE = `${'A'.repeat(42)}E=`;
const ROOT = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const CIRCUIT = 2403214771579355;
const SIGNATURE = `${'A'.repeat(86)}==`;

/**
 * @param {Cast} cast
 * @returns {Record<string, import('@parley/core').JsonObject>}
 */
export function examples({ ann, ben, hub, channelId, channelNonce, message, record, sealed, newKey, statement, devices, fleeting }) {
  const directed = { msg_id: MSG_ID, node_id: ann.nodeId, recipient_id: ben.nodeId };
  const told = { msg_id: MSG_ID, node_id: ann.nodeId };
  const membership = { msg_id: MSG_ID, node_id: ann.nodeId, channel: 'lobby', channel_id: channelId };
  return {
    HELLO: {
      node_id: ann.nodeId,
      version: 'example/1.0',
      attributes: { node_type: 'client', name: 'ann', relays: '1' },
      time: TIME,
      seen_address: '192.0.2.7:4717',
    },
    PROOF: { sig: SIGNATURE },
    BYE: { reason: 'going away' },
    TRANSFER_OPEN: { transfer: 0, kind: 'file', size: 11, meta: { name: 'a.txt' } },
    TRANSFER_CREDIT: { transfer: 0, bytes: 4194304 },
    TRANSFER_CLOSE: { transfer: 0 },
    ACK: { node_id: hub.nodeId, msg_id: MSG_ID, origin_id: ann.nodeId, recipient: [{ node_id: ben.nodeId }], also: [OTHER_ID] },
    NACK: { ...directed, recipient: [{ node_id: hub.nodeId }], reason: 'unknown destination', also: [OTHER_ID] },
    RECEIPT: { ...directed, recipient: [{ node_id: ann.nodeId }], state: 'delivered', also: [OTHER_ID] },
    ROUTING: {
      node_id: hub.nodeId,
      full: true,
      nodes: [
        { node_id: ann.nodeId, ttl: 1, latency_ms: 12, reliability: 1 },
        { node_id: ben.nodeId, ttl: 2 },
      ],
    },
    SEALED: { msg_id: MSG_ID, node_id: ann.nodeId, recipient: [{ node_id: ben.nodeId }], sealed },
    FLEETING: { msg_id: MSG_ID, node_id: ann.nodeId, recipient: [{ node_id: ben.nodeId }], channel_id: channelId, sealed: fleeting },
    TYPING: { msg_id: MSG_ID, node_id: ann.nodeId, channel_id: channelId, typing: true },
    PRESENCE: { msg_id: MSG_ID, node_id: ann.nodeId, recipient_id: ben.nodeId, state: 'away', idle_min: 12 },
    CHANNEL: {
      ...membership,
      members: [{ node_id: ann.nodeId }, { node_id: ben.nodeId }],
      creator: ann.keyId,
      nonce: channelNonce,
    },
    JOIN: membership,
    LEAVE: membership,
    MESSAGE: {
      msg_id: MSG_ID,
      node_id: ann.nodeId,
      recipient: [{ node_id: ben.nodeId }],
      timestamp: TIME,
      channel: 'lobby',
      channel_id: channelId,
      message,
    },
    HAVE: { ...directed, channel_id: channelId, have: [{ node_id: ann.nodeId, seq: 7 }] },
    WANT: { ...directed, channel_id: channelId, want: [{ node_id: ben.nodeId, from: 1, to: 3 }] },
    HISTORY: { ...directed, channel_id: channelId, messages: [message] },
    FILE_ASK: { ...directed, channel_id: channelId, root: ROOT },
    FILE_STATE: { ...directed, root: ROOT, have: [{ from: 0, to: 3 }] },
    FILE_WANT: { ...directed, channel_id: channelId, root: ROOT, level: 0, chunks: [4, 5] },
    FILE_CHUNK: { ...directed, request: OTHER_ID, index: 4, data: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYX' },
    CONTACT: { ...told, name: 'ann', text: 'It is me, from the garden' },
    CONTACT_ANSWER: { ...told, answer: 'accepted', asked: TIME },
    NEW_KEY: { ...told, statement: newKey },
    DEVICE_ASK: { ...told, name: 'ann', proof: NONCE },
    DEVICE_ANSWER: { ...told, name: 'ann', proof: NONCE, statement },
    DEVICE_FOLLOWS: { ...told, statement },
    DEVICES: { ...told, list: devices },
    DEVICE_NEWS: { ...told, rows: [{ key: `read/${channelId}`, time: Date.parse(TIME), value: 'ImN1cnNvciI=' }] },
    // Bytes of MLS, which say nothing to a reader: these are made up.
    SESSION: { ...told, package: 'AAEABQ==' },
    GETCERTIFICATE: directed,
    CERTIFICATE: { ...directed, certificate: ann.certificate },
    INVITE: {
      ...directed,
      channel: 'hideout',
      channel_id: channelId,
      creator: ann.keyId,
      nonce: channelNonce,
      entries: ['eyJ0eXAiOiJwYXJsZXktcm9sZSJ9.e30.AA'],
    },
    GETKEY: { ...directed, channel: '', channel_id: channelId },
    KEY: { ...directed, channel: '', channel_id: channelId, cipher: 'A256GCM', key: NONCE },
    PUBLISH: { node_id: ann.nodeId, record, store: true },
    FIND: { node_id: ben.nodeId, find_id: 1, target: ann.nodeId, depth: 1 },
    FOUND: { node_id: hub.nodeId, find_id: 1, record },
    RECORDS: { node_id: hub.nodeId, records: [record] },
    CIRCUIT_OPEN: { node_id: ann.nodeId, circuit: CIRCUIT, key: NONCE, depth: 1 },
    CIRCUIT_OPENED: { node_id: hub.nodeId, circuit: CIRCUIT, key: NONCE, sig: SIGNATURE },
    CELL: { node_id: ann.nodeId, circuit: CIRCUIT, cell: `${'A'.repeat(5461)}Q==` },
    CIRCUIT_CLOSE: { node_id: hub.nodeId, circuit: CIRCUIT, reason: 'idle' },
    EXTEND: { node_id: hub.nodeId, key: NONCE },
    EXTENDED: { key: NONCE, sig: SIGNATURE },
    CARRY: { msg_id: MSG_ID, recipient_id: ben.nodeId, custody: true, sealed },
    CARRIED: { msg_id: MSG_ID },
    REPORT: {
      report: {
        msg_type: 'RECEIPT',
        msg_data: { ...directed, recipient: [{ node_id: ann.nodeId }], state: 'delivered' },
        ttl: 32,
        flood: false,
      },
    },
    SEEK: { seek_id: 1, target: ben.nodeId, what: 'record' },
    SOUGHT: { seek_id: 1, found: record },
    HIDDEN: {
      msg_id: MSG_ID,
      node_id: hub.nodeId,
      proof: 'AAAAAAAAAAAAAAAAAAAAAA==',
      message: { msg_type: 'SEALED', msg_data: { ...told, recipient: [{ node_id: ben.nodeId }], sealed }, ttl: 32, flood: false },
    },
    CONNECT: { msg_id: MSG_ID, src_node_id: ann.nodeId, dst_node_id: ben.nodeId, dst: '', src: '192.0.2.7:40001' },
  };
}
