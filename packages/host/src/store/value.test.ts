import { errorCode } from '@parley/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromColumns, fromTextColumn, toColumn } from './value.ts';

const loneSurrogate = /\p{Cs}/u;

it('leaves ordinary text and bytes alone', () => {
  expect(toColumn('{"a":"ä🎈\0"}')).toBe('{"a":"ä🎈\0"}');
  const bytes = Uint8Array.of(0, 1, 2);
  expect(toColumn(bytes)).toBe(bytes);
  expect(fromColumns(0, Buffer.from(bytes))).toStrictEqual(bytes);
});

it('never gives the database a text that it would change', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('\0', '\u0001', '\ud800', '\udc00', 'a') }));
  fc.assert(
    fc.property(text, (value) => {
      const column = toColumn(value);
      expect(typeof column === 'string' && !loneSurrogate.test(column)).toBe(true);
      expect(fromColumns(1, Buffer.from(column as string))).toBe(value);
    }),
    { numRuns: 500 },
  );
});

it('takes what it cannot have written for damage', () => {
  const broken = [() => fromTextColumn(Buffer.of(0xff)), () => fromTextColumn(null), () => fromColumns(1, Buffer.from('\u0001{'))];
  for (const read of [...broken, () => fromColumns(1, Buffer.of(0xc3)), () => fromColumns(0, null), () => fromColumns(0, 'text')]) {
    let code = 'none';
    try {
      read();
    } catch (error) {
      code = errorCode(error);
    }
    expect(code).toBe('corrupt');
  }
});
