import { graphemes, textWidth } from './width.ts';

/** Scripts without spaces between words may break between any two characters. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Extended_Pictographic}]/u;

/** Pieces that stay together if they fit in a line. */
function pieces(line: string): string[] {
  return (line.match(/ +|[^ ]+/g) ?? []).flatMap((piece) => (UNSPACED.test(piece) ? graphemes(piece) : [piece]));
}

/** Without the spaces at its end that parted words; others, such as a no-break space, are part of what was said. */
const trimmed = (row: string): string => row.replace(/ +$/, '');

function wrapLine(line: string, width: number): string[] {
  if (textWidth(line) <= width) return [line];
  const rows: string[] = [];
  let row = '';
  let used = 0;
  const begin = (): void => {
    rows.push(trimmed(row));
    row = '';
    used = 0;
  };
  for (const piece of pieces(line)) {
    const wide = textWidth(piece);
    const space = piece.startsWith(' ');
    if (used + wide > width) {
      // A space at which a line is broken is not shown; an indentation is.
      if (space && used > 0) {
        begin();
        continue;
      }
      if (used > 0) begin();
    }
    if (wide <= width) {
      row += piece;
      used += wide;
      continue;
    }
    for (const grapheme of graphemes(piece)) {
      const one = textWidth(grapheme);
      if (used > 0 && used + one > width) begin();
      row += grapheme;
      used += one;
    }
  }
  if (row !== '' || rows.length === 0) rows.push(trimmed(row));
  return rows;
}

/** Text in rows of at most `width` cells, broken between words where that is possible. Line feeds begin new rows. At least one row. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(2, width)));
}
