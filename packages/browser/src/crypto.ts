import { scryptAsync } from '@noble/hashes/scrypt.js';
import { sha256 } from '@noble/hashes/sha2.js';
import {
  type AgreementKey,
  base64,
  type Crypto,
  concat,
  ed25519FromSpki,
  fromBase64url,
  fromHex,
  inOrder,
  LruMap,
  MAX_RSA_BITS,
  MIN_RSA_BITS,
  ParleyError,
  type ScryptCost,
  type SigningKey,
  utf8,
} from '@parley/core';
import { isStrictSignature } from './ed25519.ts';

const KEY_BYTES = 32;
/** Of AES-128. */
const SHORT_KEY_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Public keys whose form for WebCrypto is kept: those whose messages come one after another. */
const KEPT_KEYS = 256;
/** PKCS #8 of a private key (RFC 8410 section 7), up to where its 32 bytes begin. */
const PKCS8_ED25519 = fromHex('302e020100300506032b657004220420') ?? new Uint8Array();
const PKCS8_X25519 = fromHex('302e020100300506032b656e04220420') ?? new Uint8Array();

type Bytes = Uint8Array<ArrayBuffer>;

/** Nothing here ever lies in shared memory, which is all that the wider type adds. */
const plain = (bytes: Uint8Array): Bytes => bytes as Bytes;

function expectLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) throw new ParleyError('bad-argument', `${what} has ${length} bytes, not ${bytes.length}`);
}

/** A private key that cannot be read out again, and its public half: WebCrypto tells that only of a key that can. */
async function importPrivate(
  algorithm: 'Ed25519' | 'X25519',
  secret: Uint8Array,
): Promise<{ readonly key: CryptoKey; readonly publicKey: Bytes }> {
  const [prefix, usage]: [Uint8Array, KeyUsage] = algorithm === 'Ed25519' ? [PKCS8_ED25519, 'sign'] : [PKCS8_X25519, 'deriveBits'];
  const pkcs8 = concat(prefix, secret);
  try {
    const readable = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, [usage]);
    const { x = '' } = await crypto.subtle.exportKey('jwk', readable);
    const publicKey = fromBase64url(x);
    if (publicKey?.length !== KEY_BYTES) throw new ParleyError('internal', `no public key of an ${algorithm} key`);
    return { key: await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, [usage]), publicKey };
  } finally {
    pkcs8.fill(0);
  }
}

async function signingKey(seed: Uint8Array): Promise<SigningKey> {
  expectLength(seed, KEY_BYTES, 'an Ed25519 seed');
  const { key, publicKey } = await importPrivate('Ed25519', seed);
  return { publicKey, sign: async (data) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, plain(data))) };
}

async function agreementKey(secret: Uint8Array): Promise<AgreementKey> {
  expectLength(secret, KEY_BYTES, 'an X25519 secret');
  const { key, publicKey } = await importPrivate('X25519', secret);
  return {
    publicKey,
    async agree(other) {
      expectLength(other, KEY_BYTES, 'an X25519 public key');
      const theirs = await crypto.subtle.importKey('raw', plain(other), 'X25519', true, []);
      try {
        return new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: theirs }, key, 8 * KEY_BYTES));
      } catch (cause) {
        throw new ParleyError('bad-argument', 'the X25519 public key is of small order', { cause });
      }
    },
  };
}

async function verifyIssuer(verify: Crypto['verify'], spki: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const ed25519 = ed25519FromSpki(spki);
  if (ed25519) return verify(ed25519, data, signature);
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  try {
    const key = await crypto.subtle.importKey('spki', plain(spki), algorithm, true, ['verify']);
    const { modulusLength: bits } = key.algorithm as RsaKeyAlgorithm;
    if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) return false;
    return await crypto.subtle.verify(algorithm.name, key, plain(signature), plain(data));
  } catch {
    // No RSA key that could be used: a key of another kind, or none at all.
    return false;
  }
}

/** In slices of some milliseconds: the page stays alive meanwhile. */
async function deriveKey(passphrase: string, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array> {
  const { n, r, p } = cost;
  // What the library counts, and some room.
  const maxmem = 128 * r * (n + p + 2) + 64 * 1024;
  try {
    return await scryptAsync(utf8(passphrase), salt, { N: n, r, p, dkLen: KEY_BYTES, maxmem });
  } catch (cause) {
    throw new ParleyError('bad-argument', 'scrypt refuses these parameters', { cause });
  }
}

async function aesKey(key: Uint8Array, nonce: Uint8Array, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  // AES-128, where the key is that short.
  if (key.length !== SHORT_KEY_BYTES) expectLength(key, KEY_BYTES, 'an AES key');
  expectLength(nonce, NONCE_BYTES, 'a nonce');
  return crypto.subtle.importKey('raw', plain(key), 'AES-GCM', false, [usage]);
}

async function seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Promise<Bytes> {
  const handle = await aesKey(key, nonce, 'encrypt');
  return sealWith(handle, nonce, plaintext, aad);
}

async function open(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, aad: Uint8Array): Promise<Bytes | undefined> {
  const handle = await aesKey(key, nonce, 'decrypt');
  return openWith(handle, nonce, ciphertext, aad);
}

/** AES-256-GCM with a key that need not be readable: ciphertext with its 16-byte tag behind it. */
export async function sealWith(key: CryptoKey, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Promise<Bytes> {
  return new Uint8Array(
    await crypto.subtle.encrypt({ name: 'AES-GCM', iv: plain(nonce), additionalData: plain(aad) }, key, plain(plaintext)),
  );
}

/** Undefined when the tag does not fit. */
export async function openWith(key: CryptoKey, nonce: Uint8Array, ciphertext: Uint8Array, aad: Uint8Array): Promise<Bytes | undefined> {
  if (ciphertext.length < TAG_BYTES) return undefined;
  try {
    return new Uint8Array(
      await crypto.subtle.decrypt({ name: 'AES-GCM', iv: plain(nonce), additionalData: plain(aad) }, key, plain(ciphertext)),
    );
  } catch (error) {
    if (error instanceof DOMException && error.name === 'OperationError') return undefined;
    throw error;
  }
}

/**
 * The Crypto port on WebCrypto; hashing and scrypt, which that lacks or has asynchronously only, come from a library. Private keys cannot be
 * read out again. Keys of the wrong length throw `bad-argument`; what `verify` and `verifyIssuer` are given never throws.
 */
export function createCrypto(): Crypto {
  const keys = new LruMap<string, CryptoKey>(KEPT_KEYS);
  const publicKeyHandle = async (publicKey: Uint8Array): Promise<CryptoKey> => {
    const name = base64(publicKey);
    const kept = keys.get(name);
    if (kept) return kept;
    const made = await crypto.subtle.importKey('raw', plain(publicKey), 'Ed25519', true, ['verify']);
    keys.set(name, made);
    return made;
  };
  const verify = inOrder(async (publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> => {
    if (!isStrictSignature(publicKey, signature)) return false;
    try {
      return await crypto.subtle.verify('Ed25519', await publicKeyHandle(publicKey), plain(signature), plain(data));
    } catch {
      // The bytes are no point of the curve.
      return false;
    }
  });
  return {
    sha256: (data) => new Uint8Array(sha256(data)),
    digest: async (data) => new Uint8Array(await crypto.subtle.digest('SHA-256', plain(data))),
    hasher: () => {
      const running = sha256.create();
      return { update: (data) => void running.update(data), digest: () => new Uint8Array(running.digest()) };
    },
    signingKey,
    agreementKey,
    verify,
    verifyIssuer: (spki, data, signature) => verifyIssuer(verify, spki, data, signature),
    scrypt: deriveKey,
    seal,
    open,
  };
}
