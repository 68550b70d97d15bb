import { SEALING_BYTES, seal, type Unsealer, unseal } from '../identity/hpke.ts';
import { purposeBytes } from '../identity/signature.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { Random } from '../ports/random.ts';
import { type Awaitable, chain } from '../util/awaitable.ts';
import { base64, base64url, fromBase64, fromBase64url } from '../util/base64.ts';
import { concat, utf8 } from '../util/bytes.ts';
import { guidBytes, guidFromBytes } from '../util/guid.ts';
import { type JsonObject, parseJson } from './json.ts';

/** Key management by HPKE to the X25519 key of a certificate: RFC 7516 knows no name for it, so that it is one of ours. */
const TO_CERTIFICATE = 'parley-hpke';
/** The content key goes through the ratchet of two. */
const BY_RATCHET = 'parley-mls';
/** The same through the ratchets of several, each with one of the recipients. */
const BY_RATCHETS = 'parley-mls-each';
/** Bytes of a content key as a ratchet wraps it, at most: about three times what it takes. */
const MAX_WRAPPED_BYTES = 512;
/** Recipients of one message by ratchets: two people with all of their devices, and more. */
export const MAX_RATCHETS = 32;
/** Most characters of the encoded header: about twice what ours take. */
export const MAX_JWE_HEADER = 1024;
/** Plaintexts are made a multiple of this long, so that their length says little. */
export const PADDING_BYTES = 256;

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NONE = new Uint8Array(0);
const INFO = purposeBytes('sealed', '');

/** A symmetric key by its id: of an epoch of a closed channel, for example. */
export interface ContentKey {
  /** A GUID. */
  readonly kid: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** Where the key is for this once: how the other side gets it. */
  readonly wrapped?: Uint8Array;
  /** Where there are several others: how each of them gets it. */
  readonly each?: readonly Wrapped[];
}

/** A content key as it goes through the ratchet with one node. */
export interface Wrapped {
  readonly nodeId: string;
  /** The ratchet, a GUID. */
  readonly kid: string;
  readonly wrapped: Uint8Array;
}

/** Whom something is sealed to, by certificate. */
export interface SealingTarget {
  readonly nodeId: string;
  readonly keyId: string;
  /** Raw X25519 public key, 32 bytes. */
  readonly sealingKey: Uint8Array;
}

/** The message around it. It stands in the protected header, so that what was sealed for one message opens in no other. */
export interface Binding {
  /** The origin. */
  readonly nodeId: string;
  readonly msgId: string;
  readonly channelId?: string | undefined;
}

/** A compact JWE (RFC 7516), taken apart and not opened. */
export interface Jwe {
  /** A key id where it is sealed to a certificate; else the id of the key. */
  readonly kid: string;
  readonly toCertificate: boolean;
  /** The content key has to be asked of a ratchet. */
  readonly byRatchet: boolean;
  /** Of several ratchets: what is for each recipient. */
  readonly each: readonly Wrapped[] | undefined;
  readonly header: string;
  readonly encryptedKey: Uint8Array;
  readonly nonce: Uint8Array;
  /** With its tag behind it. */
  readonly ciphertext: Uint8Array;
}

interface SealingDeps {
  readonly crypto: Crypto;
  readonly random: Random;
}

/** Seals to a certificate, or with a key that both sides hold: a compact JWE of `content` as JSON. */
export async function sealJwe(deps: SealingDeps, to: SealingTarget | ContentKey, about: Binding, content: JsonObject): Promise<string> {
  const { crypto, random } = deps;
  const direct = 'kid' in to;
  const alg = direct ? (to.each ? BY_RATCHETS : to.wrapped ? BY_RATCHET : 'dir') : TO_CERTIFICATE;
  const header = base64url(utf8(JSON.stringify(headerOf(alg, direct ? to.kid : to.keyId, about))));
  const aad = utf8(header);
  const key = direct ? to.key : random.bytes(KEY_BYTES);
  const encryptedKey = direct ? (to.each ? joined(to.each) : (to.wrapped ?? NONE)) : await seal(deps, to.sealingKey, INFO, key, aad);
  const nonce = random.bytes(NONCE_BYTES);
  const sealed = await crypto.seal(key, nonce, padded(content), aad);
  const split = sealed.length - TAG_BYTES;
  return [header, base64url(encryptedKey), base64url(nonce), base64url(sealed.subarray(0, split)), base64url(sealed.subarray(split))].join(
    '.',
  );
}

/** A compact JWE as base64, the way the wire carries it. */
export const encodeCompact = (compact: string): string => base64(utf8(compact));

const ascii = new TextDecoder('utf-8', { fatal: true });

/** The parts of a compact JOSE object in base64: three of a JWS, five of a JWE (RFC 7516 section 9). Undefined for what is no text. */
export function compactParts(encoded: string): string[] | undefined {
  const bytes = fromBase64(encoded);
  if (!bytes) return undefined;
  try {
    return ascii.decode(bytes).split('.');
  } catch {
    return undefined;
  }
}

/** Takes a JWE apart. Undefined when it is malformed in any way, or was made for another message. */
export function readJwe(parts: readonly string[], about: Binding): Jwe | undefined {
  if (parts.length !== 5) return undefined;
  const [header, keyText, nonceText, bodyText, tagText] = parts as [string, string, string, string, string];
  const fields = header.length <= MAX_JWE_HEADER ? jsonIn(fromBase64url(header)) : undefined;
  if (!fields || typeof fields.kid !== 'string' || 'crit' in fields || 'zip' in fields) return undefined;
  const toCertificate = fields.alg === TO_CERTIFICATE;
  const byRatchet = fields.alg === BY_RATCHET;
  const byRatchets = fields.alg === BY_RATCHETS;
  if (!toCertificate && !byRatchet && !byRatchets && fields.alg !== 'dir') return undefined;
  for (const [name, value] of Object.entries(headerOf(fields.alg as string, fields.kid, about)))
    if (fields[name] !== value) return undefined;
  if (about.channelId === undefined && 'channel_id' in fields) return undefined;
  const encryptedKey = fromBase64url(keyText);
  const nonce = fromBase64url(nonceText);
  const body = fromBase64url(bodyText);
  const tag = fromBase64url(tagText);
  const keyBytes = toCertificate ? KEY_BYTES + SEALING_BYTES : 0;
  const each = byRatchets && encryptedKey ? parted(encryptedKey) : undefined;
  const fits = byRatchets
    ? each !== undefined
    : byRatchet
      ? (encryptedKey?.length ?? 0) > 0 && (encryptedKey?.length ?? 0) <= MAX_WRAPPED_BYTES
      : encryptedKey?.length === keyBytes;
  if (!encryptedKey || !fits || nonce?.length !== NONCE_BYTES || !body || tag?.length !== TAG_BYTES) return undefined;
  return { kid: fields.kid, toCertificate, byRatchet, each, header, encryptedKey, nonce, ciphertext: concat(body, tag) };
}

/** What was sealed with a key, or to a certificate; undefined where it does not open. */
export function openJwe(crypto: Crypto, jwe: Jwe, by: Unsealer | Uint8Array): Awaitable<JsonObject | undefined> {
  const aad = utf8(jwe.header);
  const key = by instanceof Uint8Array ? by : unseal(crypto, by, INFO, jwe.encryptedKey, aad);
  return chain(key, (found) => {
    if (found?.length !== KEY_BYTES) return undefined;
    return chain(crypto.open(found, jwe.nonce, jwe.ciphertext, aad), jsonIn);
  });
}

function headerOf(alg: string, kid: string, { nodeId, msgId, channelId }: Binding): Record<string, string> {
  return { alg, enc: 'A256GCM', kid, node_id: nodeId, msg_id: msgId, ...(channelId === undefined ? {} : { channel_id: channelId }) };
}

/** For each recipient 16 bytes of its node id, 16 of its ratchet, the length of what is wrapped in two, and that. */
function joined(each: readonly Wrapped[]): Uint8Array {
  return concat(
    ...each.flatMap(({ nodeId, kid, wrapped }) => [
      guidBytes(nodeId),
      guidBytes(kid),
      Uint8Array.of(wrapped.length >> 8, wrapped.length & 0xff),
      wrapped,
    ]),
  );
}

/** Undefined for what is malformed. */
function parted(bytes: Uint8Array): Wrapped[] | undefined {
  const found: Wrapped[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = ((bytes[at + 32] ?? 0) << 8) | (bytes[at + 33] ?? 0);
    const end = at + 34 + length;
    if (length === 0 || length > MAX_WRAPPED_BYTES || end > bytes.length || found.length >= MAX_RATCHETS) return undefined;
    const wrapped = bytes.subarray(at + 34, end);
    found.push({ nodeId: guidFromBytes(bytes.subarray(at, at + 16)), kid: guidFromBytes(bytes.subarray(at + 16, at + 32)), wrapped });
    at = end;
  }
  return found.length > 0 ? found : undefined;
}

/** JSON with white space behind it. */
function padded(content: JsonObject): Uint8Array {
  const text = utf8(JSON.stringify(content));
  const bytes = new Uint8Array(Math.ceil(text.length / PADDING_BYTES) * PADDING_BYTES).fill(0x20);
  bytes.set(text);
  return bytes;
}

function jsonIn(bytes: Uint8Array | undefined): JsonObject | undefined {
  if (!bytes) return undefined;
  try {
    return parseJson(bytes);
  } catch {
    return undefined;
  }
}
