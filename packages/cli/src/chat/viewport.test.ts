import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message, NOON } from './fixtures.ts';
import type { Look } from './item-rows.ts';
import { itemRows } from './item-rows.ts';
import { addMessages, type Timeline } from './timeline.ts';
import { atTop, scrolled, view } from './viewport.ts';

const LOOK: Look = { width: 70, people: new Map(), ownName: 'alice', readUpTo: undefined };

/** Texts of one to four rows each. */
function timelineOf(count: number): Timeline {
  return addMessages(
    [],
    Array.from({ length: count }, (_, seq) =>
      message(seq, { at: NOON + seq * 1000, text: Array.from({ length: 1 + (seq % 4) }, (_, line) => `${seq}.${line}`).join('\n') }),
    ),
  );
}

const texts = (rows: ReturnType<typeof view>['rows']): string[] =>
  rows.map((row) =>
    row
      .map(({ text }) => text)
      .join('')
      .trim(),
  );
const allRows = (timeline: Timeline) => texts(timeline.flatMap((item, index) => itemRows(item, timeline[index - 1], LOOK)));

describe('view', () => {
  it('shows the end', () => {
    const timeline = timelineOf(50);
    const shown = view(timeline, undefined, 10, LOOK);
    expect(texts(shown.rows)).toEqual(allRows(timeline).slice(-10));
    expect(shown).toMatchObject({ atTop: false, below: 0 });
  });

  it('shows all when it fits', () => {
    const timeline = timelineOf(2);
    expect(view(timeline, undefined, 10, LOOK)).toMatchObject({ atTop: true, below: 0 });
    expect(texts(view(timeline, undefined, 10, LOOK).rows)).toEqual(allRows(timeline));
    expect(view([], undefined, 10, LOOK).rows).toEqual([]);
    expect(view(timeline, undefined, 0, LOOK).rows).toEqual([]);
  });

  it('follows the end when the item that it stood at has gone', () => {
    const timeline = timelineOf(20);
    expect(view(timeline, { id: 'gone', row: 3 }, 10, LOOK).rows).toEqual(view(timeline, undefined, 10, LOOK).rows);
  });

  it('lays out what is seen and nothing else', () => {
    const timeline = timelineOf(10_000);
    let looked = 0;
    const counting = new Proxy(timeline, {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) looked++;
        return Reflect.get(target, key) as unknown;
      },
    });
    view(counting, undefined, 40, LOOK);
    expect(looked).toBeLessThan(400);
  });
});

describe('scrolled', () => {
  it('is a window that moves over all rows, and stops at either end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.integer({ min: -30, max: 30 }), { maxLength: 12 }),
        (count, height, steps) => {
          const timeline = timelineOf(count);
          const all = allRows(timeline);
          let anchor: ReturnType<typeof scrolled>;
          let last = all.length;
          for (const step of steps) {
            anchor = step === 0 ? anchor : scrolled(timeline, anchor, step, height, LOOK);
            last = Math.min(all.length, Math.max(Math.min(height, all.length), last + step));
            expect(texts(view(timeline, anchor, height, LOOK).rows)).toEqual(all.slice(Math.max(0, last - height), last));
            expect(anchor === undefined).toBe(last === all.length);
          }
        },
      ),
    );
  });

  it('goes to the top', () => {
    const timeline = timelineOf(50);
    const shown = view(timeline, atTop(timeline, 10, LOOK), 10, LOOK);
    expect(texts(shown.rows)).toEqual(allRows(timeline).slice(0, 10));
    expect(shown.atTop).toBe(true);
    expect(atTop([], 10, LOOK)).toBeUndefined();
  });
});
