import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inRuns, Plan } from './plan.ts';

it('asks for each chunk once, the first ones first, and again for what was released', () => {
  const plan = new Plan(6);
  plan.add(1);
  expect(plan.next(3, () => true)).toEqual([0, 2, 3]);
  expect(plan.next(3, (index) => index !== 4)).toEqual([5]);
  plan.release([2]);
  expect(plan.next(9, () => true)).toEqual([2, 4]);
  expect(plan.next(9, () => true)).toEqual([]);
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
      expect(plan.next(count, () => true)).toEqual(all.filter((index) => !here.has(index)));
    }),
  );
});
