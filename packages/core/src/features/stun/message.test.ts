import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, hex } from '../../util/bytes.ts';
import {
  ATTRIBUTE,
  decode,
  encode,
  FAILURE,
  mappedAddress,
  REQUEST,
  readErrorCode,
  readMappedAddress,
  type StunMessage,
  SUCCESS,
  unknownAttributes,
  unknownRequired,
} from './message.ts';

const bytes = (text: string): Uint8Array => fromHex(text.replaceAll(/\s/g, '')) ?? new Uint8Array(0);
const TRANSACTION = bytes('b7e7a701 bc34d686 fa87dfae');

/** RFC 5769 section 2.1. */
const SAMPLE_REQUEST = bytes(`
  00010058 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74 00240004 6e0001ff 80290008 932ff9b1 51263b36
  00060009 6576746a 3a683676 59202020 00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2 80280004 e57a3bcf`);
/** RFC 5769 section 2.2. */
const SAMPLE_IPV4 = bytes(`
  0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200008 0001a147 e112a643
  00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96`);
/** RFC 5769 section 2.3. */
const SAMPLE_IPV6 = bytes(`
  01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
  00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c`);

function read(packet: Uint8Array): StunMessage {
  const message = decode(packet);
  if (!message) throw new Error(`no STUN message: ${hex(packet)}`);
  return message;
}

describe('STUN messages', () => {
  it('of RFC 5769 are read, their fingerprints checked', () => {
    const request = read(SAMPLE_REQUEST);
    expect([request.type, hex(request.transaction), request.fingerprinted]).toEqual([REQUEST, hex(TRANSACTION), true]);
    expect(request.attributes.map(({ type }) => type)).toEqual([0x8022, 0x0024, 0x8029, 0x0006, 0x0008]);
    expect(unknownRequired(request)).toEqual([0x0024]);
    expect(read(SAMPLE_IPV4).type).toBe(SUCCESS);
    expect(readMappedAddress(read(SAMPLE_IPV4))).toBe('192.0.2.1:32853');
    expect(readMappedAddress(read(SAMPLE_IPV6))).toBe('[2001:db8:1234:5678:11:2233:4455:6677]:32853');
  });

  it('hide an address as RFC 5769 does', () => {
    expect(hex(mappedAddress('192.0.2.1:32853', TRANSACTION)?.value ?? new Uint8Array(0))).toBe('0001a147e112a643');
    const v6 = mappedAddress('[2001:db8:1234:5678:11:2233:4455:6677]:32853', TRANSACTION)?.value;
    expect(hex(v6 ?? new Uint8Array(0))).toBe('0002a1470113a9faa5d3f179bc25f4b5bed2b9d9');
    expect(mappedAddress('[::ffff:192.0.2.1]:32853', TRANSACTION)?.value).toHaveLength(8);
    expect(mappedAddress('example.org:1', TRANSACTION)).toBeUndefined();
  });

  it('are written as they are read', () => {
    for (const sample of [SAMPLE_REQUEST, SAMPLE_IPV4, SAMPLE_IPV6]) {
      const again = read(encode(read(sample)));
      expect(again).toEqual(read(sample));
    }
    expect(encode({ type: REQUEST, transaction: TRANSACTION, attributes: [], fingerprinted: false })).toHaveLength(20);
  });

  it('are none with one bit changed, where a fingerprint is there', () => {
    for (let bit = 0; bit < SAMPLE_IPV4.length * 8; bit++) {
      const spoilt = new Uint8Array(SAMPLE_IPV4);
      spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const message = decode(spoilt);
      // A bit in the attribute's own type makes it another attribute.
      expect(message === undefined || !message.fingerprinted, `bit ${bit}`).toBe(true);
    }
  });

  it.each([
    ['nothing', ''],
    ['half a header', '00010000 2112a442 b7e7a701'],
    ['no magic cookie (RFC 3489)', '00010000 00000000 b7e7a701 bc34d686 fa87dfae'],
    ['a length that is too long', '00010004 2112a442 b7e7a701 bc34d686 fa87dfae'],
    ['a length that is too short', '00010000 2112a442 b7e7a701 bc34d686 fa87dfae 80220000'],
    ['an attribute beyond the end', '00010008 2112a442 b7e7a701 bc34d686 fa87dfae 80220008 00000000'],
    ['half an attribute', '00010002 2112a442 b7e7a701 bc34d686 fa87dfae 8022'],
    ['a fingerprint before others', '0001000c 2112a442 b7e7a701 bc34d686 fa87dfae 80280004 00000000 80220000'],
    ['a fingerprint of five bytes', '0001000c 2112a442 b7e7a701 bc34d686 fa87dfae 80280005 00000000 00000000'],
  ])('are not %s', (_, text) => {
    expect(decode(bytes(text))).toBeUndefined();
  });

  it('say which attributes were not understood', () => {
    const answer = read(
      encode({ type: FAILURE, transaction: TRANSACTION, attributes: unknownAttributes([0x0024, 0x0003]), fingerprinted: true }),
    );
    expect(readErrorCode(answer)).toBe(420);
    expect(hex(answer.attributes.find(({ type }) => type === ATTRIBUTE.unknownAttributes)?.value ?? new Uint8Array(0))).toBe('00240003');
  });

  it('never break the reader', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (noise, framed) => {
        const packet = framed ? encode({ type: SUCCESS, transaction: TRANSACTION, attributes: [], fingerprinted: false }) : noise;
        const whole = framed ? Uint8Array.from([...packet, ...noise]) : packet;
        if (framed) new DataView(whole.buffer).setUint16(2, noise.length);
        const message = decode(whole);
        if (message) {
          readMappedAddress(message);
          readErrorCode(message);
        }
      }),
    );
  });
});
