import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromPem, toPem } from './pem.ts';

const bad = expect.objectContaining({ code: 'bad-argument' });

describe('PEM', () => {
  it('goes there and back, also several in one file with text around them', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 4 }), (ders) => {
        const text = ders.map((der) => `Certificate:\n  Data\n${toPem('CERTIFICATE', der)}`).join('');
        expect(fromPem(text)).toEqual(ders.map((der) => ({ label: 'CERTIFICATE', der })));
        expect(fromPem(text.replaceAll('\n', '\r\n'))).toHaveLength(ders.length);
      }),
    );
  });

  it('has lines of 64 characters', () => {
    const lines = toPem('X', new Uint8Array(100)).split('\n');
    expect(lines.map((line) => line.length)).toEqual([17, 64, 64, 8, 15, 0]);
  });

  it('is refused when damaged', () => {
    const good = toPem('CERTIFICATE', Uint8Array.of(1, 2, 3));
    const cases = [
      '',
      'text',
      good.replace('END', 'DNE'),
      good.replace('AQID', 'AQI'),
      good.replace('AQID', 'AQ*D'),
      good.replace('AQID', ''),
    ];
    for (const text of [...cases, good.replace('END CERTIFICATE', 'END KEY'), '-----BEGIN ', '-----BEGIN -----', good.repeat(257)]) {
      expect(() => fromPem(text)).toThrow(bad);
    }
    expect(() => fromPem(' '.repeat(1024 * 1024 + 1))).toThrow(bad);
  });

  it('throws nothing else, whatever it reads', () => {
    const piece = fc.constantFrom('-----BEGIN ', '-----END ', 'A', '-----', 'AAAA', '\n', ' ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          fromPem(pieces.join(''));
        } catch (error) {
          expect(error).toEqual(bad);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
