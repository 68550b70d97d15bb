import { createHash } from 'node:crypto';
import { createCrypto } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { safetyNumber } from './safety-number.ts';

const crypto = createCrypto();
const [anna, ben, carl] = [1, 2, 3].map((fill) => crypto.signingKey(new Uint8Array(32).fill(fill)).publicKey) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

/** The documented construction, written a second time over another SHA-256 and big numbers. */
function half(key: Uint8Array): string {
  let digest = createHash('sha256').update('parley/safety-number/1\n').update(key).digest();
  for (let i = 0; i < 5199; i++) digest = createHash('sha256').update(digest).update(key).digest();
  return [0, 5, 10, 15, 20, 25]
    .map((at) => (BigInt(`0x${digest.toString('hex', at, at + 5)}`) % 100_000n).toString().padStart(5, '0'))
    .join(' ');
}

describe('safety number', () => {
  it('is what its description says', () => {
    const halves = [half(anna), half(ben)].sort();
    expect(safetyNumber(crypto, anna, ben)).toBe(halves.join(' '));
    expect(safetyNumber(crypto, anna, ben)).toMatch(/^(\d{5} ){11}\d{5}$/);
  });

  it('does not depend on the order, and differs between pairs', () => {
    expect(safetyNumber(crypto, anna, ben)).toBe(safetyNumber(crypto, ben, anna));
    expect(safetyNumber(crypto, anna, carl)).not.toBe(safetyNumber(crypto, ben, carl));
  });

  it('is refused for one key twice, and for what is no key', () => {
    expect(() => safetyNumber(crypto, anna, anna.slice())).toThrow(expect.objectContaining({ code: 'bad-argument' }));
    expect(() => safetyNumber(crypto, anna, ben.subarray(1))).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });
});
