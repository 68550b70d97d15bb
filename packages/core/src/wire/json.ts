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
 * JSON, anything but an object at the top, lone surrogates, nesting over 16, a key `__proto__`. Of duplicate keys the
 * last wins.
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
  if (typeof value === 'object' && value !== null) check(value, depth + 1, strings);
  else if (strings && typeof value === 'string' && !isWellFormed(value)) throw new ParleyError('bad-json', 'lone surrogate');
}

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Whether a string has no lone surrogates (String.prototype.isWellFormed of ES2024). */
export function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text);
}

/**
 * Canonical JSON (RFC 8785, JCS). ECMAScript's own number and string forms are the canonical ones; only the order of keys, by
 * UTF-16 code units, has to be made.
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const keys = Object.keys(value).sort();
  let text = '{';
  for (const key of keys) {
    const item = value[key];
    if (item === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${JSON.stringify(key)}:${canonicalJson(item)}`;
  }
  return `${text}}`;
}
