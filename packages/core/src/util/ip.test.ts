import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipBytes, ipText } from './ip.ts';

describe('IP addresses', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:db8::', '2001:db8::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['fe80::10:0', 'fe80::10:0'],
  ])('%s is %s', (given, plain) => {
    expect(ipText(ipBytes(given) ?? new Uint8Array(4))).toBe(plain);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4.',
    'host',
    ':',
    ':::',
    '1::2::3',
    '12345::',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1.2.3',
    'fe80::1%eth0',
    'g::',
    ' ::1',
  ])('"%s" is none', (text) => {
    expect(ipBytes(text)).toBeUndefined();
  });

  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 })), (bytes) => {
        const text = ipText(bytes);
        expect(ipBytes(text)).toEqual(bytes);
        if (bytes.length === 16) expect(isIPv6(text)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        expect(ipBytes(text)).toHaveLength(16);
      }),
    );
  });
});
