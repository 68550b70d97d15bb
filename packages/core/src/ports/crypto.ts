import type { Awaitable } from '../util/awaitable.ts';

/** A private Ed25519 key, as a handle: its bytes may not be reachable (non-extractable WebCrypto keys). */
export interface SigningKey {
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Ed25519 signature, 64 bytes (RFC 8032). */
  sign(data: Uint8Array): Awaitable<Uint8Array>;
}

/** A private X25519 key, as a handle. */
export interface AgreementKey {
  /** Raw X25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The shared secret with another's public key, 32 bytes (RFC 7748). */
  agree(publicKey: Uint8Array): Awaitable<Uint8Array>;
}

/** Cost of a scrypt derivation (RFC 7914): `n` a power of two. */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** A digest of what comes piece by piece. */
export interface Hasher {
  update(data: Uint8Array): void;
  /** Once, last. */
  digest(): Uint8Array<ArrayBuffer>;
}

/** The primitives that a platform supplies. Hashing is synchronous everywhere; signatures may not be. */
export interface Crypto {
  sha256(data: Uint8Array): Uint8Array<ArrayBuffer>;
  /** SHA-256 of a large piece; beside other work where the platform can. The bytes must stay as they are until it is there. */
  digest(data: Uint8Array): Awaitable<Uint8Array>;
  /** SHA-256 of more than fits into memory. */
  hasher(): Hasher;
  /** From a 32-byte seed. */
  signingKey(seed: Uint8Array): Awaitable<SigningKey>;
  /** From a 32-byte scalar. */
  agreementKey(secret: Uint8Array): Awaitable<AgreementKey>;
  /**
   * Strict, cofactorless Ed25519 (RFC 8032); false for anything malformed, never an error. Answers come in the order in which they were asked
   * for: what a link brought stays in its order while it is proved.
   */
  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): Awaitable<boolean>;
  /**
   * Whether the key in `spki` (DER SubjectPublicKeyInfo) made `signature`. Ed25519, or RSA of at least 3072 bits with
   * PKCS #1 v1.5 and SHA-256 (an authority's key, RFC 8017). False for any other kind.
   */
  verifyIssuer(spki: Uint8Array, data: Uint8Array, signature: Uint8Array): Awaitable<boolean>;
  /** 32 bytes from a passphrase. */
  scrypt(passphrase: string, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array>;
  /** AES-GCM, AES-256 with a key of 32 bytes and AES-128 with one of 16: ciphertext with its 16-byte tag behind it. */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Awaitable<Uint8Array>;
  /** Undefined when the tag does not fit. */
  open(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, aad: Uint8Array): Awaitable<Uint8Array | undefined>;
}
