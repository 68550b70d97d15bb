/** What JSON leaves as it is and a terminal obeys, or turns around: escaped it means the same. */
const ACTING = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text of others within JSON that is printed: it stays the same value and cannot act on a terminal. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(ACTING, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
