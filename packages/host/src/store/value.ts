import { isUtf8 } from 'node:buffer';
import { ParleyError, type StoreValue } from '@parley/core';

/**
 * Lone surrogates are no UTF-8, and the driver replaces them. Such text, which is rare, is kept as JSON behind this mark,
 * and so is text that begins with the mark by itself.
 */
const MARK = '\u0001';
const LONE_SURROGATE = /\p{Surrogate}/u;

/** What to bind for a value. */
export function toColumn(value: StoreValue): StoreValue {
  if (typeof value !== 'string' || (!value.startsWith(MARK) && !LONE_SURROGATE.test(value))) return value;
  return MARK + JSON.stringify(value);
}

/**
 * Columns to ask for instead of a text column. Text is read as bytes: the driver would cut it at its first NUL, and end
 * the process where a damaged file holds no UTF-8.
 */
export function textColumn(name: string): string {
  return `CAST(${name} AS BLOB)`;
}

/** The columns that `fromColumns` takes: whether the value is text, and its bytes. */
export const VALUE_COLUMNS = `typeof(value) = 'text', ${textColumn('value')}`;

function damaged(): ParleyError {
  return new ParleyError('corrupt', 'the store is damaged: a row holds what was never written');
}

/** The text of a `textColumn`. Throws `corrupt`. */
export function fromTextColumn(bytes: unknown): string {
  if (!Buffer.isBuffer(bytes) || !isUtf8(bytes)) throw damaged();
  return bytes.toString();
}

/** A value as it went in. Throws `corrupt`. */
export function fromColumns(isText: unknown, bytes: unknown): StoreValue {
  if (isText !== 1) {
    if (!(bytes instanceof Uint8Array)) throw damaged();
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  const text = fromTextColumn(bytes);
  if (!text.startsWith(MARK)) return text;
  try {
    return JSON.parse(text.slice(MARK.length)) as string;
  } catch {
    throw damaged();
  }
}
