import { describe, expect, it } from 'vitest';
import { type Bringer, SeenFloods } from './seen-floods.ts';

const LIMITS = { keepMs: 1000, capacity: 1200, share: 1, freshShare: 1 / 3 };
const known = (account: string): Bringer => ({ account, fresh: false });
const fresh = (account: string): Bringer => ({ account, fresh: true });

/** Adds until it is refused. Returns how many, and why. */
function fill(seen: SeenFloods, bringer: Bringer, now = 0): [number, string | undefined] {
  for (let i = 0; ; i++) {
    const fault = seen.add(`${bringer.account} ${bringer.fresh} ${i}`, bringer, now);
    if (fault) return [i, fault];
  }
}

describe('SeenFloods', () => {
  it('lets one neighbour fill half, and a quarter with unknown origins', () => {
    const seen = new SeenFloods(LIMITS, 0);
    expect(fill(seen, fresh('a'))).toEqual([300, 'fresh']);
    expect(fill(seen, known('a'))).toEqual([300, 'share']);
    expect(seen.size).toBe(600);
  });

  it('leaves some room however many fill it one after the other', () => {
    const seen = new SeenFloods(LIMITS, 0);
    const counts = Array.from({ length: 10 }, (_, i) => fill(seen, fresh(`stranger ${i}`))[0]);
    expect(counts[0]).toBe(300);
    expect(counts.every((count, i) => count <= (counts[i - 1] ?? 300))).toBe(true);
    expect(counts.at(-1)).toBeGreaterThan(20);
    expect(fill(seen, known('friend'))[0]).toBeGreaterThan(30);
  });

  it('is not filled by what it knows already, and says so however full it is', () => {
    const seen = new SeenFloods(LIMITS, 0);
    fill(seen, fresh('a'));
    expect(seen.add('a true 7', fresh('a'), 0)).toBeUndefined();
    expect(seen.add('a true 7', fresh('b'), 0)).toBeUndefined();
    expect(seen.size).toBe(300);
  });

  it('keeps each for one span at least and two at most, and its account with it', () => {
    const seen = new SeenFloods(LIMITS, 0);
    fill(seen, fresh('a'), 900);
    expect(seen.has('a true 0', 1899)).toBe(true);
    expect(seen.fault(fresh('a'), 1899)).toBe('fresh');
    expect(seen.has('a true 0', 2899)).toBe(false);
    expect(seen.fault(fresh('a'), 2899)).toBeUndefined();
    expect(seen.size).toBe(0);
    fill(seen, fresh('a'), 2899);
    expect(seen.has('a true 0', 5000)).toBe(false);
  });

  it('remembers our own whatever others did, and refuses others when it is full', () => {
    const seen = new SeenFloods({ ...LIMITS, capacity: 10 }, 0);
    for (let i = 0; i < 12; i++) seen.addOwn(`own ${i}`, 0);
    expect(seen.has('own 11', 0)).toBe(true);
    expect(seen.fault(known('a'), 0)).toBe('full');
  });
});
