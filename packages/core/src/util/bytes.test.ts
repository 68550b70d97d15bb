import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLonger, utf8, utf8ForNow } from './bytes.ts';

describe('utf8ForNow', () => {
  it.each(['', 'a', 'ä€😀', '\ud800', 'x'.repeat(8192), 'x'.repeat(8193), '€'.repeat(2731)])(
    'is what utf8 is, until it is called again',
    (text) => {
      expect(utf8ForNow(text)).toEqual(utf8(text));
    },
  );
});

describe('isLonger', () => {
  it('says of every text and limit what its bytes would', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), fc.nat({ max: 70 }), (text, bytes) => {
        expect(isLonger(text, bytes)).toBe(utf8(text).length > bytes);
      }),
    );
  });
});
