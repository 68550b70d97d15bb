import type { Colour } from '../text/style.ts';
import { pad, textWidth, truncate } from '../text/width.ts';

/** A piece of a row that looks one way. Its text is safe to print. */
export interface Span {
  readonly text: string;
  readonly colour?: Colour;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  /** As on a bar: status line, channel on the screen. */
  readonly bar?: boolean;
}

export type Row = readonly Span[];

export function rowWidth(row: Row): number {
  return row.reduce((sum, { text }) => sum + textWidth(text), 0);
}

/** The row in exactly `width` cells: cut off, or filled in the look of its last span. */
export function fitted(row: Row, width: number): Row {
  const spans: Span[] = [];
  let left = width;
  for (const span of row) {
    if (left <= 0) break;
    const text = truncate(span.text, left);
    spans.push({ ...span, text });
    left -= textWidth(text);
  }
  if (left > 0) spans.push({ ...(spans.at(-1)?.bar ? { bar: true } : {}), text: ' '.repeat(left) });
  return spans;
}

/** The row, cut off where it is wider. */
export function clipped(row: Row, width: number): Row {
  return rowWidth(row) > width ? fitted(row, width) : row;
}

/** Two parts of one row, at its left and at its right; the right one gives way first. */
export function spread(left: Row, right: Row, width: number): Row {
  const space = width - rowWidth(left) - rowWidth(right);
  if (space < 2) return fitted(left, width);
  const bar = left.at(-1)?.bar ? { bar: true } : {};
  return [...left, { ...bar, text: ' '.repeat(space) }, ...right];
}

/** `name#1a2b` in at most `width` cells; when it has to be cut, the digits stay, since they tell namesakes apart. */
export function nameSpans(display: string, width: number, look: Omit<Span, 'text'>): { spans: Row; width: number } {
  const mark = display.lastIndexOf('#');
  if (mark <= 0) {
    const text = truncate(display, width);
    return { spans: [{ ...look, text }], width: textWidth(text) };
  }
  const digits = display.slice(mark);
  const name = truncate(display.slice(0, mark), Math.max(1, width - digits.length));
  return {
    spans: [
      { ...look, text: name },
      { text: digits, dim: true },
    ],
    width: textWidth(name) + digits.length,
  };
}

export function blank(width: number): Span {
  return { text: pad('', width) };
}
