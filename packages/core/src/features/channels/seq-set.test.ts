import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_RANGES, SeqSet } from './seq-set.ts';

const seqs = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 80 });

describe('SeqSet', () => {
  it('holds what was added and not taken back, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 40 }))), (steps) => {
        const set = new SeqSet();
        const model = new Set<number>();
        for (const [add, seq] of steps) {
          if (add) set.add(seq);
          else set.delete(seq);
          if (add) model.add(seq);
          else model.delete(seq);
        }
        for (let seq = 0; seq <= 41; seq++) expect(set.has(seq), `${seq}`).toBe(model.has(seq));
        expect(set.size).toBe(model.size);
        expect(set.highest).toBe(Math.max(0, ...model));
        expect(set.lowest).toBe(model.size === 0 ? 0 : Math.min(...model));
        const ranges = set.toJSON();
        for (const [i, range] of ranges.entries()) {
          expect(range.from).toBeLessThanOrEqual(range.to);
          // Ranges that touch are one.
          expect(range.from).toBeGreaterThan((ranges[i - 1]?.to ?? -1) + 1);
        }
      }),
    );
  });

  it('names as missing exactly what is not held', () => {
    fc.assert(
      fc.property(seqs, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 70 }), (held, from, upTo) => {
        const set = new SeqSet();
        for (const seq of held) set.add(seq);
        const missing = set
          .missing(upTo, from, 1000)
          .flatMap((gap) => Array.from({ length: gap.to - gap.from + 1 }, (_, i) => gap.from + i));
        const start = held.length === 0 ? from : Math.min(from, ...held);
        const expected = Array.from({ length: Math.max(0, upTo - start + 1) }, (_, i) => start + i).filter((seq) => !held.includes(seq));
        expect(missing).toEqual(expected);
      }),
    );
  });

  it('asks a newcomer for what lies before the first message that it happened to hear', () => {
    const set = new SeqSet([{ from: 300, to: 301 }]);
    expect(set.missing(301, 102, 8)).toEqual([{ from: 102, to: 299 }]);
    expect(set.missing(5000, 4801, 8)).toEqual([{ from: 302, to: 5000 }]);
  });

  it('keeps to the number of gaps that it was asked for', () => {
    const set = new SeqSet();
    for (let seq = 1; seq < 40; seq += 2) set.add(seq);
    expect(set.missing(40, 1, 3)).toEqual([
      { from: 2, to: 2 },
      { from: 4, to: 4 },
      { from: 6, to: 6 },
    ]);
  });

  it('knows the highest number below another', () => {
    fc.assert(
      fc.property(seqs, fc.integer({ min: 1, max: 61 }), (held, seq) => {
        const set = new SeqSet();
        for (const each of held) set.add(each);
        expect(set.below(seq)).toBe(Math.max(0, ...held.filter((each) => each < seq)));
      }),
    );
  });

  it('survives being written and read', () => {
    fc.assert(
      fc.property(seqs, (held) => {
        const set = new SeqSet();
        for (const seq of held) set.add(seq);
        expect(new SeqSet(JSON.parse(JSON.stringify(set))).toJSON()).toEqual(set.toJSON());
      }),
    );
  });

  it('has room for what fills a gap however many there are, and for no more gaps than its bound', () => {
    const set = new SeqSet();
    for (let i = 0; i < MAX_RANGES; i++) set.add(1 + 2 * i);
    const highest = set.highest;
    expect(set.fits(highest + 2)).toBe(false);
    expect(set.fits(highest + 1)).toBe(true);
    expect(set.fits(2)).toBe(true);
    expect(set.fits(1)).toBe(true);
    set.add(2);
    expect(set.fits(highest + 2)).toBe(true);
  });

  it('fills up to a number, and finds the next one held', () => {
    fc.assert(
      fc.property(seqs, fc.integer({ min: 0, max: 70 }), (numbers, upTo) => {
        const set = new SeqSet();
        for (const seq of numbers) set.add(seq);
        set.fill(upTo);
        const model = new Set([...numbers, ...Array.from({ length: upTo }, (_, i) => i + 1)]);
        expect(set.size).toBe(model.size);
        for (let seq = 1; seq <= 71; seq++) {
          expect(set.has(seq), `${seq}`).toBe(model.has(seq));
          const above = [...model].filter((number) => number >= seq);
          expect(set.next(seq)).toBe(above.length === 0 ? undefined : Math.min(...above));
        }
        for (const [i, range] of set.toJSON().entries()) expect(range.from).toBeGreaterThan((set.toJSON()[i - 1]?.to ?? -1) + 1);
      }),
    );
  });

  it('misses nothing below what is there to be had', () => {
    const set = new SeqSet([
      { from: 1, to: 10 },
      { from: 40, to: 50 },
    ]);
    expect(set.missing(60, 30, 8, 20)).toEqual([
      { from: 20, to: 39 },
      { from: 51, to: 60 },
    ]);
    expect(set.missing(60, 30, 8, 45)).toEqual([{ from: 51, to: 60 }]);
    expect(set.missing(60, 30, 8, 61)).toEqual([]);
    expect(new SeqSet().missing(60, 30, 8, 50)).toEqual([{ from: 50, to: 60 }]);
  });
});
