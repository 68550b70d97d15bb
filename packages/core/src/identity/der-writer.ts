import { concat, fromHex, utf8 } from '../util/bytes.ts';
import { ParleyError } from '../util/errors.ts';
import { TAG } from './der.ts';
import type { Oid } from './oids.ts';

const MAX_LENGTH = 0xffff;

/** One value in DER (X.690): its tag, its length in the shortest form, and the parts of its content. Throws `bad-argument` above 64 KiB. */
export function der(tag: number, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = concat(...parts);
  const { length } = content;
  if (length > MAX_LENGTH) throw new ParleyError('bad-argument', 'a certificate holds at most 64 KiB');
  if (length < 0x80) return concat(Uint8Array.of(tag, length), content);
  return concat(length < 0x100 ? Uint8Array.of(tag, 0x81, length) : Uint8Array.of(tag, 0x82, length >> 8, length & 0xff), content);
}

/** OBJECT IDENTIFIER. */
export function derOid(oid: Oid): Uint8Array<ArrayBuffer> {
  return der(TAG.oid, fromHex(oid.hex) ?? new Uint8Array());
}

/** BIT STRING; `unused`: bits at its end that do not count. */
export function derBits(bytes: Uint8Array, unused = 0): Uint8Array<ArrayBuffer> {
  return der(TAG.bitString, Uint8Array.of(unused), bytes);
}

/** A time of a certificate, to the second: UTCTime up to 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5). `ms`: since 1970. */
export function derTime(ms: number): Uint8Array<ArrayBuffer> {
  const digits = new Date(ms).toISOString().replace(/\.\d+|[^\dZ]/g, '');
  const year = Number(digits.slice(0, 4));
  return year < 2050 ? der(TAG.utcTime, utf8(digits.slice(2))) : der(TAG.generalizedTime, utf8(digits));
}
