import { afterEach, describe, expect, it, vi } from 'vitest';
import { createClock, createRandom } from './platform.ts';

describe('createRandom', () => {
  const random = createRandom();

  it('gives as many bytes as asked for, each time others', () => {
    expect(random.bytes(0)).toHaveLength(0);
    expect(random.bytes(32)).toHaveLength(32);
    expect(random.bytes(32)).not.toEqual(random.bytes(32));
  });

  it('gives numbers in [0, 1), spread over it', () => {
    const numbers = Array.from({ length: 4000 }, () => random.number());
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
    // The standard error of the mean is 0.0046: fifteen times that never happens.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.07);
  });
});

describe('createClock', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('waits longer than one system timer can', () => {
    vi.useFakeTimers();
    const clock = createClock();
    let fired = 0;
    clock.after(2 ** 32, () => fired++);
    vi.advanceTimersByTime(2 ** 32 - 1);
    expect(fired).toBe(0);
    vi.advanceTimersByTime(1);
    expect(fired).toBe(1);
  });

  it('cancels, also in the second part of a long wait', () => {
    vi.useFakeTimers();
    const clock = createClock();
    let fired = 0;
    const timer = clock.after(2 ** 32, () => fired++);
    vi.advanceTimersByTime(2 ** 31);
    timer.cancel();
    vi.advanceTimersByTime(2 ** 33);
    expect(fired).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has a monotonic clock that goes on', () => {
    const clock = createClock();
    const before = clock.monotonic();
    expect(clock.monotonic()).toBeGreaterThanOrEqual(before);
    expect(clock.now()).toBeGreaterThan(1_700_000_000_000);
  });
});
