import {
  base64,
  base64url,
  canonicalJson,
  composeMessage,
  dataHeader,
  ed25519Spki,
  fromHex,
  hex,
  jsonFrame,
  KEEP_ALIVE,
  keyIdOf,
  parseCertificate,
  parseJson,
  purposeBytes,
  safetyNumber,
  utf8,
  verbs,
} from '@parley/core';
import { backupVector } from './backup-vectors.mjs';
import { cast, crypto } from './cast.mjs';
import { circuitVector } from './circuit-vectors.mjs';
import { directVectors } from './direct-vectors.mjs';
import { examples, TIME } from './examples.mjs';
import { fileVectors } from './files-vectors.mjs';
import { registryVectors } from './registry-vectors.mjs';
import {
  BASE64,
  BASE64URL,
  DOUBLES,
  GUIDS,
  JSON_REFUSED,
  JSON_TEXTS,
  KEY_IDS_BAD,
  NAMES,
  RAW_KEYS,
  STREAMS_REFUSED,
  TIMESTAMPS,
} from './samples.mjs';
import { sealedVectors } from './sealed-vectors.mjs';
import { lanVectors, towardVector } from './way-vectors.mjs';

/**
 * @typedef {import('./cast.mjs').Member} Member
 * @typedef {import('@parley/core').JsonObject} JsonObject
 */

const text = (/** @type {Uint8Array} */ bytes) => new TextDecoder().decode(bytes);

/** @param {Member} member */
async function keyVector({ name, seed, sealingSecret, identity }) {
  const { publicKey, sealingKey, keyId, nodeId, certificate } = identity;
  const read = await parseCertificate(certificate, crypto);
  if (!read.sealingProof) throw new Error('a certificate of ours proves its sealing key');
  return {
    name,
    seed: hex(seed),
    public_key: hex(publicKey),
    spki_der: hex(ed25519Spki(publicKey)),
    key_id: keyId,
    node_id: nodeId,
    sealing_secret: hex(sealingSecret),
    sealing_key: hex(sealingKey),
    sealing_proof_signs: text(purposeBytes('sealing-key', base64(sealingKey))),
    sealing_proof: hex(read.sealingProof),
    certificate_serial: hex(read.serial),
    certificate_not_before: new Date(read.notBefore).toISOString(),
    certificate_not_after: new Date(read.notAfter).toISOString(),
    certificate_der: base64(certificate),
  };
}

/**
 * What `auth` covers for one verb, and the message that comes of it.
 *
 * @param {Member} sender
 * @param {import('@parley/core').AnyVerb} verb
 * @param {JsonObject} data
 */
async function authVector(sender, verb, data) {
  /** @type {Uint8Array[]} */
  const signed = [];
  const identity = {
    ...sender.identity,
    sign: (/** @type {Uint8Array} */ bytes) => {
      signed.push(bytes);
      return sender.identity.sign(bytes);
    },
  };
  const message = await composeMessage(identity, verb, data, Date.parse(TIME));
  const [bytes] = signed;
  if (!bytes || !message.auth) throw new Error(`${verb.name} was not signed`);
  return { verb: verb.name, signer: sender.name, signs: text(bytes), sig: message.auth.sig, message: JSON.stringify(message) };
}

/** @param {Awaited<ReturnType<typeof cast>>} people */
async function authVectors({ ann, ben, ...rest }) {
  const all = examples({ ann, ben, ...rest });
  const vectors = [];
  for (const verb of verbs.all()) {
    const data = all[verb.name];
    if (!data) throw new Error(`there is no example of ${verb.name}`);
    if (verb.spec.proof === 'auth') vectors.push(await authVector(ann, verb, data));
  }
  const connect = verbs.get('CONNECT');
  // The answer: the origin is the destination of the question.
  if (connect) vectors.push(await authVector(ben, connect, { ...all.CONNECT, src: '192.0.2.7:40001', dst: '40002' }));
  return vectors;
}

/**
 * Floods that are the same and floods that are not, though they bear one `msg_id`.
 *
 * @param {Awaited<ReturnType<typeof cast>>} people
 */
async function seenVectors({ ann, ben, ...rest }) {
  const [join, leave] = [verbs.get('JOIN'), verbs.get('LEAVE')];
  const data = examples({ ann, ben, ...rest }).JOIN;
  if (!join || !leave || !data) throw new Error('there is no JOIN or LEAVE');
  const first = JSON.parse((await authVector(ann, join, data)).message);
  const rows = [
    { what: 'a flood', message: first },
    { what: 'the same, passed on', message: { ...first, ttl: first.ttl - 1, via: [rest.hub.nodeId] } },
    { what: 'another verb of the same origin', message: JSON.parse((await authVector(ann, leave, data)).message) },
    { what: 'another origin', message: JSON.parse((await authVector(ben, join, { ...data, node_id: ben.nodeId })).message) },
  ];
  return rows.map(({ what, message }) => ({
    what,
    message: JSON.stringify(message),
    seen_as: [message.auth.key, message.msg_type, message.msg_data.msg_id],
  }));
}

/** @param {Member} from @param {Member} to @param {'dial' | 'listen'} role */
async function proofVector(from, to, role) {
  const nonces = { ann: base64(crypto.sha256(utf8('nonce of ann'))), ben: base64(crypto.sha256(utf8('nonce of ben'))) };
  const nonceOf = (/** @type {Member} */ { name }) => (name === 'ann' ? nonces.ann : nonces.ben);
  const fields = {
    role,
    from: from.keyId,
    to: to.keyId,
    nonce_from: nonceOf(from),
    nonce_to: nonceOf(to),
    binding: 'node.example.org:443',
  };
  const signs = purposeBytes('link', canonicalJson(fields));
  return { signer: from.name, ...fields, signs: text(signs), sig: base64(await from.identity.sign(signs)) };
}

/** @param {Awaited<ReturnType<typeof cast>>} people */
function messageVector({ ann, payload, jws, message }) {
  const [header = '', body = '', signature = ''] = jws.split('.');
  return {
    signer: ann.name,
    header: JSON.stringify({ alg: 'EdDSA', kid: ann.keyId }),
    payload: JSON.stringify(payload),
    signing_input: `${header}.${body}`,
    signature,
    jws,
    message,
  };
}

/** Order of the group (RFC 8032 section 5.1). */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** 32 bytes, little-endian. */
const little = (/** @type {bigint} */ value) => hex((fromHex(value.toString(16).padStart(64, '0')) ?? new Uint8Array()).reverse());

/** Signatures over one text, on which verifiers that are not strict disagree. @param {Member} signer */
async function signatureVectors({ identity }) {
  const covered = 'parley/test/1\nstrict';
  const good = hex(await identity.sign(utf8(covered)));
  const [r, s] = [good.slice(0, 64), good.slice(64)];
  const scalar = BigInt(`0x${hex((fromHex(s) ?? new Uint8Array()).reverse())}`);
  const key = hex(identity.publicKey);
  const zero = little(0n);
  const neutral = little(1n);
  const rows = [
    { why: 'it is right', public_key: key, sig: good, taken: true },
    { why: 'S is not below the order of the group', public_key: key, sig: r + little(scalar + ORDER), taken: false },
    { why: 'S has another value', public_key: key, sig: r + little((scalar + 1n) % ORDER), taken: false },
    { why: 'R is the neutral point', public_key: key, sig: neutral + s, taken: false },
    { why: 'the key is the neutral point, for which anything verifies', public_key: neutral, sig: neutral + zero, taken: false },
    {
      why: 'the key is the neutral point, written non-canonically',
      public_key: little(2n ** 255n - 18n),
      sig: neutral + zero,
      taken: false,
    },
    { why: 'the key is of order 4', public_key: zero, sig: neutral + zero, taken: false },
    { why: 'the signature is too short', public_key: key, sig: good.slice(2), taken: false },
  ];
  return rows.map((row) => ({ signs: covered, ...row }));
}

function frameVectors() {
  const bytes = utf8('Hello, world');
  const json = '{"ttl":1,"flood":false,"msg_type":"BYE","msg_data":{"reason":"tschüß"}}';
  return [
    { what: 'keep-alive', hex: hex(KEEP_ALIVE) },
    { what: 'message', json, hex: hex(jsonFrame(json)) },
    { what: 'data', transfer: 0, payload: hex(bytes), hex: hex(dataHeader(0, bytes.length)) + hex(bytes) },
    { what: 'data', transfer: 4294967295, payload: '', hex: hex(dataHeader(4294967295, 0)) },
  ];
}

/** @param {string} bits */
function double(bits) {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

const bytesOf = (/** @type {string} */ digits) => fromHex(digits) ?? new Uint8Array();

/** The test vectors, as they stand in `docs/protocol/vectors.json`. */
export async function vectors() {
  const people = await cast();
  const { ann, ben, hub } = people;
  return {
    about:
      'Generated from the implementation. Read docs/protocol/README.md. Bytes are hexadecimal unless base64 is named; texts are UTF-8.',
    time: TIME,
    keys: await Promise.all([ann, ben, hub].map(keyVector)),
    safety_number: { keys: [ann.name, ben.name], number: safetyNumber(crypto, ann.identity.publicKey, ben.identity.publicKey) },
    channel_id: { creator: ann.keyId, nonce: people.channelNonce, hashes: people.channelText, channel_id: people.channelId },
    auth: await authVectors(people),
    seen: await seenVectors(people),
    link_proof: [await proofVector(ann, ben, 'dial'), await proofVector(ben, ann, 'listen')],
    message: messageVector(people),
    sealed: await sealedVectors(people),
    direct: await directVectors(people),
    files: await fileVectors(),
    registry: await registryVectors(people),
    lan: await lanVectors(people),
    toward: await towardVector(people),
    circuit: await circuitVector(people),
    backup: await backupVector(people),
    signatures: await signatureVectors(ann),
    frames: frameVectors(),
    frames_refused: STREAMS_REFUSED,
    json_refused: JSON_REFUSED,
    jcs: JSON_TEXTS.map((json) => ({ json, canonical: canonicalJson(parseJson(json)) })),
    jcs_numbers: DOUBLES.map((bits) => ({ ieee754: bits, canonical: canonicalJson(double(bits)) })),
    key_ids: { good: RAW_KEYS.map((digits) => ({ public_key: digits, key_id: keyIdOf(bytesOf(digits)) })), bad: KEY_IDS_BAD },
    base64: { good: BASE64.good.map((digits) => ({ hex: digits, text: base64(bytesOf(digits)) })), bad: BASE64.bad },
    base64url: { good: BASE64URL.good.map((digits) => ({ hex: digits, text: base64url(bytesOf(digits)) })), bad: BASE64URL.bad },
    timestamps: TIMESTAMPS,
    guids: GUIDS,
    names: NAMES,
  };
}

/** `docs/protocol/vectors.json`. */
export async function vectorsDocument() {
  return `${JSON.stringify(await vectors(), undefined, 2)}\n`;
}
