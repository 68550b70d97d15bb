import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fileDefaults } from './config.ts';
import { levelsOf } from './layout.ts';
import { inRuns, Plan, type Run, tidyRuns } from './plan.ts';
import { MAX_RUNS } from './verbs.ts';

it('asks for each chunk once, the first ones first, and again for what was released', () => {
  const plan = new Plan(6);
  plan.add(1);
  expect(plan.next(3)).toEqual([0, 2, 3]);
  expect(
    plan.next(3, [
      { from: 0, to: 3 },
      { from: 5, to: 5 },
    ]),
  ).toEqual([5]);
  plan.release([2]);
  expect(plan.next(9)).toEqual([2, 4]);
  expect(plan.next(9)).toEqual([]);
});

it('tells what is here in runs', () => {
  const plan = new Plan(9);
  for (const index of [0, 1, 4, 8]) plan.add(index);
  expect(plan.runs()).toEqual([
    { from: 0, to: 1 },
    { from: 4, to: 4 },
    { from: 8, to: 8 },
  ]);
  for (let index = 0; index < 9; index++) plan.add(index);
  expect(plan.runs()).toEqual([{ from: 0, to: 8 }]);
  expect(plan.left).toBe(0);
});

it('has in its runs what was added, and asks for the rest', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.array(fc.nat({ max: 220 })), (count, added) => {
      const plan = new Plan(count);
      for (const index of added) plan.add(index);
      const here = new Set(added.filter((index) => index < count));
      const all = Array.from({ length: count }, (_, index) => index);
      expect(plan.left).toBe(count - here.size);
      expect(all.filter((index) => inRuns(plan.runs(), index))).toEqual(all.filter((index) => here.has(index)));
      expect(plan.next(count)).toEqual(all.filter((index) => !here.has(index)));
    }),
  );
});

it('keeps of what a member says it has each chunk once, in order, and none that the file does not have', () => {
  const run = fc.tuple(fc.nat({ max: 80 }), fc.nat({ max: 80 })).map(([from, to]): Run => ({ from, to }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.array(run), (count, said) => {
      const tidy = tidyRuns(said, count);
      const all = Array.from({ length: count }, (_, index) => index);
      const theirs = all.filter((index) => inRuns(said, index));
      expect(tidy.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => from + at))).toEqual(theirs);
      for (const [at, { from }] of tidy.entries()) expect(from).toBeGreaterThan((tidy[at - 1]?.to ?? -2) + 1);
      expect(new Plan(count).next(count, tidy)).toEqual(theirs);
    }),
  );
});

it('looks at nothing of a large file that a member does not have, whatever it says', () => {
  const count = levelsOf(fileDefaults.maxFileBytes)[0]?.chunks ?? 0;
  const said = Array.from({ length: MAX_RUNS }, (_, i) => ({ from: 0xffff_0000 + 2 * i, to: 0xffff_0000 + 2 * i }));
  expect(tidyRuns(said, count)).toEqual([]);
  const plan = new Plan(count);
  let looked = 0;
  plan.has = () => {
    looked++;
    return false;
  };
  expect(plan.next(16, tidyRuns([...said, { from: 7, to: 8 }], count))).toEqual([7, 8]);
  expect(looked).toBe(2);
});
