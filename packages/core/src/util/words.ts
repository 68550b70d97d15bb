/** Marks that are laid over a letter (accents); vowel signs of other scripts are letters of their own. */
const ACCENTS = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+/g;

/**
 * Scripts that put no space between words: each character stands for itself, so that a query finds what stands in the
 * middle of a sentence. Everything else is a run of letters, their marks, and digits.
 */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]\p{M}*|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{N}\p{M}])+/gu;

const ASCII = /^[\0-\x7f]*$/;

/**
 * The words of a text as search sees them, in order: split at whatever is neither letter nor digit, compatibility forms
 * resolved (NFKD), accents and case folded. Every store indexes and asks by these, so that a search finds the same on
 * each platform.
 */
export function searchWords(text: string): string[] {
  if (ASCII.test(text)) return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  // Upper case first, since some letters have only one of the two forms (ß); accents only then, since one of them (the
  // iota below a Greek vowel) has a capital letter; a final sigma is a sigma.
  const cased = text.normalize('NFKD').toUpperCase().toLowerCase();
  const folded = cased.normalize('NFKD').replace(ACCENTS, '').replaceAll('ς', 'σ');
  return folded.match(WORD) ?? [];
}
