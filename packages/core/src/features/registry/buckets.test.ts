import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Buckets, closest, place } from './buckets.ts';

/** A node of a world of 16-bit ids, and where it is. */
interface Spot {
  readonly id: number;
  readonly network?: string;
}

const SELF = 0b1010_1010_1010_1010;
const shared = (a: number, b: number): number => Math.clz32((a ^ b) & 0xffff) - 16;

function table(changes: { k?: number; waiting?: number; perNetwork?: number } = {}): Buckets<Spot> {
  return new Buckets<Spot>({
    k: 4,
    waiting: 2,
    perNetwork: 2,
    ...changes,
    bucketOf: ({ id }) => shared(SELF, id),
    keyOf: ({ id }) => id,
    networkOf: ({ network }) => network,
  });
}

/** Distinct ids in the bucket that shares nothing. */
const far = (n: number, network?: string): Spot => (network === undefined ? { id: n } : { id: n, network });

describe('place', () => {
  it('gives room by bucket and by network', () => {
    const rules = { k: 3, perNetwork: 2 };
    expect(place(rules, 2, 0)).toBe('add');
    expect(place(rules, 3, 0)).toBe('full');
    expect(place(rules, 1, 2)).toBe('crowded');
  });
});

describe('Buckets', () => {
  it('keep whoever was there first, and say whom to ask whether it lives', () => {
    const buckets = table();
    for (const id of [1, 2, 3, 4]) expect(buckets.seen(far(id)).kind).toBe('added');
    expect(buckets.seen(far(1)).kind).toBe('refreshed');
    expect(buckets.seen(far(5))).toEqual({ kind: 'waiting', ask: far(2) });
    expect(buckets.bucket(0).map(({ id }) => id)).toEqual([2, 3, 4, 1]);
    expect(buckets.size).toBe(4);
  });

  it('give the place of one that does not answer to the one that was seen last of those who wait', () => {
    const buckets = table();
    for (const id of [1, 2, 3, 4, 5, 6, 7]) buckets.seen(far(id));
    expect(buckets.failed(far(1))).toBe(true);
    expect(buckets.bucket(0).map(({ id }) => id)).toEqual([7, 2, 3, 4]);
    expect(buckets.failed(far(2))).toBe(true);
    expect(buckets.failed(far(3))).toBe(true);
    // Only two of those who waited were kept.
    expect(buckets.bucket(0).map(({ id }) => id)).toEqual([6, 7, 4]);
    expect(buckets.failed(far(1))).toBe(false);
  });

  it('forget who waits and does not answer', () => {
    const buckets = table();
    for (const id of [1, 2, 3, 4, 5]) buckets.seen(far(id));
    expect(buckets.failed(far(5))).toBe(false);
    buckets.failed(far(1));
    expect(buckets.bucket(0).map(({ id }) => id)).toEqual([2, 3, 4]);
  });

  it('take two of one network, wherever in the table, and those that have none without limit', () => {
    const buckets = table();
    expect(buckets.seen(far(1, 'a')).kind).toBe('added');
    expect(buckets.seen({ id: SELF ^ 1, network: 'a' }).kind).toBe('added');
    expect(buckets.seen(far(2, 'a')).kind).toBe('crowded');
    // It may move to another network, and leaves room.
    expect(buckets.seen(far(1, 'b')).kind).toBe('refreshed');
    expect(buckets.seen(far(2, 'a')).kind).toBe('added');
    for (const id of [3, 4]) expect(buckets.seen(far(id)).kind).toBe('added');
  });

  it('do not let a network in by moving', () => {
    const buckets = table();
    for (const id of [1, 2]) buckets.seen(far(id, 'a'));
    expect(buckets.seen(far(3, 'b')).kind).toBe('added');
    expect(buckets.seen(far(3, 'a')).kind).toBe('crowded');
    expect(buckets.find(far(3))?.network).toBe('b');
    expect(buckets.seen(far(1, 'a')).kind).toBe('refreshed');
  });

  it('do not let a network in by waiting', () => {
    const buckets = table();
    for (const id of [1, 2, 3, 4]) buckets.seen(far(id));
    buckets.seen(far(5, 'a'));
    buckets.seen({ id: SELF ^ 1, network: 'a' });
    buckets.seen({ id: SELF ^ 2, network: 'a' });
    buckets.failed(far(1));
    expect(buckets.bucket(0).map(({ id }) => id)).toEqual([2, 3, 4]);
  });

  it('find the nearest to any target, as a search through all of them does', () => {
    const ids = fc.uniqueArray(
      fc.integer({ min: 0, max: 0xffff }).filter((id) => id !== SELF),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(ids, fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 1, max: 30 }), (all, target, count) => {
        const buckets = table({ k: 100 });
        for (const id of all) buckets.seen({ id });
        const compare = (a: Spot, b: Spot): number => (a.id ^ target) - (b.id ^ target);
        const found = buckets.closest(shared(SELF, target), count, compare);
        const expected = all.map((id) => ({ id })).sort(compare);
        expect(found).toEqual(expected.slice(0, count));
        expect(buckets.size).toBe(all.length);
        expect(buckets.depth).toBe(Math.max(0, ...all.map((id) => shared(SELF, id) + 1)));
      }),
    );
  });

  it('can be searched as compact tables', () => {
    const compare = (a: number, b: number): number => (a ^ 5) - (b ^ 5);
    expect(closest([Uint16Array.of(0xf000, 0x8000), undefined, Uint16Array.of(4, 9)], 1, 3, compare)).toEqual([4, 9, 0x8000]);
  });
});
