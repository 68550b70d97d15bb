import { ParleyError } from '../util/errors.ts';

/** Most characters (Unicode code points) of a name (WIRE "Formats"; RFC 5280 "ub-common-name"). */
export const MAX_NAME_CHARACTERS = 64;

/**
 * Controls, line and paragraph separators, lone surrogates, and the invisible characters that reorder or hide text (bidirectional
 * controls among them): with these a name could be made to look like another's. `#` parts the name from the node id.
 */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}#\u{61c}\u{200b}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}]/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** What is wrong with a name, in words for people; undefined when it may be used. */
export function nameFault(name: string): string | undefined {
  // A code point takes at most two code units: longer text is refused before it is looked through.
  if (name.length > 2 * MAX_NAME_CHARACTERS || [...name].length > MAX_NAME_CHARACTERS) {
    return `a name has at most ${MAX_NAME_CHARACTERS} characters`;
  }
  if (name !== name.trim()) return 'a name neither begins nor ends with a space';
  if (name.includes('#')) return 'a name holds no #';
  if (FORBIDDEN.test(name)) return 'a name holds no control or invisible formatting characters';
  if (!VISIBLE.test(name)) return 'a name has at least one visible character';
  return undefined;
}

/** A name as a person typed it, trimmed and in Unicode normal form C. Throws `bad-argument` when it may not be used. */
export function checkName(typed: string): string {
  const name = typed.normalize('NFC').trim();
  const fault = nameFault(name);
  if (fault) throw new ParleyError('bad-argument', fault);
  return name;
}

/** Digits of the node id that stand behind a name: for those one knows, and for strangers (DESIGN section 3). */
export const SHORT_DIGITS = 4;
export const STRANGER_DIGITS = 10;

/** `name#1a2b`: the name with the first digits of the node id. For display only; it identifies nobody. */
export function displayName(name: string, nodeId: string, digits: number = SHORT_DIGITS): string {
  return `${name}#${nodeId.replaceAll('-', '').slice(0, digits)}`;
}
