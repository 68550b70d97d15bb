import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { Extension } from '@peculiar/asn1-x509';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, hex } from '../util/bytes.ts';
import { ParleyError } from '../util/errors.ts';
import { boolean, DerReader, positiveInteger, readOnly, smallInteger, TAG, text, time, wholeBits } from './der.ts';
import { OID } from './oids.ts';

const bytes = (digits: string): Uint8Array => fromHex(digits.replaceAll(' ', '')) as Uint8Array;
const bad = expect.objectContaining({ code: 'bad-certificate' });

describe('DerReader', () => {
  it('reads values one after another', () => {
    const reader = new DerReader(bytes('02 01 05 30 03 0c 01 61'), 'thing');
    expect(smallInteger(reader.next(TAG.integer, 'number').content, 'number')).toBe(5);
    const inner = reader.enter(TAG.sequence, 'list');
    expect(text(inner.any('word'), 'word')).toBe('a');
    expect([inner.done, reader.done]).toEqual([true, true]);
  });

  it('reads lengths in their shortest form alone', () => {
    const long = (length: number, head: string): Uint8Array => bytes(`04${head}${'00'.repeat(length)}`);
    expect(new DerReader(long(0x7f, '7f'), 'x').any('v').content).toHaveLength(0x7f);
    expect(new DerReader(long(0x80, '8180'), 'x').any('v').content).toHaveLength(0x80);
    expect(new DerReader(long(0x100, '820100'), 'x').any('v').content).toHaveLength(0x100);
    for (const wrong of [long(0x7f, '817f'), long(0xff, '8200ff'), long(1, '83000001'), long(4, '80'), long(1, '840000000001')]) {
      expect(() => new DerReader(wrong, 'x').any('v')).toThrow(bad);
    }
  });

  it('says what is cut off, missing, of the wrong type, or behind the end', () => {
    const attempts: [string, (reader: DerReader) => unknown][] = [
      ['0402 00', (reader) => reader.any('v')],
      ['04', (reader) => reader.any('v')],
      ['', (reader) => reader.next(TAG.null, 'v')],
      ['0500', (reader) => reader.next(TAG.integer, 'v')],
      ['0500 0500', (reader) => [reader.any('v'), reader.end()]],
      ['1f8100', (reader) => reader.any('v')],
    ];
    const messages = attempts.map(([input, read]) => {
      try {
        return `no error: ${String(read(new DerReader(bytes(input), 'thing')))}`;
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(messages).toEqual([
      'v of thing is cut off',
      'v of thing is cut off',
      'v of thing is missing',
      'v of thing is of the wrong type',
      'thing has something behind its end',
      'v of thing has a tag of several bytes',
    ]);
    expect(() => readOnly(bytes('3000 00'), TAG.sequence, 'x')).toThrow(bad);
  });

  it('throws nothing but bad-certificate, whatever it reads', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (input) => {
        try {
          const reader = new DerReader(input, 'x');
          while (!reader.done) reader.any('v');
        } catch (error) {
          expect(error).toBeInstanceOf(ParleyError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('values', () => {
  it('are positive integers in their shortest form', () => {
    expect(hex(positiveInteger(bytes('0080'), 'n'))).toBe('80');
    expect(smallInteger(bytes('00'), 'n')).toBe(0);
    expect(smallInteger(bytes('7fffffff'), 'n')).toBe(2 ** 31 - 1);
    for (const wrong of ['', '00', '80', '0001', '00 7f']) expect(() => positiveInteger(bytes(wrong), 'n')).toThrow(bad);
    for (const wrong of ['0080000000', '0100000000']) expect(() => smallInteger(bytes(wrong), 'n')).toThrow(bad);
  });

  it('are booleans and bit strings', () => {
    expect([boolean(bytes('ff'), 'b'), boolean(bytes('00'), 'b')]).toEqual([true, false]);
    for (const wrong of ['', '01', 'ffff']) expect(() => boolean(bytes(wrong), 'b')).toThrow(bad);
    expect(hex(wholeBits(bytes('00ab'), 'b'))).toBe('ab');
    for (const wrong of ['', '01ab']) expect(() => wholeBits(bytes(wrong), 'b')).toThrow(bad);
  });

  it('are text that is really of its kind', () => {
    const value = (tag: number, digits: string) => ({ tag, whole: bytes(digits), content: bytes(digits) });
    expect(text(value(TAG.utf8String, 'c3a9'), 't')).toBe('é');
    expect(text(value(TAG.printableString, '61'), 't')).toBe('a');
    for (const [tag, digits] of [
      [TAG.utf8String, 'c3'],
      [TAG.ia5String, 'c3a9'],
      [0x1e, '0061'],
    ] as const) {
      expect(() => text(value(tag, digits), 't')).toThrow(bad);
    }
  });

  it('are times', () => {
    const value = (tag: number, written: string) => ({ tag, whole: new Uint8Array(), content: new TextEncoder().encode(written) });
    expect(time(value(TAG.utcTime, '491231235959Z'), 't')).toBe(Date.UTC(2049, 11, 31, 23, 59, 59));
    expect(time(value(TAG.utcTime, '500101000000Z'), 't')).toBe(Date.UTC(1950, 0, 1));
    expect(time(value(TAG.generalizedTime, '20240229120000Z'), 't')).toBe(Date.UTC(2024, 1, 29, 12));
    const wrong = ['230229000000Z', '231301000000Z', '230101240000Z', '2301010000Z', '230101000000', '230101000000+0000', ''];
    for (const written of wrong) expect(() => time(value(TAG.utcTime, written), 't'), written).toThrow(bad);
    expect(() => time(value(TAG.utf8String, '491231235959Z'), 't')).toThrow(bad);
  });
});

describe('object identifiers', () => {
  it('have the DER that the schema library writes for their dots', () => {
    for (const [name, oid] of Object.entries(OID)) {
      const extension = new Extension({ extnID: oid.dotted, extnValue: new OctetString() });
      const written = new Uint8Array(AsnConvert.serialize(extension));
      expect(hex(readOnly(written, TAG.sequence, 'extension').any('oid').content), name).toBe(oid.hex);
    }
  });
});
