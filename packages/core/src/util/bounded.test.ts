import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LruMap, RecentMap, TokenBuckets } from './bounded.ts';

describe('LruMap', () => {
  it('forgets what was not used for longest', () => {
    const map = new LruMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.get('a');
    map.set('c', 3);
    expect([...map.entries()]).toEqual([
      ['a', 1],
      ['c', 3],
    ]);
  });

  it('forgets by weight as well, as many as it takes', () => {
    const map = new LruMap<string, string>(100, { maxWeight: 10, weigh: (value) => value.length });
    for (const key of ['a', 'b', 'c']) map.set(key, 'xxx');
    map.set('d', 'xxxxxxx');
    expect([...map.entries()].map(([key]) => key)).toEqual(['c', 'd']);
    expect(map.weight).toBe(10);
  });

  it('does not keep what weighs too much by itself, nor what it was to replace', () => {
    const map = new LruMap<string, string>(100, { maxWeight: 10, weigh: (value) => value.length });
    map.set('a', 'x');
    map.set('b', 'x');
    map.set('a', 'x'.repeat(11));
    expect([...map.entries()]).toEqual([['b', 'x']]);
    expect(map.weight).toBe(1);
  });

  it('is what a list of its uses would be, the least recent first', () => {
    const step = fc.record({ key: fc.nat({ max: 9 }), what: fc.constantFrom('set', 'get', 'delete') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const map = new LruMap<number, number>(5);
        let list: [number, number][] = [];
        for (const [value, { key, what }] of steps.entries()) {
          const known = list.find(([each]) => each === key);
          const others = list.filter(([each]) => each !== key);
          if (what === 'set') {
            map.set(key, value);
            list = [...others, [key, value] as [number, number]].slice(-5);
          } else if (what === 'get') {
            expect(map.get(key)).toBe(known?.[1]);
            if (known) list = [...others, known];
          } else {
            expect(map.delete(key)).toBe(known !== undefined);
            list = others;
          }
          expect([...map.entries()]).toEqual(list);
          expect(map.size).toBe(list.length);
        }
      }),
    );
  });

  it('can be gone through while what is found in it is deleted', () => {
    const map = new LruMap<number, string>(10);
    for (let key = 0; key < 6; key++) map.set(key, 'x');
    const found: number[] = [];
    for (const [key] of map.entries()) {
      found.push(key);
      if (key % 2 === 0) map.delete(key);
    }
    expect(found).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...map.entries()].map(([key]) => key)).toEqual([1, 3, 5]);
  });

  it('never holds or weighs more than it may, and knows what it weighs', () => {
    const step = fc.record({ key: fc.integer({ min: 0, max: 9 }), weight: fc.integer({ min: 0, max: 30 }), drop: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const map = new LruMap<number, number>(5, { maxWeight: 50, weigh: (value) => value });
        for (const { key, weight, drop } of steps) {
          if (drop) map.delete(key);
          else map.set(key, weight);
          const values = [...map.entries()].map(([, value]) => value);
          expect(map.weight).toBe(values.reduce((sum, value) => sum + value, 0));
          expect(map.size).toBeLessThanOrEqual(5);
          expect(map.weight).toBeLessThanOrEqual(50);
        }
      }),
    );
  });
});

describe('RecentMap', () => {
  it('forgets what was not used for a while, and keeps what was', () => {
    const map = new RecentMap<string, number>(100, 1000, 0);
    map.set('idle', 1, 0);
    map.set('used', 2, 0);
    for (let now = 500; now <= 3000; now += 500) expect(map.get('used', now)).toBe(2);
    expect(map.get('idle', 3000)).toBeUndefined();
    expect(map.size).toBe(1);
    // Nobody came by for long: all is gone at once.
    expect(map.get('used', 10_000)).toBeUndefined();
    expect(map.size).toBe(0);
  });

  it('keeps an entry for its whole span', () => {
    const map = new RecentMap<string, number>(100, 1000, 0);
    map.set('a', 1, 999);
    expect(map.get('b', 1000)).toBeUndefined();
    expect(map.get('a', 1998)).toBe(1);
  });

  it('never holds more than it may, and always the latest half', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 19 }), { maxLength: 80 }), (keys) => {
        const map = new RecentMap<number, number>(8, Number.POSITIVE_INFINITY, 0);
        for (const key of keys) {
          map.set(key, key, 0);
          expect(map.size).toBeLessThanOrEqual(8);
        }
        for (const key of [...new Set(keys.toReversed())].slice(0, 4)) expect(map.get(key, 0)).toBe(key);
      }),
    );
  });

  it('gives the newest value of a key, and none once it was deleted', () => {
    const map = new RecentMap<string, number>(4, 1000, 0);
    map.set('a', 1, 0);
    map.set('a', 2, 1500);
    expect(map.get('a', 1500)).toBe(2);
    expect(map.size).toBe(1);
    expect(map.delete('a')).toBe(true);
    expect(map.get('a', 1500)).toBeUndefined();
    expect(map.delete('a')).toBe(false);
  });
});

describe('token buckets', () => {
  it('give each key its own, and forget the one that was not heard of for longest', () => {
    const buckets = new TokenBuckets(2);
    const rate = { perSecond: 1, burst: 1 };
    expect(buckets.of('a', rate, 0).take(0)).toBe(true);
    expect(buckets.of('a', rate, 0).take(0)).toBe(false);
    expect(buckets.of('b', rate, 0).take(0)).toBe(true);
    expect(buckets.of('a', rate, 500).take(500)).toBe(false);
    buckets.of('c', rate, 500);
    expect(buckets.of('a', rate, 1000).take(1000)).toBe(true);
    expect(buckets.of('b', rate, 500).take(500)).toBe(true);
  });
});
