import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLonger, utf8 } from './bytes.ts';

describe('isLonger', () => {
  it('says of every text and limit what its bytes would', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), fc.nat({ max: 70 }), (text, bytes) => {
        expect(isLonger(text, bytes)).toBe(utf8(text).length > bytes);
      }),
    );
  });
});
