import { describe, expect, it } from 'vitest';
import { type Painting, paint } from './paint.ts';

const painting = (lines: string[], options: Partial<Painting> = {}): Painting => ({
  lines,
  cursor: { row: 0, column: 0 },
  side: 0,
  ...options,
});
const ESC = '\u001b[';

describe('paint', () => {
  it('draws everything at first, and then what changed, at its place', () => {
    const first = paint(undefined, painting(['one', 'two', 'three']));
    expect(first).toContain(`${ESC}2J`);
    expect(first).toContain('three');
    const second = paint(painting(['one', 'two', 'three']), painting(['one', 'TWO', 'three']));
    expect(second).toContain(`${ESC}2;1H${ESC}0m${ESC}2KTWO`);
    expect(second).not.toMatch(/one|three/);
  });

  it('sends nothing when nothing changed', () => {
    expect(paint(painting(['a']), painting(['a']))).toBe('');
  });

  it('moves the cursor alone', () => {
    const moved = paint(painting(['a']), painting(['a'], { cursor: { row: 4, column: 7 } }));
    expect(moved).toContain(`${ESC}5;8H`);
    expect(moved).not.toContain('a');
  });

  it('draws everything when the size changed', () => {
    expect(paint(painting(['a', 'b']), painting(['a']))).toContain(`${ESC}2J`);
    expect(paint(painting(['a'], { side: 3 }), painting(['a']))).toContain(`${ESC}2J`);
  });

  it('puts the border where it belongs, however wide the terminal drew what is before it', () => {
    const drawn = paint(undefined, painting(['क्षि │ text │ more'], { side: 22 }));
    expect(drawn).toContain(`क्षि ${ESC}1;23H│ text │ more`);
  });

  it('shows a frame at once, with the cursor hidden meanwhile', () => {
    const drawn = paint(undefined, painting(['a']));
    expect(drawn.startsWith(`${ESC}?2026h${ESC}?25l`)).toBe(true);
    expect(drawn.endsWith(`${ESC}?25h${ESC}?2026l`)).toBe(true);
  });
});
