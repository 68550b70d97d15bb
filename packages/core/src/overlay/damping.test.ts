import { describe, expect, it } from 'vitest';
import { Damping } from './damping.ts';

const limits = { firstMs: 1000, maxMs: 15_000, halfLifeMs: 60_000 };

/** Lets a destination come and go every `everyMs`, for `ms`. Returns when it was told, and of what. */
function flap(damping: Damping, everyMs: number, ms: number): { at: number; reachable: boolean }[] {
  const told: { at: number; reachable: boolean }[] = [];
  let reachable = false;
  for (let now = 0; now < ms; now += 100) {
    for (const destination of damping.due(now)) if (damping.changed(destination, reachable, now)) told.push({ at: now, reachable });
    if (now % everyMs !== 0) continue;
    reachable = !reachable;
    if (damping.changed('x', reachable, now)) told.push({ at: now, reachable });
  }
  return told;
}

describe('damping', () => {
  it('tells the first changes at once: a node that starts, and starts again', () => {
    const damping = new Damping(limits);
    const told: boolean[] = [];
    for (const [at, reachable] of [
      [0, true],
      [10_000, false],
      [12_000, true],
      [20_000, false],
      [22_000, true],
    ] as const)
      told.push(damping.changed('x', reachable, at));
    expect(told).toEqual([true, true, true, true, true]);
  });

  it('tells of one that comes and goes all the time less and less often', () => {
    const told = flap(new Damping(limits), 300, 120_000);
    expect(told.length).toBeGreaterThan(10);
    expect(told.length).toBeLessThan(50);
    const later = told.filter(({ at }) => at > 60_000).length;
    expect(later).toBeLessThan(20);
    expect(later).toBeGreaterThan(4);
  });

  it('and never the same twice, nor that it is lost when nobody has heard that it was back', () => {
    const told = flap(new Damping(limits), 300, 120_000).map(({ reachable }) => reachable);
    for (const [i, reachable] of told.entries()) expect(reachable).toBe(i % 2 === 0);
  });

  it('tells where it stands in the end, within the longest hold', () => {
    const damping = new Damping(limits);
    flap(damping, 300, 60_000);
    damping.changed('x', false, 60_000);
    const now = damping.changed('x', true, 60_100);
    expect(now).toBe(false);
    expect(damping.hides('x')).toBe(true);
    expect(damping.due(60_200)).toEqual([]);
    expect(damping.due(60_100 + limits.maxMs)).toEqual(['x']);
    expect(damping.changed('x', true, 60_100 + limits.maxMs)).toBe(true);
    expect(damping.hides('x')).toBe(false);
  });

  it('has whole tables keep from neighbours what they have not been told, from the moment that it is back', () => {
    const damping = new Damping(limits);
    damping.changed('x', true, 0);
    damping.changed('x', false, 1000);
    // It is back, and nobody has asked yet whether that may be told; lost again before somebody does, it would never be withdrawn.
    expect(damping.hides('x')).toBe(true);
    expect(damping.changed('x', false, 2000)).toBe(false);
    expect(damping.changed('x', true, 3000)).toBe(true);
    expect(damping.hides('x')).toBe(false);
  });

  it('tells that one is lost at once, however often it did', () => {
    const damping = new Damping(limits);
    let now = 0;
    for (let i = 0; i < 50; i++) {
      while (!damping.changed('x', true, now)) now += 500;
      expect(damping.changed('x', false, now + 1)).toBe(true);
    }
  });

  it('lets changes of the way pass that come of looking for it', () => {
    const damping = new Damping(limits);
    const told = Array.from({ length: 30 }, (_, i) => damping.changed('x', true, i * 200));
    expect(told.slice(0, 15).every(Boolean)).toBe(true);
    expect(told.every(Boolean)).toBe(false);
  });

  it('forgives with time', () => {
    const damping = new Damping(limits);
    flap(damping, 300, 60_000);
    const at = 60_000 + 5 * limits.halfLifeMs;
    damping.due(at);
    expect([true, false, true, false, true].map((reachable, i) => damping.changed('x', reachable, at + i * 500)).slice(1)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });
});
