import { errorCode } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { addressGroup, formatAddress, isLoopback, parseAddress } from './address.ts';

describe('an address', () => {
  it.each([
    ['127.0.0.1:80', '127.0.0.1', 80],
    ['example.org:65535', 'example.org', 65535],
    ['a_b-c.local:0', 'a_b-c.local', 0],
    ['[::1]:5', '::1', 5],
    ['[2001:db8::1]:443', '2001:db8::1', 443],
  ])('%s is taken apart', (address, host, port) => {
    expect(parseAddress(address)).toEqual({ host, port });
    expect(formatAddress(host, port)).toBe(address);
  });

  it.each([
    '',
    ':80',
    'host',
    'host:',
    'host:65536',
    'host:-1',
    'host:1e3',
    'host:80 ',
    'ho st:80',
    'host:80:90',
    '::1:80',
    '[127.0.0.1]:80',
    '[::1]',
    '[]:80',
    '-host:80',
    'ho/st:80',
    `${'x'.repeat(300)}:80`,
  ])('is not "%s"', (address) => {
    let code = 'taken';
    try {
      parseAddress(address);
    } catch (error) {
      code = errorCode(error);
    }
    expect(code).toBe('bad-argument');
  });

  it('of a dual-stack socket is shown as IPv4', () => {
    expect(formatAddress('::ffff:192.0.2.1', 80)).toBe('192.0.2.1:80');
    expect(formatAddress('::fffe:1', 80)).toBe('[::fffe:1]:80');
  });
});

describe('limits by address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ])('count %s as %s', (host, group) => {
    expect(addressGroup(host)).toBe(group);
  });

  it('know loopback', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) expect(isLoopback(host)).toBe(true);
    for (const host of ['128.0.0.1', '::2', '127.example.org', 'localhost']) expect(isLoopback(host)).toBe(false);
  });
});
