import { describe, expect, it } from 'vitest';
import { parseUdpAddress, readUdpAddress } from './addresses.ts';

describe('addresses of packets', () => {
  it.each([
    ['203.0.113.5:4717', '203.0.113.5:4717', '203.0.113'],
    ['127.0.0.1:1', '127.0.0.1:1', undefined],
    ['[2001:db8::1]:4717', '[2001:db8::1]:4717', '2001:db8:0'],
    ['[2001:DB8:0:0:0:0:0:1]:4717', '[2001:db8::1]:4717', '2001:db8:0'],
    ['[::ffff:203.0.113.5]:80', '203.0.113.5:80', '203.0.113'],
    ['[::1]:80', '[::1]:80', undefined],
    ['[fe80::1%eth0]:80', '[fe80::1]:80', 'fe80:0:0'],
  ])('%s is %s', (given, text, network) => {
    const address = parseUdpAddress(given);
    expect(address).toMatchObject({ text, network });
    expect(readUdpAddress(address?.bytes ?? new Uint8Array(0), 0)).toEqual(address);
    expect(parseUdpAddress(text)).toEqual(address);
  });

  it.each([
    'host:4717',
    '203.0.113.5',
    '203.0.113.5:0',
    '203.0.113.5:65536',
    '203.0.113.256:1',
    '203.0.113.05:1',
    '0.0.0.0:1',
    '224.0.0.1:1',
    '255.255.255.255:1',
    '[::]:1',
    '[ff02::1]:1',
    '[1:2:3]:1',
    '[1::2::3]:1',
    '[::12345]:1',
    '[1:2:3:4:5:6:7:8:9]:1',
    ':1',
    '',
  ])('%s is none', (given) => {
    expect(parseUdpAddress(given)).toBeUndefined();
  });

  it('are not read beyond the end, nor of another kind', () => {
    const { bytes } = parseUdpAddress('203.0.113.5:4717') as { bytes: Uint8Array };
    expect(readUdpAddress(bytes.subarray(0, 6), 0)).toBeUndefined();
    expect(readUdpAddress(Uint8Array.of(5, ...bytes.subarray(1)), 0)).toBeUndefined();
  });
});
