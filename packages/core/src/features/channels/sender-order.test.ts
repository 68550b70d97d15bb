import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SenderOrder, type Shown } from './sender-order.ts';

const order = (next?: number, capacity = 100) =>
  new SenderOrder<string>({ waitMs: 5000, capacity, ...(next === undefined ? {} : { next }) });

/** What was shown, in short: `3`, `3 late`, `gap 4-5`. */
const brief = (shown: readonly Shown<string>[]): string[] =>
  shown.map((each) => ('gap' in each ? `gap ${each.gap.from}-${each.gap.to}` : `${each.seq}${each.late ? ' late' : ''}`));

describe('SenderOrder', () => {
  it('shows the first that comes at once, and from then on in order', () => {
    const line = order();
    expect(brief(line.add(7, 'g', 0))).toEqual(['7']);
    expect(brief(line.add(9, 'i', 1))).toEqual([]);
    expect(brief(line.add(10, 'j', 2))).toEqual([]);
    expect(brief(line.add(8, 'h', 3))).toEqual(['8', '9', '10']);
    expect(line.deadline).toBeUndefined();
  });

  it('waits for the number that it was told to begin with', () => {
    const line = order(5);
    expect(brief(line.add(6, 'f', 0))).toEqual([]);
    expect(brief(line.add(5, 'e', 10))).toEqual(['5', '6']);
  });

  it('shows a gap when those behind it waited long enough, and what fills it later as late', () => {
    const line = order(1);
    line.add(3, 'c', 100);
    line.add(4, 'd', 200);
    expect(line.deadline).toBe(5100);
    expect(line.due(5099)).toEqual([]);
    expect(brief(line.due(5100))).toEqual(['gap 1-2', '3', '4']);
    expect(line.deadline).toBeUndefined();
    expect(brief(line.add(2, 'b', 6000))).toEqual(['2 late']);
    expect(brief(line.add(5, 'e', 6001))).toEqual(['5']);
  });

  it('does not wait for numbers that were left free, and shows what was given there as late', () => {
    const line = order(1);
    line.add(1, 'a', 0);
    expect(brief(line.add(1003, 'd', 1, 2))).toEqual([]);
    expect(brief(line.add(1004, 'e', 2))).toEqual([]);
    expect(brief(line.add(2, 'b', 3))).toEqual(['2', '1003', '1004']);
    expect(line.deadline).toBeUndefined();
    expect(brief(line.add(3, 'c', 4))).toEqual(['3 late']);
    expect(brief(line.add(3000, 'f', 5, 1000))).toEqual(['3000']);
  });

  it('gives up the first gap when more wait than it has room for', () => {
    const line = order(1, 3);
    for (const seq of [3, 4, 5]) expect(line.add(seq, '', 0)).toEqual([]);
    expect(brief(line.add(7, '', 0))).toEqual(['gap 1-2', '3', '4', '5']);
  });

  it('shows everything once and in order but for what is late, whatever comes when', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 4000 })), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (arrivals) => {
        const line = order(1, 5);
        const came = new Set<number>();
        const shown: Shown<string>[] = [];
        let now = 0;
        for (const [seq, wait] of arrivals) {
          now += wait;
          shown.push(...line.due(now));
          if (came.has(seq)) continue;
          came.add(seq);
          shown.push(...line.add(seq, `${seq}`, now));
        }
        shown.push(...line.due(now + 5000));
        const items = shown.flatMap((each) => ('gap' in each ? [] : [each]));
        expect(items.map((each) => each.seq).sort((a, b) => a - b)).toEqual([...came].sort((a, b) => a - b));
        const inTime = items.filter((each) => !each.late).map((each) => each.seq);
        expect(inTime).toEqual([...inTime].sort((a, b) => a - b));
        // Nothing is late that was not first shown as a gap.
        const gaps = shown.flatMap((each) => ('gap' in each ? [each.gap] : []));
        for (const { seq, late } of items) expect(gaps.some(({ from, to }) => seq >= from && seq <= to)).toBe(late);
        expect(line.deadline).toBeUndefined();
      }),
    );
  });
});
