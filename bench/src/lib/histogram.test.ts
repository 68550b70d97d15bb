import { expect, test } from 'vitest';
import { Histogram } from './histogram.ts';

/** The share `q` of these were at most as long as the answer. */
function exactQuantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(q * values.length) - 1] ?? Number.NaN;
}

test('quantiles are exact to 1 %', () => {
  const values = Array.from({ length: 5_000 }, (_, index) => 0.02 * 1.002 ** index);
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  for (const q of [0.01, 0.5, 0.9, 0.99, 1]) {
    const exact = exactQuantile(values, q);
    expect(histogram.quantile(q)).toBeGreaterThanOrEqual(exact * 0.999);
    expect(histogram.quantile(q)).toBeLessThanOrEqual(exact * 1.011);
  }
});

test('merged halves are the whole', () => {
  const [whole, half, otherHalf] = [new Histogram(), new Histogram(), new Histogram()];
  for (let value = 1; value <= 100; value++) {
    whole.record(value);
    (value % 2 === 0 ? half : otherHalf).record(value);
  }
  half.merge(otherHalf.counts);
  expect(half.counts).toEqual(whole.counts);
});

test('nothing recorded has no quantile, and extremes do not get lost', () => {
  const histogram = new Histogram();
  expect(histogram.quantile(0.5)).toBeNaN();
  histogram.record(0);
  histogram.record(1e12);
  expect(histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(2);
});
