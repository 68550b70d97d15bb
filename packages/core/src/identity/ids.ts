import { base58 } from '@scure/base';
import type { Crypto } from '../ports/crypto.ts';
import { LruMap } from '../util/bounded.ts';
import { concat, latin } from '../util/bytes.ts';
import { ParleyError } from '../util/errors.ts';
import { guidBytesFromDigest, guidFromBytes } from '../util/guid.ts';

/** Bytes of a raw Ed25519 or X25519 public key. */
export const PUBLIC_KEY_BYTES = 32;

const KEY_ID_PREFIX = 'key_';
/** 32 bytes in base58: 44 digits, or fewer when the number is small; each leading zero byte is one digit. */
const MIN_KEY_ID_LENGTH = KEY_ID_PREFIX.length + 32;
const MAX_KEY_ID_LENGTH = KEY_ID_PREFIX.length + 44;

/** DER of a SubjectPublicKeyInfo with an Ed25519 key (RFC 8410 section 4), up to where the 32 bytes of the key begin. */
const ED25519_SPKI_PREFIX = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);

/** DER SubjectPublicKeyInfo, 44 bytes, of a raw Ed25519 public key. Throws `bad-argument` unless the key has 32 bytes. */
export function ed25519Spki(publicKey: Uint8Array): Uint8Array<ArrayBuffer> {
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new ParleyError('bad-argument', 'an Ed25519 public key has 32 bytes');
  return concat(ED25519_SPKI_PREFIX, publicKey);
}

/** The raw key, 32 bytes, in a DER SubjectPublicKeyInfo; undefined when that holds anything but an Ed25519 key. */
export function ed25519FromSpki(spki: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (spki.length !== ED25519_SPKI_PREFIX.length + PUBLIC_KEY_BYTES) return undefined;
  for (let i = 0; i < ED25519_SPKI_PREFIX.length; i++) if (spki[i] !== ED25519_SPKI_PREFIX[i]) return undefined;
  return new Uint8Array(spki.subarray(ED25519_SPKI_PREFIX.length));
}

/**
 * Node id of a raw Ed25519 public key: the first 16 bytes of the SHA-256 of its DER SubjectPublicKeyInfo, as a version 8 GUID in lower
 * case (WIRE "Formats", RFC 9562 section 5.8). Throws `bad-argument` unless the key has 32 bytes.
 */
export function nodeIdOf(crypto: Crypto, publicKey: Uint8Array): string {
  return guidFromBytes(nodeIdBytes(crypto, publicKey));
}

/** The same as 16 bytes. */
export function nodeIdBytes(crypto: Crypto, publicKey: Uint8Array): Uint8Array {
  return guidBytesFromDigest(crypto.sha256(ed25519Spki(publicKey)));
}

/** Key id of a raw Ed25519 public key: `key_` and base58btc of its 32 bytes (S4). Throws `bad-argument` unless it has 32 bytes. */
export function keyIdOf(publicKey: Uint8Array): string {
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new ParleyError('bad-argument', 'an Ed25519 public key has 32 bytes');
  return KEY_ID_PREFIX + base58.encode(publicKey);
}

/** The raw Ed25519 public key, 32 bytes, that a key id names; undefined when the text is anything but a key id. */
export function publicKeyOf(keyId: string): Uint8Array<ArrayBuffer> | undefined {
  if (keyId.length < MIN_KEY_ID_LENGTH || keyId.length > MAX_KEY_ID_LENGTH || !keyId.startsWith(KEY_ID_PREFIX)) return undefined;
  let key: Uint8Array;
  try {
    key = base58.decode(keyId.slice(KEY_ID_PREFIX.length));
  } catch {
    return undefined;
  }
  return key.length === PUBLIC_KEY_BYTES ? new Uint8Array(key) : undefined;
}

/** A public key under all of its names. */
export interface KnownKey {
  /** `key_` and base58btc of the key. */
  readonly keyId: string;
  /** GUID, version 8. */
  readonly nodeId: string;
  /** Raw Ed25519 public key, 32 bytes; not to be changed. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

const DEFAULT_KEYS = 16_384;

/** What key ids mean, remembered: a key id comes with every message, and the same few keys send most of them. */
export class KeyBook {
  readonly #crypto: Crypto;
  readonly #known: LruMap<string, KnownKey>;
  /** The same by the bytes of the key: to write a key id takes longer than all else that is done with a key. */
  readonly #byKey: LruMap<string, KnownKey>;

  /** `capacity`: keys to remember. The least recently used is forgotten, which costs no more than working it out again. */
  constructor(crypto: Crypto, capacity: number = DEFAULT_KEYS) {
    this.#crypto = crypto;
    this.#known = new LruMap(capacity);
    this.#byKey = new LruMap(capacity);
  }

  /** The key that a key id names; undefined when the text is not a key id. */
  resolve(keyId: string): KnownKey | undefined {
    const known = this.#known.get(keyId);
    if (known) return known;
    const publicKey = publicKeyOf(keyId);
    return publicKey && this.#remember(keyId, publicKey);
  }

  /** A raw public key under all of its names. Throws `bad-argument` unless it has 32 bytes. */
  of(publicKey: Uint8Array): KnownKey {
    return this.#byKey.get(latin(publicKey)) ?? this.#remember(keyIdOf(publicKey), new Uint8Array(publicKey));
  }

  #remember(keyId: string, publicKey: Uint8Array<ArrayBuffer>): KnownKey {
    const known: KnownKey = { keyId, nodeId: nodeIdOf(this.#crypto, publicKey), publicKey };
    this.#known.set(keyId, known);
    this.#byKey.set(latin(publicKey), known);
    return known;
  }
}
