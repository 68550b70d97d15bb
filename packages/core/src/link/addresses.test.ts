import { describe, expect, it } from 'vitest';
import { AddressQuota } from './addresses.ts';

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

  it('reads IPv6 addresses as they are written', () => {
    const quota = new AddressQuota(1);
    quota.enter('[2001:db8::1]:1000');
    expect(quota.admits('[2001:db8::1]:2000')).toBe(false);
    expect(quota.admits('[2001:db8::2]:1000')).toBe(true);
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
