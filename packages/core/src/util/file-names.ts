import { utf8 } from './bytes.ts';

/** Bytes of a file's name: what all usual file systems take, with room for a number. */
const MAX_NAME_BYTES = 200;
/** What separates paths or lines somewhere, acts on a terminal, turns text around, or is not allowed by some system. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNWANTED = /[/\\:*?"<>|\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
/** Devices of Windows, whatever stands behind the dot; and what a shell's `*` would give to a command as one of its options. */
const RESERVED = /^(?:(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d\u00b9\u00b2\u00b3])\s*(?:\.|$)|-)/i;

/**
 * A file's name as it may be used on any disk, made of a name that a stranger chose: one part of a path, not hidden, no option of a command, at most 200 bytes, its
 * extension kept.
 */
export function safeFileName(given: string): string {
  const clean = given
    .replace(/\p{Surrogate}/gu, '_')
    .replace(UNWANTED, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  const named = clean === '' ? 'file' : RESERVED.test(clean) ? `_${clean}` : clean;
  const [extension = ''] = /(?<=.)\.[A-Za-z0-9]{1,15}$/.exec(named) ?? [];
  const stem = named.slice(0, named.length - extension.length);
  return shorten(stem, MAX_NAME_BYTES - utf8(extension).length).replace(/[.\s]+$/, '') + extension;
}

/** The beginning of a text that has at most so many bytes, in whole characters. */
function shorten(text: string, bytes: number): string {
  let kept = '';
  let size = 0;
  for (const character of text) {
    size += utf8(character).length;
    if (size > bytes) break;
    kept += character;
  }
  return kept;
}
