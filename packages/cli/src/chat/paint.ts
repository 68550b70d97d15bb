/** Stands between the columns of the screen, and nowhere before them in a row. */
export const BORDER = '│';

const ESC = '\u001b[';
/** Terminals that know it show what is between these at once (synchronised output); others ignore it. */
const BEGIN = `${ESC}?2026h${ESC}?25l`;
const END = `${ESC}?25h${ESC}?2026l`;

export interface Painting {
  readonly lines: readonly string[];
  readonly cursor: { readonly row: number; readonly column: number };
  /** Cells before the border; 0 where there is none. */
  readonly side: number;
}

const at = (row: number, column: number): string => `${ESC}${row + 1};${column + 1}H`;

function line(text: string, row: number, side: number): string {
  const clear = `${at(row, 0)}${ESC}0m${ESC}2K`;
  const border = side > 0 ? text.indexOf(BORDER) : -1;
  if (border < 0) return clear + text;
  // Terminals do not agree on the width of every character: what follows the first column begins where it belongs all the same.
  // The style in force before the border is its own, so nothing is lost by moving there.
  return `${clear}${text.slice(0, border)}${at(row, side)}${text.slice(border)}`;
}

/**
 * What a terminal has to be sent so that it shows `next`, when it shows `previous`. Rows are addressed one by one: one that is drawn
 * wider than expected disturbs no other.
 */
export function paint(previous: Painting | undefined, next: Painting): string {
  const known = previous?.side === next.side && previous.lines.length === next.lines.length ? previous.lines : undefined;
  const rows = next.lines.map((text, row) => (known?.[row] === text ? '' : line(text, row, next.side)));
  const moved = previous?.cursor.row !== next.cursor.row || previous.cursor.column !== next.cursor.column;
  const changes = rows.join('');
  if (changes === '' && !moved && known) return '';
  return BEGIN + (known ? '' : `${ESC}0m${ESC}2J`) + changes + at(next.cursor.row, next.cursor.column) + END;
}

/** The alternate screen, without wrapping at its edge, with pastes marked as such. */
export const ENTER_SCREEN = `${ESC}?1049h${ESC}?7l${ESC}?2004h${ESC}2J${ESC}H`;
export const LEAVE_SCREEN = `${ESC}?2004l${ESC}?7h${ESC}0m${ESC}?25h${ESC}?1049l`;
