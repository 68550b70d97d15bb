import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textWidth } from '../text/width.ts';
import { emptyEditor, insert } from './editor.ts';
import { inputRows } from './input-rows.ts';

describe('inputRows', () => {
  it.each([
    ['an empty line', '', 0, [''], { row: 0, column: 0 }],
    ['the end', 'abc', 3, ['abc'], { row: 0, column: 3 }],
    ['lines', 'ab\ncd', 3, ['ab', 'cd'], { row: 1, column: 0 }],
    ['a full row', 'abcdefg', 7, ['abcdefg', ''], { row: 1, column: 0 }],
    ['wide characters', '日本語日', 2, ['日本語', '日'], { row: 0, column: 4 }],
  ])('of %s', (_, text, at, rows, cursor) => {
    expect(inputRows({ text, at }, 10, 9)).toMatchObject({ rows, cursor });
  });

  it('keeps the cursor in sight', () => {
    const text = Array.from({ length: 20 }, (_, line) => `line ${line}`).join('\n');
    expect(inputRows({ text, at: text.length }, 40, 3)).toEqual({
      rows: ['line 17', 'line 18', 'line 19'],
      cursor: { row: 2, column: 7 },
      above: 17,
      below: 0,
    });
    expect(inputRows({ text, at: 0 }, 40, 3)).toMatchObject({ cursor: { row: 0, column: 0 }, above: 0, below: 17 });
  });

  it('fits, with the cursor within, for any text and place', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.nat(60),
        fc.integer({ min: 7, max: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (text, place, columns, height) => {
          const editor = insert(emptyEditor, text);
          const { rows, cursor } = inputRows({ ...editor, at: Math.min(place, editor.text.length) }, columns, height);
          expect(rows.length).toBeLessThanOrEqual(height);
          expect(rows.every((row) => textWidth(row) <= columns)).toBe(true);
          expect(rows[cursor.row]).toBeDefined();
          expect(cursor.column).toBeLessThan(columns);
        },
      ),
    );
  });
});
