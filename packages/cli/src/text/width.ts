/**
 * How many cells of a terminal a text takes, counted by code points as terminals do (`wcwidth`). Where they differ it counts the wider,
 * so that nothing is drawn over its neighbour. The text has gone through `safeText`.
 */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18d08}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const REGIONAL = /[\u{1f1e6}-\u{1f1ff}]/u;
const NOTHING = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff\ud7b0-\ud7ff]/u;
const PLAIN = /^[\x20-\x7e]*$/;

const known = new Map<string, number>();
const MOST_KNOWN = 5000;

function measure(character: string): number {
  if (NOTHING.test(character)) return 0;
  return WIDE.test(character) && !REGIONAL.test(character) ? 2 : 1;
}

function characterWidth(character: string): number {
  if (character.length === 1 && character >= ' ' && character <= '~') return 1;
  let width = known.get(character);
  if (width === undefined) {
    width = measure(character);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(character, width);
  }
  return width;
}

export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What a person takes for one character each. */
export function graphemes(text: string): string[] {
  if (PLAIN.test(text)) return text.split('');
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** The text in at most `width` cells, with an ellipsis where something was cut off. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width <= 0) return '';
  let kept = '';
  let used = 0;
  for (const grapheme of graphemes(text)) {
    const wide = textWidth(grapheme);
    if (used + wide > width - 1) break;
    kept += grapheme;
    used += wide;
  }
  return `${kept}…`;
}

/** Filled with spaces up to `width` cells. */
export function pad(text: string, width: number, side: 'left' | 'right' = 'right'): string {
  const fill = ' '.repeat(Math.max(0, width - textWidth(text)));
  return side === 'right' ? text + fill : fill + text;
}
