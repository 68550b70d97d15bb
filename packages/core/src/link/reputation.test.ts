import { describe, expect, it } from 'vitest';
import { linkDefaults } from './config.ts';
import { Reputation } from './reputation.ts';

const config = { ...linkDefaults, banScore: 100, banMs: 60_000, scoreHalfLifeMs: 10_000 };

describe('Reputation', () => {
  it('counts no single offence for more than a tenth of the threshold', () => {
    const reputation = new Reputation(config);
    expect(reputation.offend('key', 1e9, 0)).toBe(false);
    expect(reputation.score('key', 0)).toBe(10);
    const outcomes = Array.from({ length: 9 }, () => reputation.offend('key', Number.POSITIVE_INFINITY, 0));
    expect(outcomes).toEqual([false, false, false, false, false, false, false, false, true]);
  });

  it('bans at the threshold, for its time, and begins anew', () => {
    const reputation = new Reputation(config);
    for (let i = 0; i < 10; i++) reputation.offend('key', 10, 1000);
    expect(reputation.isBanned('key', 1000)).toBe(true);
    expect(reputation.isBanned('key', 60_999)).toBe(true);
    expect(reputation.isBanned('key', 61_000)).toBe(false);
    expect(reputation.score('key', 61_000)).toBe(0);
    expect(reputation.isBanned('another', 1000)).toBe(false);
  });

  it('forgets half of a score in its half-life, so that rare slips never add up', () => {
    const reputation = new Reputation(config);
    reputation.offend('key', 8, 0);
    expect(reputation.score('key', 10_000)).toBeCloseTo(4);
    expect(reputation.score('key', 30_000)).toBeCloseTo(1);
    for (let i = 1; i <= 1000; i++) expect(reputation.offend('slow', 10, i * 10_000)).toBe(false);
    expect(reputation.score('slow', 10_000_000)).toBeLessThan(21);
  });

  it('remembers a bounded number of keys, those in use longest', () => {
    const reputation = new Reputation(config);
    for (let i = 0; i < 10; i++) reputation.offend('banned', 10, 0);
    for (let i = 0; i < 9999; i++) reputation.offend(`key ${i}`, 1, 0);
    expect(reputation.isBanned('banned', 1)).toBe(true);
    for (let i = 0; i < 9999; i++) reputation.offend(`other ${i}`, 1, 0);
    expect(reputation.isBanned('banned', 1)).toBe(true);
    expect(reputation.score('key 0', 1)).toBe(0);
  });
});
