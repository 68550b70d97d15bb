import type { Crypto } from '../ports/crypto.ts';
import { concat, equalBytes, utf8 } from '../util/bytes.ts';
import { ParleyError } from '../util/errors.ts';
import { PUBLIC_KEY_BYTES } from './ids.ts';

/** Times that each key is hashed: it makes a search for a key with a similar number that much dearer. */
const ROUNDS = 5200;
const GROUPS = 6;
const GROUP_BYTES = 5;
const CONTEXT = utf8('parley/safety-number/1\n');

/** The 30 digits of one key, as six groups of five. */
function fingerprint(crypto: Crypto, publicKey: Uint8Array): string {
  let digest = crypto.sha256(concat(CONTEXT, publicKey));
  for (let round = 1; round < ROUNDS; round++) digest = crypto.sha256(concat(digest, publicKey));
  const groups: string[] = [];
  for (let group = 0; group < GROUPS; group++) {
    let number = 0;
    for (let i = 0; i < GROUP_BYTES; i++) number = number * 256 + (digest[group * GROUP_BYTES + i] as number);
    groups.push(String(number % 100_000).padStart(5, '0'));
  }
  return groups.join(' ');
}

/**
 * The safety number of two identities (DESIGN section 3): 60 digits in twelve groups of five, parted by spaces. Both people see the
 * same number when, and only when, each holds the other's true key; they compare it by voice or side by side.
 *
 * Construction: for each raw Ed25519 public key `k`, `h1 = SHA-256("parley/safety-number/1" LF k)` and `h(i+1) = SHA-256(hi k)`, up to
 * `h5200`. Its first 30 bytes are read as six big-endian numbers of five bytes, each modulo 100,000 and written with five digits.
 * The two lots of 30 digits stand one behind the other, the smaller first, so that the order of the keys does not matter.
 *
 * Throws `bad-argument` when a key has not 32 bytes, or both are the same.
 */
export function safetyNumber(crypto: Crypto, oneKey: Uint8Array, otherKey: Uint8Array): string {
  if (oneKey.length !== PUBLIC_KEY_BYTES || otherKey.length !== PUBLIC_KEY_BYTES) {
    throw new ParleyError('bad-argument', 'an Ed25519 public key has 32 bytes');
  }
  if (equalBytes(oneKey, otherKey)) throw new ParleyError('bad-argument', 'a safety number is between two different keys');
  return [fingerprint(crypto, oneKey), fingerprint(crypto, otherKey)].sort().join(' ');
}
