import { describe, expect, it } from 'vitest';
import { Lookup, type LookupRules } from './lookup.ts';

interface Value {
  readonly seq: number;
}

/** Nodes are numbers; the target is 0, so that a smaller number is nearer. */
function lookup(goal: 'nodes' | 'value', seeds: readonly number[], changes: Partial<LookupRules<number>> = {}): Lookup<number, Value> {
  return new Lookup<number, Value>(
    {
      goal,
      k: 4,
      alpha: 3,
      paths: 2,
      morePaths: 4,
      maxQuestions: 100,
      confirm: 1,
      perNetwork: 2,
      compare: (a, b) => a - b,
      keyOf: (contact) => contact,
      placeOf: () => '',
      networkOf: () => undefined,
      ...changes,
    },
    seeds.slice(0, 4),
    () => seeds.slice(4),
  );
}

/** A network in which everybody answers at once. Returns who was asked, in order. */
function run(search: Lookup<number, Value>, answer: (node: number) => { leads?: number[]; value?: Value } | undefined): number[] {
  const asked: number[] = [];
  for (let batch = search.next(); batch.length > 0; batch = search.next()) {
    for (const node of batch) {
      asked.push(node);
      const told = answer(node);
      if (told) search.answered(node, told.leads ?? [], told.value);
      else search.failed(node);
    }
  }
  expect(search.done).toBe(true);
  return asked;
}

describe('Lookup', () => {
  it('finds the nearest nodes, and asks nobody twice', () => {
    const search = lookup('nodes', [800, 900]);
    // Everybody knows the three below half of its own number.
    const asked = run(search, (node) => ({ leads: [1, 2, 3].map((n) => Math.max(1, (node >> 1) - n)) }));
    expect(new Set(asked).size).toBe(asked.length);
    expect(search.closest(4)).toEqual([...asked].sort((a, b) => a - b).slice(0, 4));
    expect(search.closest(1)).toEqual([1]);
  });

  it('fills all of its paths where it begins with one contact: else it would end with half of the nearest', () => {
    const search = lookup('nodes', [900]);
    run(search, (node) => ({ leads: node === 900 ? [1, 2, 3, 4, 5, 6] : [] }));
    expect(search.closest(4)).toEqual([1, 2, 3, 4]);
  });

  it('ends at once where there is nobody to ask', () => {
    const search = lookup('value', []);
    expect(search.next()).toEqual([]);
    expect(search.done).toBe(true);
  });

  it('asks one node of each path until that path has an answer, and never more than alpha at a time', () => {
    const search = lookup('nodes', [10, 11, 12, 13]);
    expect(search.next()).toEqual([10, 11]);
    expect(search.next()).toEqual([]);
    search.answered(10, [4, 5, 6]);
    // Two questions of the first path beside the one of the second.
    expect(search.next()).toEqual([4, 5]);
    search.answered(11, [7]);
    expect(search.next()).toEqual([7]);
  });

  it('ends early once each path has a value, and takes the newest', () => {
    const search = lookup('value', [1, 2, 3, 4]);
    const asked = run(search, (node) => ({ leads: [5, 6], value: { seq: node } }));
    expect(asked).toEqual([1, 2]);
    expect(search.best).toEqual({ seq: 2 });
    expect(search.lacking(9)).toEqual([1]);
  });

  it('goes on with the path that has none', () => {
    const search = lookup('value', [1, 2]);
    const asked = run(search, (node) => (node === 1 ? { value: { seq: 7 } } : node === 2 ? { leads: [3] } : { value: { seq: 9 } }));
    expect(asked).toEqual([1, 2, 3]);
    expect(search.best).toEqual({ seq: 9 });
  });

  it('asks those who are nearest though it has found something: whoever is further away may not have been told of what is newer', () => {
    const search = lookup('value', [100, 101], { k: 8, confirm: 3 });
    const asked = run(search, (node) => {
      if (node >= 100) return { leads: node === 100 ? [50, 1] : [60, 2], value: { seq: 1 } };
      return { leads: [1, 2, 3, 4, 5, 6, 7, 8], value: { seq: node < 10 ? 2 : 1 } };
    });
    expect(search.best).toEqual({ seq: 2 });
    // And of the nearest no more than three on each path.
    expect(asked.filter((node) => node < 10).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(search.lacking(6)).toEqual([]);
  });

  it('hears of the newest though the two nearest say again what was, one on each path', () => {
    const search = lookup('value', [1, 2, 3, 4], { k: 8, confirm: 3 });
    run(search, (node) => ({ value: { seq: node <= 2 ? 1 : 2 } }));
    expect(search.best).toEqual({ seq: 2 });
    expect(search.lacking(6)).toEqual([1, 2]);
  });

  it('waits for nobody who does not answer, though something was found', () => {
    const search = lookup('value', [1, 2, 3, 4], { k: 8, confirm: 3 });
    expect(search.next()).toEqual([1, 2]);
    search.answered(1, [], { seq: 1 });
    search.answered(2, [], { seq: 1 });
    expect(search.next()).toEqual([3, 4]);
    search.late(3);
    search.failed(4);
    expect(search.next()).toEqual([]);
    expect(search.done).toBe(true);
  });

  it('keeps its paths apart: friends of a liar end one path and not the other', () => {
    const search = lookup('value', [8, 9]);
    const asked = run(search, (node) => {
      // 8 and its friends are as near as can be, and know nobody else and nothing.
      if (node === 8 || node < 5) return { leads: [1, 2, 3, 4] };
      return node === 9 ? { leads: [5] } : { value: { seq: 1 } };
    });
    expect(asked).toContain(5);
    expect(search.best).toEqual({ seq: 1 });
  });

  it('asks a node again where another path says it is: a liar that names it at a dead address hides it from nobody', () => {
    // A node and the last digit of its address.
    const spots = {
      keyOf: (spot: number) => Math.floor(spot),
      placeOf: (spot: number) => spot,
      compare: (a: number, b: number) => Math.floor(a) - Math.floor(b),
    };
    const search = lookup('value', [8, 9], spots);
    const asked = run(search, (spot) => {
      if (spot === 8) return { leads: [1.5, 1.25, 1.125, 1.0625] };
      if (spot === 9) return { leads: [3] };
      if (spot === 3) return { leads: [1] };
      return spot === 1 ? { value: { seq: 1 } } : undefined;
    });
    expect(search.best).toEqual({ seq: 1 });
    // Each place is asked once, and of what one path hears no more than three.
    expect(asked.filter((spot) => Math.floor(spot) === 1).length).toBeLessThanOrEqual(4);
    expect(search.questions).toBe(asked.length);
  });

  it('opens two more paths where the first have failed, from what they did not touch', () => {
    const search = lookup('value', [1, 2, 3, 4, 50, 60, 70]);
    // The four nearest know nothing; 60 does.
    const asked = run(search, (node) => (node === 60 ? { value: { seq: 1 } } : { leads: [] }));
    expect(asked.slice(0, 4).sort()).toEqual([1, 2, 3, 4]);
    expect(search.best).toEqual({ seq: 1 });
    // The other path does not know that; it goes on to its end.
    expect(asked).toEqual(expect.arrayContaining([50, 60, 70]));
  });

  it('does not look for more paths when only nodes were wanted and some answered', () => {
    const search = lookup('nodes', [1, 2, 3, 4, 50, 60, 70]);
    expect(run(search, () => ({})).sort()).toEqual([1, 2, 3, 4]);
  });

  it('asks somebody else when one is late, and takes its answer all the same', () => {
    const search = lookup('value', [1, 2, 3]);
    expect(search.next()).toEqual([1, 2]);
    search.answered(2, [], { seq: 1 });
    search.late(1);
    expect(search.next()).toEqual([3]);
    search.failed(3);
    expect(search.next()).toEqual([]);
    // Something was found: nobody waits for the late one.
    expect(search.done).toBe(true);
    search.answered(1, [], { seq: 5 });
    expect(search.best).toEqual({ seq: 5 });
  });

  it('waits for a late answer where nothing else is left', () => {
    const search = lookup('value', [1]);
    expect(search.next()).toEqual([1]);
    search.late(1);
    expect(search.next()).toEqual([]);
    expect(search.done).toBe(false);
    search.answered(1, [2]);
    expect(search.next()).toEqual([2]);
    search.answered(2, [], { seq: 3 });
    expect(search.done).toBe(true);
  });

  it('ignores whoever was not asked, and second answers', () => {
    const search = lookup('value', [1, 2]);
    search.next();
    search.answered(77, [], { seq: 100 });
    search.failed(1);
    search.answered(1, [], { seq: 100 });
    expect(search.best).toBeUndefined();
  });

  it('is bounded whatever it is told', () => {
    const search = lookup('nodes', [1_000_000], { maxQuestions: 50 });
    const asked = run(search, (node) => ({ leads: Array.from({ length: 100 }, (_, i) => node - 1 - i) }));
    expect(asked.length).toBe(50);
  });

  it('asks few of one network, wherever it is told of them', () => {
    const search = lookup('value', [500, 501], { networkOf: (node) => (node < 100 ? 'liars' : undefined) });
    const asked = run(search, (node) => ({ leads: node >= 500 ? [1, 2, 3, 4, 300] : node < 100 ? [5, 6, 7] : [] }));
    expect(asked.filter((node) => node < 100).length).toBe(2);
    expect(asked).toContain(300);
  });
});
