import { expect, it } from 'vitest';
import { Tally } from './tally.ts';

it('a tally knows what there is of each key, and in all', () => {
  const tally = new Tally();
  tally.add('a');
  tally.add('a', 4);
  tally.add('b', 2);
  tally.add('a', -3);
  expect([tally.of('a'), tally.of('b'), tally.of('c'), tally.total]).toEqual([2, 2, 0, 4]);
  tally.add('a', -2);
  expect([tally.of('a'), tally.total]).toEqual([0, 2]);
});
