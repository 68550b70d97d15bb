import { describe, expect, it } from 'vitest';
import { nextOwnRepublish, nextRepublish, patience, staleBuckets } from './schedule.ts';

describe('schedules', () => {
  it('spread those who hold a record, the owner first', () => {
    expect([0, 1].map((jitter) => nextRepublish(100, 1000, jitter))).toEqual([1100, 1350]);
    expect([0, 1].map((jitter) => nextOwnRepublish(100, 1000, 10_000, jitter))).toEqual([1000, 1200]);
    expect(nextOwnRepublish(0, 1000, 1000, 0.5)).toBe(500);
  });

  it('name the buckets that nobody used', () => {
    const used = [0, 500, 900];
    expect(staleBuckets(3, (index) => used[index] as number, 1000, 500)).toEqual([0, 1]);
  });

  it('wait for what most answers took', () => {
    const bounds = { min: 100, max: 1000 };
    expect([patience(10, 5, bounds), patience(100, 50, bounds), patience(2000, 0, bounds)]).toEqual([100, 300, 1000]);
  });
});
