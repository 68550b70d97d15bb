import { forwardedParts } from '@parley/core';
import { wrap } from '../text/wrap.ts';

/** What was forwarded so often reads well; anybody may write a text that says it was forwarded more often. */
const MOST_NESTED = 4;
const BESIDE = '│ ';

/** What a message says, in rows of at most `width` cells: what was forwarded beside a line, below the name of who wrote it. `text`: safe to print. */
export function saidRows(text: string, width: number, nested = 0): string[] {
  const parts = nested < MOST_NESTED ? forwardedParts(text) : undefined;
  if (!parts) return wrap(text, width);
  const rows = saidRows(parts.text, width - BESIDE.length, nested + 1);
  return [...wrap(`${parts.name} wrote:`, width), ...rows.map((row) => BESIDE + row)];
}

/** How a message begins. */
export function saidFirst(text: string): string {
  const parts = forwardedParts(text);
  const [first = ''] = (parts?.text ?? text).split('\n', 1);
  return parts ? `${parts.name} wrote: ${first}` : first;
}
