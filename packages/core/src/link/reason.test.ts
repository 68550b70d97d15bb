import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Text, validator } from '../wire/schema.ts';
import { plainReason } from './reason.ts';

describe('plainReason', () => {
  it.each([
    ['as it is', 'as it is'],
    ['two\nlines', 'two lines'],
    ['\u009b31mred', ' 31mred'],
    ['half \ud800 a character', 'half   a character'],
    ['ends in half \ud83d', 'ends in half  '],
    ['', ''],
  ])('makes %j fit', (text, plain) => {
    expect(plainReason(text, 64)).toBe(plain);
  });

  it('cuts between characters', () => {
    expect(plainReason('😀'.repeat(10), 3)).toBe('😀😀😀');
    expect(plainReason(`a${'😀'.repeat(10)}`, 3)).toBe('a😀😀');
  });

  it('makes nothing that the schema refuses', () => {
    const text = validator(Text(10));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (any) => {
        const reason = plainReason(any, 10);
        expect(text.check(reason)).toBe(true);
        expect(reason).toBe(new TextDecoder().decode(new TextEncoder().encode(reason)));
      }),
    );
  });
});
