import { ParleyError } from '../util/errors.ts';

/** Identifier octets of the ASN.1 types that certificates are made of (X.690 section 8.1.2). */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[number]` of a context-specific tag. */
export function contextTag(number: number, constructed: boolean): number {
  return (constructed ? 0xa0 : 0x80) | number;
}

/** One value: `whole` with its identifier and length, `content` without. Both are views. */
export interface DerValue {
  readonly tag: number;
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
}

/**
 * Reads DER (X.690) strictly, one value after another: identifiers of one byte, definite lengths in their shortest form, nothing
 * behind the end. It never recurses, so nesting costs nothing. Every failure is `bad-certificate` and names what was being read.
 *
 * Written here because a certificate is read for every stranger who connects: the schema library that builds ours needs a third of a
 * millisecond for each, several times a signature verification, and takes BER and trailing bytes as well.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  /** `what` names the whole in errors. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The tag of the next value; undefined at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** The next value, of any tag. */
  any(what: string): DerValue {
    const start = this.#at;
    const tag = this.#byte(what);
    if ((tag & 0x1f) === 0x1f) throw this.#error(what, 'has a tag of several bytes');
    let length = this.#byte(what);
    if (length >= 0x80) {
      // The longest certificate has less than 64 KiB.
      const count = length & 0x7f;
      if (count === 0 || count > 2) throw this.#error(what, 'has an impossible length');
      length = this.#byte(what);
      if (count === 2) length = (length << 8) | this.#byte(what);
      if (length < (count === 1 ? 0x80 : 0x100)) throw this.#error(what, 'has a length that is not in its shortest form');
    }
    const from = this.#at;
    const to = from + length;
    if (to > this.#bytes.length) throw this.#error(what, 'is cut off');
    this.#at = to;
    return { tag, whole: this.#bytes.subarray(start, to), content: this.#bytes.subarray(from, to) };
  }

  /** The next value, which must have this tag. */
  next(tag: number, what: string): DerValue {
    if (this.peek() !== tag) throw this.#error(what, this.done ? 'is missing' : 'is of the wrong type');
    return this.any(what);
  }

  /** The content of the next value, as a reader of its own. */
  enter(tag: number, what: string): DerReader {
    return new DerReader(this.next(tag, what).content, what);
  }

  /** Throws unless everything was read. */
  end(): void {
    if (!this.done) throw new ParleyError('bad-certificate', `${this.#what} has something behind its end`);
  }

  #byte(what: string): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw this.#error(what, 'is cut off');
    this.#at++;
    return byte;
  }

  #error(what: string, fault: string): ParleyError {
    return new ParleyError('bad-certificate', what === this.#what ? `${what} ${fault}` : `${what} of ${this.#what} ${fault}`);
  }
}

/** The one value that these bytes are, as a reader of its content; nothing may stand behind it. */
export function readOnly(bytes: Uint8Array, tag: number, what: string): DerReader {
  const outer = new DerReader(bytes, what);
  const inner = outer.enter(tag, what);
  outer.end();
  return inner;
}

/** Content of a BIT STRING of whole bytes (X.690 section 8.6). */
export function wholeBits(content: Uint8Array, what: string): Uint8Array {
  if (content[0] !== 0) throw new ParleyError('bad-certificate', `${what} is not of whole bytes`);
  return content.subarray(1);
}

/** Bytes of a positive INTEGER, without the zero byte that keeps it positive. */
export function positiveInteger(content: Uint8Array, what: string): Uint8Array {
  const [first, second] = content;
  if (first === undefined || first >= 0x80) throw new ParleyError('bad-certificate', `${what} is not positive`);
  if (first !== 0) return content;
  if (second === undefined || second < 0x80) {
    throw new ParleyError('bad-certificate', `${what} is ${second === undefined ? 'zero' : 'not in its shortest form'}`);
  }
  return content.subarray(1);
}

/** A small non-negative INTEGER, below 2^31. */
export function smallInteger(content: Uint8Array, what: string): number {
  if (content.length === 1 && content[0] === 0) return 0;
  const bytes = positiveInteger(content, what);
  if (bytes.length > 4 || (bytes.length === 4 && (bytes[0] as number) >= 0x80)) {
    throw new ParleyError('bad-certificate', `${what} is too large`);
  }
  let number = 0;
  for (const byte of bytes) number = number * 256 + byte;
  return number;
}

/** BOOLEAN (X.690 section 11.1). */
export function boolean(content: Uint8Array, what: string): boolean {
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new ParleyError('bad-certificate', `${what} is no BOOLEAN`);
  return content[0] === 0xff;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text of an UTF8String, or of a PrintableString or IA5String (both ASCII). */
export function text(value: DerValue, what: string): string {
  if (value.tag === TAG.utf8String) {
    try {
      return strictUtf8.decode(value.content);
    } catch (cause) {
      throw new ParleyError('bad-certificate', `${what} is not UTF-8`, { cause });
    }
  }
  if (value.tag !== TAG.printableString && value.tag !== TAG.ia5String) {
    throw new ParleyError('bad-certificate', `${what} is in an unsupported kind of text`);
  }
  return ascii(value.content, what);
}

export function ascii(content: Uint8Array, what: string): string {
  let result = '';
  for (const byte of content) {
    if (byte >= 0x80) throw new ParleyError('bad-certificate', `${what} is not ASCII`);
    result += String.fromCharCode(byte);
  }
  return result;
}

/** UTCTime or GeneralizedTime as RFC 5280 section 4.1.2.5 has them (to the second, in UTC): milliseconds since 1970. */
export function time(value: DerValue, what: string): number {
  const bad = (): ParleyError => new ParleyError('bad-certificate', `${what} is no valid time`);
  if (value.tag !== TAG.utcTime && value.tag !== TAG.generalizedTime) throw bad();
  const digits = ascii(value.content, what);
  const short = value.tag === TAG.utcTime;
  if (!(short ? /^\d{12}Z$/ : /^\d{14}Z$/).test(digits)) throw bad();
  const two = Number(digits.slice(0, 2));
  const full = short ? `${two < 50 ? '20' : '19'}${digits}` : digits;
  const part = (from: number): string => full.slice(from, from + 2);
  const iso = `${full.slice(0, 4)}-${part(4)}-${part(6)}T${part(8)}:${part(10)}:${part(12)}.000Z`;
  const ms = Date.parse(iso);
  // Date.parse carries the 31st of February over into March.
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) throw bad();
  return ms;
}
