import { describe, expect, it } from 'vitest';
import { AddressQuota, networkOf } from './addresses.ts';

describe('AddressQuota', () => {
  it('counts connections of one address over all of its ports', () => {
    const quota = new AddressQuota(2);
    quota.enter('192.0.2.1:1000');
    expect(quota.admits('192.0.2.1:1001')).toBe(true);
    quota.enter('192.0.2.1:1001');
    expect(quota.admits('192.0.2.1:1002')).toBe(false);
    expect(quota.admits('192.0.2.2:1000')).toBe(true);
    quota.leave('192.0.2.1:1000');
    expect(quota.admits('192.0.2.1:1003')).toBe(true);
  });

  it('counts IPv6 addresses by their /64: one subscriber has all of it', () => {
    const quota = new AddressQuota(1);
    quota.enter('[2001:db8::1]:1000');
    expect(quota.admits('[2001:db8::1]:2000')).toBe(false);
    expect(quota.admits('[2001:db8::2]:1000')).toBe(false);
    expect(quota.admits('[2001:db8:0:1::2]:1000')).toBe(true);
  });

  it.each(['127.0.0.1:1', '127.9.9.9:1', '[::1]:1', '[::ffff:127.0.0.1]:1', 'localhost:1'])('has no limit for loopback: %s', (address) => {
    const quota = new AddressQuota(1);
    for (let i = 0; i < 5; i++) quota.enter(address);
    expect(quota.admits(address)).toBe(true);
  });

  it.each(['127.example.org:1', '128.0.0.1:1', '[::2]:1', '[::ffff:192.0.2.1]:1'])('has one for %s', (address) => {
    const quota = new AddressQuota(1);
    quota.enter(address);
    expect(quota.admits(address)).toBe(false);
  });

  it('keeps nothing of those who left', () => {
    const quota = new AddressQuota(1);
    quota.enter('192.0.2.1:1');
    quota.leave('192.0.2.1:1');
    quota.leave('192.0.2.1:1');
    quota.enter('192.0.2.1:2');
    expect(quota.admits('192.0.2.1:3')).toBe(false);
  });
});

describe('networkOf', () => {
  it.each([
    ['192.0.2.1:1', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:1', '192.0.2.1'],
    ['host:4000', 'host'],
    ['[2001:db8::1]:1', '2001:db8:0:0::/64'],
    ['[2001:0db8:0:0:1:2:3:4]:1', '2001:db8:0:0::/64'],
    ['[2001:db8:a:b::]:1', '2001:db8:a:b::/64'],
    ['[fe80::1%eth0]:1', 'fe80:0:0:0::/64'],
    ['[::2]:1', '0:0:0:0::/64'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
