import { describe, expect, it } from 'vitest';
import { lifetimeWords, parseLifetime } from './lifetime.ts';

describe('a lifetime', () => {
  it('is off, or a number of minutes, hours, days or weeks up to four weeks', () => {
    expect(['off', '1m', '90m', '1h', '7d', '4w', '28d'].map(parseLifetime)).toEqual([0, 60, 5400, 3600, 604_800, 2_419_200, 2_419_200]);
    expect(['', '0m', '30s', '5w', '1', 'm', '-1m', '1.5h', '99999999m'].map(parseLifetime)).toEqual(Array(9).fill(undefined));
  });

  it('is told in the largest unit that fits', () => {
    expect([0, 60, 5400, 3600, 86_400, 604_800, 2_419_200, 61].map(lifetimeWords)).toEqual([
      'off',
      '1 minute',
      '90 minutes',
      '1 hour',
      '1 day',
      '1 week',
      '4 weeks',
      '61 seconds',
    ]);
  });
});
