import type { Crypto } from '../ports/crypto.ts';
import type { Random } from '../ports/random.ts';
import { type Awaitable, chain } from '../util/awaitable.ts';
import { concat, utf8 } from '../util/bytes.ts';
import { ParleyError } from '../util/errors.ts';
import { hmac } from './hkdf.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What sealing adds: the sender's key, made for this once, and the tag. */
export const SEALING_BYTES = KEY_BYTES + TAG_BYTES;
const NONE = new Uint8Array(0);
/** DHKEM(X25519, HKDF-SHA256). */
const KEM = concat(utf8('KEM'), Uint8Array.of(0x00, 0x20));

/** That, HKDF-SHA256, and an AEAD: its number in RFC 9180 section 7.3, and the bytes of its key. */
export interface HpkeSuite {
  readonly id: Uint8Array;
  readonly keyBytes: number;
}
const suite = (aead: number): Uint8Array => concat(utf8('HPKE'), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, aead));
/** What all of Parley's own seals use. */
const AES_256: HpkeSuite = { id: suite(0x02), keyBytes: KEY_BYTES };
/** What MLS asks for in its first cipher suite (RFC 9420 section 17.1). */
export const AES_128: HpkeSuite = { id: suite(0x01), keyBytes: 16 };

/** Whatever holds the X25519 key that things are sealed to: an Identity. */
export interface Unsealer {
  readonly sealingKey: Uint8Array;
  agree(publicKey: Uint8Array): Awaitable<Uint8Array>;
}

/**
 * Seals to an X25519 key: HPKE (RFC 9180), base mode, one message. Returns the sender's key and the ciphertext behind it. `info`: what it is for; both
 * sides say the same. Errors: `bad-argument` for a key that is none.
 */
export async function seal(
  deps: { readonly crypto: Crypto; readonly random: Random },
  to: Uint8Array,
  info: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array = NONE,
  suite: HpkeSuite = AES_256,
): Promise<Uint8Array<ArrayBuffer>> {
  const { crypto } = deps;
  const ephemeral = await crypto.agreementKey(deps.random.bytes(KEY_BYTES));
  const { key, nonce } = schedule(crypto, await ephemeral.agree(to), concat(ephemeral.publicKey, to), info, suite);
  return concat(ephemeral.publicKey, await crypto.seal(key, nonce, plaintext, aad));
}

/** What was sealed to us; undefined where it was not, or for something else. */
export function unseal(
  crypto: Crypto,
  own: Unsealer,
  info: Uint8Array,
  sealed: Uint8Array,
  aad: Uint8Array = NONE,
  suite: HpkeSuite = AES_256,
): Awaitable<Uint8Array | undefined> {
  if (sealed.length < SEALING_BYTES) return undefined;
  const from = sealed.subarray(0, KEY_BYTES);
  let shared: Awaitable<Uint8Array>;
  try {
    shared = own.agree(from);
  } catch (error) {
    if (error instanceof ParleyError) return undefined;
    throw error;
  }
  return chain(shared, (secret) => {
    const { key, nonce } = schedule(crypto, secret, concat(from, own.sealingKey), info, suite);
    return crypto.open(key, nonce, sealed.subarray(KEY_BYTES), aad);
  });
}

/** ExtractAndExpand of the KEM (RFC 9180 section 4.1), and KeySchedule in base mode (section 5.1). */
function schedule(
  crypto: Crypto,
  dh: Uint8Array,
  context: Uint8Array,
  info: Uint8Array,
  { id, keyBytes }: HpkeSuite,
): { key: Uint8Array; nonce: Uint8Array } {
  const secret = expand(crypto, KEM, extract(crypto, KEM, NONE, 'eae_prk', dh), 'shared_secret', context, KEY_BYTES);
  const idHash = extract(crypto, id, NONE, 'psk_id_hash', NONE);
  const around = concat(Uint8Array.of(0), idHash, extract(crypto, id, NONE, 'info_hash', info));
  const prk = extract(crypto, id, secret, 'secret', NONE);
  return {
    key: expand(crypto, id, prk, 'key', around, keyBytes),
    nonce: expand(crypto, id, prk, 'base_nonce', around, NONCE_BYTES),
  };
}

/** DeriveKeyPair of the KEM (RFC 9180 section 7.1.3): the X25519 secret that belongs to some input. */
export function deriveSecret(crypto: Crypto, ikm: Uint8Array): Uint8Array {
  return expand(crypto, KEM, extract(crypto, KEM, NONE, 'dkp_prk', ikm), 'sk', NONE, KEY_BYTES);
}

/** LabeledExtract (RFC 9180 section 4). */
function extract(crypto: Crypto, suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array {
  return hmac(crypto, salt, concat(utf8('HPKE-v1'), suite, utf8(label), ikm));
}

/** LabeledExpand, of at most one block. */
function expand(crypto: Crypto, suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array {
  const labelled = concat(Uint8Array.of(0, length), utf8('HPKE-v1'), suite, utf8(label), info);
  return hmac(crypto, prk, concat(labelled, Uint8Array.of(1))).subarray(0, length);
}
