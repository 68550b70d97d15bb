import fc from 'fast-check';
import { expect, it } from 'vitest';
import { offerOf, wanted } from './offers.ts';
import { SeqSet } from './seq-set.ts';

const setOf = (seqs: Iterable<number>): SeqSet => {
  const set = new SeqSet();
  for (const seq of seqs) set.add(seq);
  return set;
};
const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 });

it('asks for all that the other holds and is missing here, and for nothing that it has not', () => {
  fc.assert(
    fc.property(numbers, fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 10 }), (theirs, ours) => {
      const held = setOf(theirs);
      const lack = held.missing(held.highest, 1, 100, 1);
      const want = wanted(setOf(ours), 0, offerOf({ seq: held.highest, lack }), 1000);
      const asked = want.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
      const missing = theirs.filter((seq) => !ours.includes(seq)).sort((a, b) => a - b);
      expect(asked.every((seq) => missing.includes(seq))).toBe(true);
      if (want.length < 8) expect(asked).toEqual(missing);
    }),
  );
});

it('counts of the newest only those that the other holds', () => {
  const offer = offerOf({ seq: 1055, lack: [{ from: 51, to: 1050 }] });
  expect(wanted(new SeqSet(), 0, offer, 10)).toEqual([
    { from: 46, to: 50 },
    { from: 1051, to: 1055 },
  ]);
  expect(wanted(new SeqSet(), 0, offer, 3)).toEqual([{ from: 1053, to: 1055 }]);
});

it('takes ranges that mean nothing from anybody', () => {
  const lack = [
    { from: 9, to: 3 },
    { from: 5, to: 900 },
    { from: 4, to: 6 },
    { from: 1, to: 5 },
  ];
  expect(wanted(new SeqSet(), 0, offerOf({ seq: 10, lack }), 100)).toEqual([{ from: 7, to: 10 }]);
});
