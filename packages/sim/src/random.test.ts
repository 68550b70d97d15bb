import { chooseSeed, describeSeed, SeededRandom } from '@parley/sim';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

describe('SeededRandom', () => {
  it('is the same for the same seed and another for another', () => {
    const words = (seed: string | number): number[] =>
      Array.from(
        { length: 8 },
        (
          (random) => () =>
            random.word()
        )(new SeededRandom(seed)),
      );
    expect(words(7)).toEqual(words('7'));
    expect(words(7)).not.toEqual(words(8));
  });

  it('has streams that do not depend on what was drawn from others', () => {
    const a = new SeededRandom('s');
    const b = new SeededRandom('s');
    a.bytes(1000);
    expect(a.fork('x').bytes(32)).toEqual(b.fork('x').bytes(32));
    expect(a.fork('x').bytes(32)).not.toEqual(a.fork('y').bytes(32));
    expect(a.fork('x').fork('y').seed).toBe('s/x/y');
  });

  it('is uniform enough in each bit and in its numbers', () => {
    const random = new SeededRandom(1);
    const ones = new Array<number>(8).fill(0);
    for (const byte of random.bytes(80_000)) for (let bit = 0; bit < 8; bit++) ones[bit] = (ones[bit] as number) + ((byte >> bit) & 1);
    // 80,000 throws of a coin: 6 standard deviations are 850.
    for (const count of ones) expect(Math.abs(count - 40_000)).toBeLessThan(850);
    const buckets = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const bucket = Math.floor(random.number() * 10);
      buckets[bucket] = (buckets[bucket] as number) + 1;
    }
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(570);
  });

  it('keeps to its bounds', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1000 }), (seed, below) => {
        const random = new SeededRandom(seed);
        const number = random.number();
        expect(number >= 0 && number < 1).toBe(true);
        const integer = random.integer(below);
        expect(Number.isInteger(integer) && integer >= 0 && integer < below).toBe(true);
        expect(random.bytes(below % 40)).toHaveLength(below % 40);
        expect(random.exponential(5)).toBeGreaterThanOrEqual(0);
      }),
    );
    const random = new SeededRandom(2);
    expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
    expect(() => random.pick([])).toThrow();
  });

  it('shuffles without losing anything', () => {
    const all = Array.from({ length: 100 }, (_, i) => i);
    const shuffled = new SeededRandom(3).shuffle(all);
    expect(shuffled).not.toEqual(all);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(all);
  });
});

describe('seeds', () => {
  it('can be forced from the environment, and are told', () => {
    vi.stubEnv('PARLEY_SEED', '');
    expect(chooseSeed(5)).toBe('5');
    vi.stubEnv('PARLEY_SEED', '99');
    expect(chooseSeed(5)).toBe('99');
    vi.unstubAllEnvs();
    expect(describeSeed('99')).toContain('PARLEY_SEED=99');
  });
});
