export interface SafeTextOptions {
  /** Keep line feeds. Without it they become spaces: for names, and wherever one line is all there is. */
  readonly lines?: boolean;
}

/** Controls that act on a terminal: C0, DEL and C1; lone surrogates and noncharacters, which no terminal draws alike. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ACTING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\p{Cs}\ufdd0-\ufdef]|[\u{fffe}\u{ffff}]/gu;
/** Embeddings, overrides and isolates: what follows them could be shown in the place of something else. */
const REORDERING = /[\u202a-\u202e\u2066-\u2069]/gu;
/** Format characters that are drawn (Arabic number signs and their kin) or belong between letters (joiners, looked at next). */
const INVISIBLE =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: single code points are looked for, whatever stands before them
  /(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u200c\u200d])[\p{Cf}\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\u{e0000}-\u{e0fff}]/gu;
/** Joiners shape Indic and Arabic letters; between emoji they merge what terminals draw at different widths. */
const STRAY_JOINER = /(?<![\p{L}\p{M}])[\u200c\u200d]|[\u200c\u200d](?![\p{L}\p{M}])/gu;
const SKIN_TONE = /(?<=\p{Extended_Pictographic})[\u{1f3fb}-\u{1f3ff}]+/gu;
/** A letter takes this many marks in any script; more are there to run over the lines above and below. */
const STACKED = /([\p{Mn}\p{Me}]{4})[\p{Mn}\p{Me}]+/gu;
/** A mark with nothing to stand on would change what the program printed before it. */
const BASELESS = /(^|[\n ])(?=\p{M})/gu;
const PLAIN = /^[\x20-\x7e]*$/;

const REPLACEMENT = '\ufffd';

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x09) return '    ';
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '\u2421' : REPLACEMENT;
}

/**
 * Text that somebody else wrote, made safe to print: nothing in it acts on the terminal or reorders what stands around it. Controls and
 * escape sequences become visible pictures, reordering characters U+FFFD; invisible ones go, and emoji sequences are taken apart, so
 * that every terminal gives the text the same width. Accents beyond four on one letter go. Doing it twice changes nothing more.
 */
export function safeText(text: string, options: SafeTextOptions = {}): string {
  if (PLAIN.test(text)) return text;
  const lines = text.replace(/\r\n|[\u2028\u2029]/g, '\n');
  const visible = (options.lines ? lines : lines.replaceAll('\n', ' ')).replace(ACTING, picture).replace(REORDERING, REPLACEMENT);
  const shown = visible.replace(INVISIBLE, '').replace(STRAY_JOINER, '').replace(SKIN_TONE, '');
  return shown.normalize('NFC').replace(STACKED, '$1').replace(BASELESS, '$1\u25cc');
}
