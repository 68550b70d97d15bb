import { safeJson } from '@parley/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeText } from './safe-text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom(
      '\u001b',
      '[',
      '\u202e',
      '\u200d',
      '\u0301',
      'e',
      '\n',
      '\r',
      '\u{1f469}',
      '\ufe0f',
      '\u{1f3fd}',
      '\ud800',
      '\udc00',
      '\u2028',
      ' ',
    ),
  }),
);

describe('safeText', () => {
  it.each([
    ['plain text', 'The beans are up.', 'The beans are up.'],
    ['an escape sequence', '\u001b[31mred\u001b[0m', '␛[31mred␛[0m'],
    ['the title of the terminal', '\u001b]0;owned\u0007', '␛]0;owned␇'],
    ['a C1 control sequence', '\u009b2J', '\ufffd2J'],
    ['carriage return, which would overwrite', 'ok\rno', 'ok␍no'],
    ['backspace and delete', 'a\bb\u007f', 'a␈b␡'],
    ['a reordering override', 'a\u202etxt.exe', 'a\ufffdtxt.exe'],
    ['isolates', '\u2066a\u2069', '\ufffda\ufffd'],
    ['what cannot be seen', 'pay\u200bpal\ufeff\u00ad\u2060', 'paypal'],
    ['a tab', 'a\tb', 'a    b'],
    ['lines, where one is all there is', 'a\nb\r\nc', 'a b c'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    [
      'a family of emoji, which some draw as one and some as four',
      '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
      '\u{1f468}\u{1f469}\u{1f467}',
    ],
    ['a skin tone', '\u{1f44d}\u{1f3fd}', '\u{1f44d}'],
    ['a mark on nothing', '\u0301a', '\u25cc\u0301a'],
    ['an accent as two characters', 'e\u0301', 'é'],
    ['a tag', 'a\u{e0041}b', 'ab'],
  ])('%s', (_, text, safe) => {
    expect(safeText(text)).toBe(safe);
  });

  it.each([
    ['Persian, with its joiner', 'می\u200cخواهم'],
    ['Hindi, with its joiner', 'क्\u200dष'],
    ['Thai', 'สวัสดีที่'],
    ['Hebrew with points', 'שָׁלוֹם'],
    ['Chinese', '日本語'],
    ['a flag', '\u{1f1e9}\u{1f1ea}'],
  ])('leaves %s as it is', (_, text) => {
    expect(safeText(text)).toBe(text.normalize('NFC'));
  });

  it('keeps line feeds where they are asked for', () => {
    expect(safeText('a\r\nb\nc\u2028d', { lines: true })).toBe('a\nb\nc\nd');
  });

  it('cuts towers of accents', () => {
    expect(safeText(`h${'\u0316'.repeat(100)}i`)).toBe(`h${'\u0316'.repeat(4)}i`);
  });

  it('lets nothing through that acts on a terminal, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(safeText(text)).not.toMatch(/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069\u200b\u200e\u200f]|\ufe0f/u);
        expect(safeText(text, { lines: true }).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u);
      }),
      { numRuns: 500 },
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, lines) => {
        const once = safeText(text, { lines });
        expect(safeText(once, { lines })).toBe(once);
      }),
      { numRuns: 500 },
    );
  });
});

describe('safeJson', () => {
  it('is the same value, and holds nothing that acts on a terminal', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = safeJson({ text });
        expect(JSON.parse(json)).toEqual({ text: JSON.parse(JSON.stringify(text)) });
        expect(json).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});
