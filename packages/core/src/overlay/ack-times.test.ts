import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AckTimes } from './ack-times.ts';

const bounds = { ackTimeoutMs: 2000, maxAckTimeoutMs: 10_000 };

/** ACKs that took so long, one after the other. */
function after(...took: readonly number[]): AckTimes {
  const times = new AckTimes(bounds);
  for (const ms of took) times.came('n', 'm', 0, ms);
  return times;
}

describe('how long an ACK is waited for', () => {
  it('is two seconds at least and ten at most, whatever they took', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000)), (took) => {
        const ms = after(...took).timeoutMs('n');
        expect(ms).toBeGreaterThanOrEqual(2000);
        expect(ms).toBeLessThanOrEqual(10_000);
      }),
    );
  });

  it('is as RFC 6298 has it', () => {
    expect(after(1000).timeoutMs('n')).toBe(1000 + 4 * 500);
    // The variation is worked out first, with the smoothed time of before.
    expect(after(1000, 2000).timeoutMs('n')).toBe(1125 + 4 * 625);
    expect(after(1000).timeoutMs('other')).toBe(2000);
  });

  it('counts those that came too late, and not those that may be of either of two copies', () => {
    const times = new AckTimes(bounds);
    times.gaveUp('n', 'one', 0);
    expect(times.timeoutMs('n')).toBe(2000);
    expect(times.came('n', 'one', undefined, 3000)).toBe(3000);
    expect(times.timeoutMs('n')).toBe(9000);
    times.gaveUp('n', 'two', 10_000);
    expect(times.came('n', 'two', 13_000, 13_100)).toBeUndefined();
    expect(times.came('n', 'two', undefined, 13_200)).toBeUndefined();
    expect(times.timeoutMs('n')).toBe(9000);
    times.forget('n');
    expect(times.timeoutMs('n')).toBe(2000);
  });
});
