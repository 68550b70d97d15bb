/**
 * Characters that act on the text around them instead of being read: controls, and those that embed, override or isolate directions.
 * Marks that only hint at a direction and joiners stay: scripts need them.
 */
const ACTING =
  /[\p{Cc}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{200b}\u{2060}-\u{2064}\u{206a}-\u{206f}\u{feff}\u{fff9}-\u{fffb}\u{e0000}-\u{e007f}]/u;
const WHITE = /[\t\n\r]/;

export type Piece = { readonly text: string } | { readonly control: string };

/** A text in pieces: what is read, and by its code what would act on it. */
export function pieces(text: string): Piece[] {
  if (!ACTING.test(text)) return [{ text }];
  const found: Piece[] = [];
  let plain = '';
  // A flag of a part of a country is an emoji with tags behind it: those are meant.
  let tagged = false;
  for (const character of text) {
    const isTag = /[\u{e0020}-\u{e007f}]/u.test(character);
    if (!ACTING.test(character) || WHITE.test(character) || (isTag && tagged)) {
      plain += character;
      tagged = character === '\u{1f3f4}' || (isTag && tagged);
      continue;
    }
    if (plain !== '') found.push({ text: plain });
    found.push({ control: codeOf(character) });
    plain = '';
    tagged = false;
  }
  if (plain !== '') found.push({ text: plain });
  return found;
}

export function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A text where only text can be: titles, labels, notifications. */
export function inert(text: string): string {
  return pieces(text)
    .map((piece) => ('text' in piece ? piece.text : `[${piece.control}]`))
    .join('');
}

/** Bytes of a text in UTF-8, as the limit of a message counts them. */
export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
