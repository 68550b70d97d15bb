import {
  base64,
  bodyOf,
  composeMessage,
  copyFor,
  dataJson,
  decodeAnnouncement,
  encodeAnnouncement,
  hex,
  onward,
  purposeBytes,
  verbs,
} from '@parley/core';
import { examples, TIME } from './examples.mjs';

/** @typedef {import('./cast.mjs').Member} Member */
/** @typedef {Awaited<ReturnType<typeof import('./cast.mjs').cast>>} People */

const SIGNATURE_BYTES = 64;
/** What a later version may add in front of the signature. */
const ADDED = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);

/** @param {string} what @param {Member} signer @param {'client' | 'server'} nodeType @param {number} port @param {Uint8Array} [added] */
async function announcementVector(what, signer, nodeType, port, added = new Uint8Array()) {
  const time = Date.parse(TIME);
  const { publicKey } = signer.identity;
  const made = await encodeAnnouncement({ nodeType, port, time, publicKey }, (data) => signer.identity.sign(data));
  const body = Uint8Array.from([...made.subarray(0, -SIGNATURE_BYTES), ...added]);
  const signs = purposeBytes('lan', base64(body));
  const sig = await signer.identity.sign(signs);
  const packet = Uint8Array.from([...body, ...sig]);
  return {
    what,
    signer: signer.name,
    node_type: nodeType,
    port,
    time,
    signs: new TextDecoder().decode(signs),
    sig: hex(sig),
    packet: hex(packet),
  };
}

/** Announcements on the local network. @param {People} people */
export async function lanVectors({ ann, hub }) {
  const server = await announcementVector('a server', hub, 'server', 4717);
  const rows = [
    server,
    await announcementVector('a client', ann, 'client', 40001),
    await announcementVector('of a later version', ann, 'client', 40001, ADDED),
  ];
  const good = Uint8Array.from(Buffer.from(server.packet, 'hex'));
  const changed = (/** @type {number} */ at, /** @type {number} */ byte) => hex(good.map((before, i) => (i === at ? byte : before)));
  const refused = [
    { why: 'another first byte', packet: changed(0, 0xc0) },
    { why: 'another version', packet: changed(1, 2) },
    { why: 'neither client nor server', packet: changed(2, 2) },
    { why: 'port 0', packet: hex(good.map((before, i) => (i === 4 || i === 5 ? 0 : before))) },
    { why: 'a time that no number holds', packet: changed(8, 0xff) },
    { why: 'too short', packet: hex(good.subarray(1)) },
    { why: 'another port than was signed', packet: changed(5, 1) },
  ];
  for (const { packet } of rows) if (!decodeAnnouncement(Buffer.from(packet, 'hex'))) throw new Error('an announcement of ours is none');
  return { good: rows, refused };
}

/** A directed message at a node that passes it on. @param {People} people */
export async function towardVector(people) {
  const { ann, ben, hub } = people;
  const verb = verbs.get('GETCERTIFICATE');
  const data = examples(people).GETCERTIFICATE;
  if (!verb || !data) throw new Error('there is no GETCERTIFICATE');
  const made = await composeMessage(ann.identity, verb, data, Date.parse(TIME));
  const came = { ...made, toward: hub.nodeId };
  const next = onward(came, hub.nodeId);
  const body = bodyOf(next, dataJson(verb, next.msg_data));
  const goesOn = (/** @type {string} */ what, /** @type {string | undefined} */ toward) => ({
    what,
    toward,
    message: copyFor(body, false, [], toward),
  });
  return {
    came: JSON.stringify(came),
    at: hub.nodeId,
    goes_on: [
      goesOn('to the recipient, or by ROUTING', undefined),
      goesOn('towards a server that the record of the recipient names', ben.nodeId),
    ],
    refused: ['', 'somewhere', hub.nodeId.toUpperCase(), hub.keyId].map((toward) => JSON.stringify({ ...made, toward })),
  };
}
