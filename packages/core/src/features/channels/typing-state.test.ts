import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIVES_MS, OthersTyping, OwnTyping } from './typing-state.ts';

describe('OwnTyping', () => {
  it('tells at most every four seconds, and the end only of what was told and holds', () => {
    const own = new OwnTyping();
    expect([own.next('a', false, 0), own.next('a', true, 0), own.next('a', true, 3999), own.next('b', true, 10)]).toEqual([
      undefined,
      true,
      undefined,
      true,
    ]);
    expect([own.next('a', false, 3999), own.next('a', false, 3999), own.next('a', true, 3999), own.next('a', true, 4000)]).toEqual([
      false,
      undefined,
      undefined,
      true,
    ]);
    expect(own.next('a', false, 4000 + LIVES_MS)).toBeUndefined();
  });

  it('has nothing to tell of what was sent', () => {
    const own = new OwnTyping();
    own.next('a', true, 0);
    own.sent('a');
    expect(own.next('a', false, 100)).toBeUndefined();
  });

  it('begins at most every four seconds in one channel, and ends no oftener, whatever is pressed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(3000)), { maxLength: 60 }), (steps) => {
        const own = new OwnTyping();
        const told: number[] = [];
        let now = 0;
        for (const [typing, later] of steps) {
          now += later;
          if (own.next('a', typing, now) !== undefined) told.push(now);
        }
        for (const [index, at] of told.entries()) expect((told[index + 3] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(4000);
      }),
    );
  });
});

describe('OthersTyping', () => {
  it('lets go of each in its time, and says when the next one ends', () => {
    const others = new OthersTyping(50);
    others.heard('a', 'x', true, 1, 0);
    others.heard('a', 'y', true, 1, 1000);
    expect(others.expire(0)).toBe(LIVES_MS);
    expect(others.expire(LIVES_MS)).toBe(LIVES_MS + 1000);
    expect(others.in('a')).toEqual(['y']);
    expect([others.expire(LIVES_MS + 1000), others.in('a')]).toEqual([undefined, []]);
  });

  it('takes nothing that is older than what was said, or written, last', () => {
    const others = new OthersTyping(50);
    expect(others.heard('a', 'x', true, 10, 0)).toBe(true);
    expect(others.heard('a', 'x', false, 10, 0)).toBe(false);
    others.wrote('a', 'x', 20);
    expect([others.in('a'), others.heard('a', 'x', true, 20, 0), others.heard('a', 'x', true, 21, 0)]).toEqual([[], false, true]);
    // An older message that comes late ends nothing that was begun after it.
    others.wrote('a', 'x', 15);
    expect([others.in('a'), others.heard('b', 'x', true, 5, 0)]).toEqual([['x'], true]);
  });

  it('is bounded in each channel', () => {
    const others = new OthersTyping(2);
    expect(['x', 'y', 'z', 'x'].map((node, at) => others.heard('a', node, true, at + 1, 0))).toEqual([true, true, false, true]);
    expect(others.in('a')).toEqual(['x', 'y']);
  });
});
