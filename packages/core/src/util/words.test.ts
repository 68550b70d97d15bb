import { searchWords } from '@parley/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('searchWords', () => {
  it('splits at what is neither letter nor digit', () => {
    expect(searchWords('Hello, world! x-ray snake_case a.b 42nd')).toEqual([
      'hello',
      'world',
      'x',
      'ray',
      'snake',
      'case',
      'a',
      'b',
      '42nd',
    ]);
    expect(searchWords('  "" * - NEAR( ')).toEqual(['near']);
    expect(searchWords('')).toEqual([]);
  });

  it('folds case and accents', () => {
    expect(searchWords('ÉCOLE école e\u0301cole Ångström')).toEqual(['ecole', 'ecole', 'ecole', 'angstrom']);
    expect(searchWords('Straße STRASSE ﬁne ①')).toEqual(['strasse', 'strasse', 'fine', '1']);
    expect(searchWords('ΟΔΟΣ οδός İstanbul')).toEqual(['οδοσ', 'οδοσ', 'istanbul']);
  });

  it('keeps vowel signs, which are not accents', () => {
    expect(searchWords('की कि')).toHaveLength(2);
    expect(new Set(searchWords('की कि')).size).toBe(2);
  });

  it('takes characters of scripts without spaces one by one', () => {
    expect(searchWords('我爱北京abc東京')).toEqual(['我', '爱', '北', '京', 'abc', '東', '京']);
    expect(searchWords('がカ')).toHaveLength(2);
  });

  it('is the same for a text and for its words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const words = searchWords(text);
        expect(searchWords(words.join(' '))).toEqual(words);
      }),
    );
  });

  it('does not care about case', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(searchWords(text.toUpperCase())).toEqual(searchWords(text));
      }),
    );
  });
});
