import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonPrefix, compareDistance, differ, ID_BYTES, idInBucket, idOf } from './ids.ts';

const id = fc.uint8Array({ minLength: ID_BYTES, maxLength: ID_BYTES });
const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

describe('ids', () => {
  it('are the bytes of a GUID', () => {
    const bytes = idOf('00010203-0405-8607-8809-0a0b0c0d0e0f');
    expect(Buffer.from(bytes ?? []).toString('hex')).toBe('000102030405860788090a0b0c0d0e0f');
    expect(idOf('key_x')).toBeUndefined();
  });

  it('are compared by XOR, as numbers of 128 bits', () => {
    fc.assert(
      fc.property(id, id, id, (target, a, b) => {
        const difference = (number(a) ^ number(target)) - (number(b) ^ number(target));
        expect(Math.sign(compareDistance(target, a, b))).toBe(difference === 0n ? 0 : difference < 0n ? -1 : 1);
      }),
    );
  });

  it('have leading bits in common', () => {
    fc.assert(
      fc.property(id, id, (a, b) => {
        const different = number(a) ^ number(b);
        expect(commonPrefix(a, b)).toBe(different === 0n ? 128 : 128 - different.toString(2).length);
      }),
    );
  });

  it('differ in bits', () => {
    fc.assert(
      fc.property(id, id, fc.integer({ min: 0, max: 127 }), (a, b, bit) => {
        expect(differ(a, b, bit)).toBe((((number(a) ^ number(b)) >> BigInt(127 - bit)) & 1n) === 1n);
      }),
    );
  });

  it('can be made for any bucket', () => {
    fc.assert(
      fc.property(id, id, fc.integer({ min: 0, max: 127 }), (self, random, prefix) => {
        expect(commonPrefix(self, idInBucket(self, prefix, random))).toBe(prefix);
      }),
    );
  });
});
