import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  hash,
  scrypt,
  verify as verifySignature,
  webcrypto,
} from 'node:crypto';
import {
  type AgreementKey,
  type Awaitable,
  type Crypto,
  ed25519FromSpki,
  type Hasher,
  type Log,
  MAX_RSA_BITS,
  MIN_RSA_BITS,
  ParleyError,
  type ScryptCost,
  type SigningKey,
} from '@parley/core';
import sodium from 'sodium-native';
import { SIGNATURE_BYTES, verify } from './verify/ed25519.ts';
import { Verifier } from './verify/verifier.ts';

const KEY_BYTES = 32;
const HASH_BYTES = 32;
/** Of AES-128. */
const SHORT_KEY_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** The Crypto port with answers at once, except for scrypt. */
export interface HostCrypto extends Crypto {
  signingKey(seed: Uint8Array): HostSigningKey;
  agreementKey(secret: Uint8Array): HostAgreementKey;
  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean;
  verifyIssuer(spki: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean;
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array<ArrayBuffer>;
  open(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, aad: Uint8Array): Uint8Array<ArrayBuffer> | undefined;
}

export interface HostSigningKey extends SigningKey {
  sign(data: Uint8Array): Uint8Array<ArrayBuffer>;
}

export interface HostAgreementKey extends AgreementKey {
  /** Throws `bad-argument` when the other key has not 32 bytes or is of small order (RFC 7748 section 6.1). */
  agree(publicKey: Uint8Array): Uint8Array<ArrayBuffer>;
}

function expectLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) throw new ParleyError('bad-argument', `${what} has ${length} bytes, not ${bytes.length}`);
}

function sha256(data: Uint8Array): Uint8Array<ArrayBuffer> {
  // As a text, one character a byte: a Buffer lives outside of the heap, and to make one and let it go takes longer than to hash.
  const text = hash('sha256', data, 'binary');
  const bytes = new Uint8Array(HASH_BYTES);
  for (let at = 0; at < HASH_BYTES; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Smaller pieces are hashed sooner than another thread is woken. */
const BESIDE_BYTES = 64 * 1024;

function digest(data: Uint8Array): Awaitable<Uint8Array> {
  if (data.length < BESIDE_BYTES) return sha256(data);
  return webcrypto.subtle.digest('SHA-256', data).then((bytes) => new Uint8Array(bytes));
}

function hasher(): Hasher {
  const running = createHash('sha256');
  return {
    update: (data) => void running.update(data),
    digest: () => new Uint8Array(running.digest()),
  };
}

function signingKey(seed: Uint8Array): HostSigningKey {
  expectLength(seed, KEY_BYTES, 'an Ed25519 seed');
  const publicKey = new Uint8Array(KEY_BYTES);
  const secretKey = new Uint8Array(2 * KEY_BYTES);
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
  return {
    publicKey,
    sign(data) {
      const signature = new Uint8Array(SIGNATURE_BYTES);
      sodium.crypto_sign_detached(signature, data, secretKey);
      return signature;
    },
  };
}

function agreementKey(given: Uint8Array): HostAgreementKey {
  expectLength(given, KEY_BYTES, 'an X25519 secret');
  const secret = new Uint8Array(given);
  const publicKey = new Uint8Array(KEY_BYTES);
  sodium.crypto_scalarmult_base(publicKey, secret);
  return {
    publicKey,
    agree(other) {
      expectLength(other, KEY_BYTES, 'an X25519 public key');
      const shared = new Uint8Array(KEY_BYTES);
      try {
        sodium.crypto_scalarmult(shared, secret, other);
      } catch (cause) {
        throw new ParleyError('bad-argument', 'the X25519 public key is of small order', { cause });
      }
      return shared;
    },
  };
}

function verifyIssuer(spki: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const ed25519 = ed25519FromSpki(spki);
  if (ed25519) return verify(ed25519, data, signature);
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    const bits = key.asymmetricKeyType === 'rsa' ? (key.asymmetricKeyDetails?.modulusLength ?? 0) : 0;
    if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) return false;
    return verifySignature('sha256', data, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
  } catch {
    return false;
  }
}

function deriveKey(passphrase: string, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array> {
  const { n, r, p } = cost;
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown): void => reject(new ParleyError('bad-argument', 'scrypt refuses these parameters', { cause }));
    try {
      // What OpenSSL counts: the blocks of RFC 7914 section 6, and the working space of one of them.
      const maxmem = 128 * r * (n + p + 2) + 64 * 1024;
      scrypt(passphrase, salt, KEY_BYTES, { N: n, r, p, maxmem }, (error, key) => (error ? failed(error) : resolve(new Uint8Array(key))));
    } catch (error) {
      failed(error);
    }
  });
}

/** AES-256, or AES-128 where the key is that short. */
function cipherOf(key: Uint8Array): 'aes-256-gcm' | 'aes-128-gcm' {
  if (key.length === SHORT_KEY_BYTES) return 'aes-128-gcm';
  expectLength(key, KEY_BYTES, 'an AES key');
  return 'aes-256-gcm';
}

function seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array<ArrayBuffer> {
  expectLength(nonce, NONCE_BYTES, 'a nonce');
  const cipher = createCipheriv(cipherOf(key), key, nonce).setAAD(aad);
  const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
  sealed.set(cipher.update(plaintext));
  cipher.final();
  sealed.set(cipher.getAuthTag(), plaintext.length);
  return sealed;
}

function open(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, aad: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const algorithm = cipherOf(key);
  expectLength(nonce, NONCE_BYTES, 'a nonce');
  const length = ciphertext.length - TAG_BYTES;
  if (length < 0) return undefined;
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: TAG_BYTES }).setAAD(aad);
  decipher.setAuthTag(ciphertext.subarray(length));
  const buffer = decipher.update(ciphertext.subarray(0, length));
  // The same bytes as a plain array: `slice` of a Buffer would share them.
  const plaintext = new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.length);
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plaintext;
}

/** The Crypto port on Node.js. Keys of the wrong length throw `bad-argument`; what `verify` and `verifyIssuer` are given never throws. */
export function createCrypto(): HostCrypto {
  return { sha256, digest, hasher, signingKey, agreementKey, verify, verifyIssuer, scrypt: deriveKey, seal, open };
}

/** The same for a node, which has to go on reading while signatures of a burst are checked: on another core, where there is one. */
export function createNodeCrypto(options: { readonly log?: Log } = {}): Crypto {
  const verifier = new Verifier(options);
  return { ...createCrypto(), verify: (publicKey, data, signature) => verifier.verify(publicKey, data, signature) };
}
