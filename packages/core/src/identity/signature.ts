import type { Crypto } from '../ports/crypto.ts';
import type { Awaitable } from '../util/awaitable.ts';
import { utf8 } from '../util/bytes.ts';

/** Whatever can make Ed25519 signatures: a SigningKey, or an Identity. */
export interface Signer {
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Ed25519 signature, 64 bytes (RFC 8032). */
  sign(data: Uint8Array): Awaitable<Uint8Array>;
}

/**
 * What a signature covers: UTF-8 of `parley/<purpose>/1`, one line feed, and the text (WIRE "auth"). A signature made for one purpose
 * is so worthless for another. Purposes are constants of the protocol: lower-case letters and hyphens.
 */
export function purposeBytes(purpose: string, text: string): Uint8Array<ArrayBuffer> {
  return utf8(`parley/${purpose}/1\n${text}`);
}

/** Signs a text for a purpose: 64 bytes. */
export function signPurpose(signer: Signer, purpose: string, text: string): Awaitable<Uint8Array> {
  return signer.sign(purposeBytes(purpose, text));
}

/** Whether the key made this signature over the text for this purpose. Never throws. */
export function verifyPurpose(
  crypto: Crypto,
  publicKey: Uint8Array,
  purpose: string,
  text: string,
  signature: Uint8Array,
): Awaitable<boolean> {
  return crypto.verify(publicKey, purposeBytes(purpose, text), signature);
}
