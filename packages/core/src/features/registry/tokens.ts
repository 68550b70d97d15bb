import { equalBytes } from '../../util/bytes.ts';

export const TOKEN_BYTES = 16;

/** A keyed hash of an address: bytes of the address in, at least 16 bytes out. */
export type AddressHash = (secret: Uint8Array, address: Uint8Array) => Uint8Array;

/**
 * Proofs that an asker gets what is sent to its address: without one nobody is answered with more bytes than were asked with, nor has anything
 * stored. Nothing is kept of anybody. A token holds until the secret has been changed twice. Pure: secrets come from outside.
 */
export class Tokens {
  readonly #hash: AddressHash;
  #secret: Uint8Array;
  #before: Uint8Array | undefined;

  constructor(hash: AddressHash, secret: Uint8Array) {
    this.#hash = hash;
    this.#secret = secret;
  }

  rotate(secret: Uint8Array): void {
    this.#before = this.#secret;
    this.#secret = secret;
  }

  make(address: Uint8Array): Uint8Array {
    return this.#hash(this.#secret, address).subarray(0, TOKEN_BYTES);
  }

  /** Whether the token was made here for this address; and the one that is to be used next. */
  check(address: Uint8Array, token: Uint8Array): { readonly valid: boolean; readonly next: Uint8Array } {
    const next = this.make(address);
    if (equalBytes(next, token)) return { valid: true, next };
    const before = this.#before && this.#hash(this.#before, address).subarray(0, TOKEN_BYTES);
    return { valid: before !== undefined && equalBytes(before, token), next };
  }
}
