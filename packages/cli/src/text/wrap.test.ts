import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeText } from './safe-text.ts';
import { graphemes, pad, textWidth, truncate } from './width.ts';
import { wrap } from './wrap.ts';

describe('textWidth', () => {
  it.each([
    ['abc', 3],
    ['日本語', 6],
    ['é', 1],
    ['\u{1f600}', 2],
    ['\u{1f1e9}\u{1f1ea}', 2],
    ['ｱ', 1],
    ['Ａ', 2],
    ['한국', 4],
    ['✓✓', 2],
    ['◷', 1],
  ])('of %s is %i', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });
});

describe('truncate', () => {
  it('leaves what fits, and marks what was cut', () => {
    expect(truncate('abcdef', 6)).toBe('abcdef');
    expect(truncate('abcdefg', 6)).toBe('abcde…');
    expect(truncate('日本語', 4)).toBe('日…');
    expect(truncate('abc', 0)).toBe('');
  });

  it('never takes more than its width', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, width) => {
        expect(textWidth(truncate(safeText(text), width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('pad', () => {
  it('fills up to a width on either side', () => {
    expect(pad('日', 4)).toBe('日  ');
    expect(pad('a', 3, 'left')).toBe('  a');
    expect(pad('abcd', 3)).toBe('abcd');
  });
});

describe('wrap', () => {
  it.each([
    ['between words', 'the quick brown fox', 10, ['the quick', 'brown fox']],
    ['within a word that is longer than a row', 'abcdefghijk', 4, ['abcd', 'efgh', 'ijk']],
    ['at line feeds', 'a\n\nb', 10, ['a', '', 'b']],
    ['between characters of scripts without spaces', '日本語日本語', 5, ['日本', '語日', '本語']],
    ['without the space at the break', 'aaaa bbbb', 4, ['aaaa', 'bbbb']],
    ['keeping spaces that do not part words', 'a\u00a0\u00a0\u00a0', 3, ['a\u00a0\u00a0', '\u00a0']],
    ['keeping an indentation', '  code', 10, ['  code']],
  ])('breaks %s', (_, text, width, rows) => {
    expect(wrap(text, width)).toEqual(rows);
  });

  it('never makes a row that is too wide, and loses nothing but spaces', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 30 }), (given, width) => {
        const text = safeText(given, { lines: true });
        const rows = wrap(text, width);
        for (const row of rows) if (graphemes(row).length > 1) expect(textWidth(row)).toBeLessThanOrEqual(width);
        expect(rows.join('').replaceAll(' ', '')).toBe(text.replace(/[ \n]/g, ''));
      }),
    );
  });
});
