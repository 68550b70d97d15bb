import { isLonger } from '../util/bytes.ts';
import { ParleyError } from '../util/errors.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

/** Objects and arrays within one another, the outermost counted as 1 (WIRE "Formats"). */
export const MAX_NESTING = 16;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses one I-JSON object (RFC 7493) as WIRE "Formats" has it. Refused with `bad-json`: text that is not UTF-8 or not
 * JSON, anything but an object at the top, lone surrogates, nesting over 16, a key `__proto__`, numbers beyond the range
 * of a double. Of duplicate keys the last wins; what an earlier one held is not looked at.
 */
export function parseJson(input: Uint8Array | string): JsonObject {
  let text: string;
  let value: unknown;
  try {
    text = typeof input === 'string' ? input : decoder.decode(input);
  } catch (cause) {
    throw new ParleyError('bad-json', 'not UTF-8', { cause });
  }
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ParleyError('bad-json', 'not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ParleyError('bad-json', 'not a JSON object');
  // UTF-8 has no surrogates, and a key is spelled out in full unless escapes are used: only then are strings looked at.
  const escapes = text.includes('\\u') || (typeof input === 'string' && !isWellFormed(text));
  check(value as JsonObject, 1, escapes || text.includes('__proto__'));
  return value as JsonObject;
}

function check(value: JsonValue[] | JsonObject, depth: number, strings: boolean): void {
  if (depth > MAX_NESTING) throw new ParleyError('bad-json', `nested deeper than ${MAX_NESTING}`);
  if (Array.isArray(value)) {
    for (const item of value) checkValue(item, depth, strings);
    return;
  }
  for (const key in value) {
    if (strings && (key === '__proto__' || !isWellFormed(key))) throw new ParleyError('bad-json', 'forbidden key');
    checkValue(value[key] as JsonValue, depth, strings);
  }
}

function checkValue(value: JsonValue, depth: number, strings: boolean): void {
  if (typeof value === 'object') {
    if (value !== null) check(value, depth + 1, strings);
  } else if (typeof value === 'string') {
    if (strings && !isWellFormed(value)) throw new ParleyError('bad-json', 'lone surrogate');
  } else if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    // 1e400: passed on, it would become null, and no signature over it could be checked again.
    throw new ParleyError('bad-json', 'a number beyond the range of a double');
  }
}

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Whether a string has no lone surrogates (String.prototype.isWellFormed of ES2024). */
export function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text);
}

/** Whether a value takes more than so many bytes as JSON. Of one that is far from it no text is made. */
export function isLongerAsJson(value: JsonValue, bytes: number): boolean {
  return mostBytes(value) > bytes && isLonger(JSON.stringify(value), bytes);
}

/** The longest escape of one UTF-16 code unit, which also covers its UTF-8: backslash, `u`, four digits. */
const MOST_OF_A_CHARACTER = 6;
/** `-2.2250738585072014e-308` has 24. */
const MOST_OF_A_NUMBER = 25;

/** What a value takes as JSON, or more. */
function mostBytes(value: JsonValue): number {
  if (typeof value === 'string') return MOST_OF_A_CHARACTER * value.length + 2;
  if (typeof value !== 'object' || value === null) return MOST_OF_A_NUMBER;
  let most = 2;
  if (Array.isArray(value)) for (const item of value) most += mostBytes(item) + 1;
  // Quotes, a colon and a comma.
  else for (const key in value) most += MOST_OF_A_CHARACTER * key.length + 4 + mostBytes(value[key] as JsonValue);
  return most;
}

/**
 * Canonical JSON (RFC 8785, JCS). ECMAScript's own number and string forms are the canonical ones; only the order of keys, by
 * UTF-16 code units, has to be made. Members that are undefined are left out. Throws `bad-argument` for what I-JSON cannot hold:
 * numbers that are not finite, and lone surrogates.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'string') return canonicalString(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new ParleyError('bad-argument', 'JSON holds finite numbers alone');
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const keys = Object.keys(value).sort();
  let text = '{';
  for (const key of keys) {
    const item = value[key];
    if (item === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${canonicalString(key)}:${canonicalJson(item)}`;
  }
  return `${text}}`;
}

function canonicalString(value: string): string {
  const text = JSON.stringify(value);
  // JSON.stringify escapes lone surrogates: most texts are cleared by this search alone.
  if (text.includes('\\ud') && !isWellFormed(value)) throw new ParleyError('bad-argument', 'a lone surrogate');
  return text;
}
