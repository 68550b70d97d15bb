import { safeText } from '../text/safe-text.ts';
import { graphemes, textWidth } from '../text/width.ts';
import type { Editor } from './editor.ts';

export interface InputRows {
  readonly rows: readonly string[];
  /** Where the cursor is within these rows. */
  readonly cursor: { readonly row: number; readonly column: number };
  /** Rows that are hidden above and below. */
  readonly above: number;
  readonly below: number;
}

export const PROMPT = '› ';

/** A large paste is shown around the cursor only; this many characters either side fill any screen. */
const AROUND = 4000;

/**
 * The text being written, in rows of `columns` cells after the prompt, at most `height` of them, with the cursor's among them. Each
 * grapheme is made safe by itself, so that the cursor is where it is in the text.
 */
export function inputRows({ text, at }: Editor, columns: number, height: number): InputRows {
  const width = Math.max(4, columns - PROMPT.length - 1);
  const from = Math.max(0, at - AROUND);
  const rows: string[] = [];
  let row = '';
  let used = 0;
  let cursor = { row: 0, column: 0 };
  let place = from;
  const begin = (): void => {
    rows.push(row);
    row = '';
    used = 0;
  };
  for (const grapheme of graphemes(text.slice(from, at + AROUND))) {
    if (place === at) cursor = { row: rows.length, column: used };
    place += grapheme.length;
    if (grapheme === '\n') {
      begin();
      continue;
    }
    const shown = safeText(grapheme);
    const wide = textWidth(shown);
    if (used + wide > width) {
      begin();
      if (place - grapheme.length === at) cursor = { row: rows.length, column: 0 };
    }
    row += shown;
    used += wide;
  }
  if (place <= at) {
    // At the end of a full row the cursor is at the beginning of the next.
    if (used >= width) begin();
    cursor = { row: rows.length, column: used };
  }
  rows.push(row);
  const first = Math.max(0, Math.min(cursor.row - Math.floor(height / 2), rows.length - height));
  const shown = rows.slice(first, first + height);
  return {
    rows: shown,
    cursor: { row: cursor.row - first, column: cursor.column },
    above: first,
    below: rows.length - first - shown.length,
  };
}
