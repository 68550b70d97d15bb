import { describe, expect, it } from 'vitest';
import { presenceDefaults } from './config.ts';
import { Others, OwnActivity } from './state.ts';

const MINUTE = 60_000;
const WALL = 1_700_000_000_000;
const all = (): boolean => true;

describe('OwnActivity', () => {
  it('comes with what the user does, and goes some minutes after the last', () => {
    const own = new OwnActivity(5 * MINUTE);
    expect([own.told(0), own.look(0)]).toEqual([undefined, false]);
    expect([own.active(0), own.active(MINUTE), own.told(MINUTE)]).toEqual([true, false, { state: 'here' }]);
    expect([own.look(6 * MINUTE - 1), own.look(6 * MINUTE), own.look(7 * MINUTE)]).toEqual([false, true, false]);
    expect(own.told(8 * MINUTE + 1)).toEqual({ state: 'away', idleMin: 7 });
    expect(own.told(30 * 24 * 60 * MINUTE)).toEqual({ state: 'away', idleMin: 7 * 24 * 60 });
    expect(own.active(9 * MINUTE)).toBe(true);
  });
});

describe('Others', () => {
  const now = (monotonic: number) => ({ monotonic, wall: WALL + monotonic });

  it('holds as long as it may and there is a way, and then is when they were seen', () => {
    const others = new Others(presenceDefaults);
    others.hear('x', { state: 'here' }, 1, now(0));
    expect(others.of(['x'], all, 10 * MINUTE)).toEqual({ state: 'here', seen: WALL });
    expect(others.of(['x'], () => false, 0)).toEqual({ seen: WALL });
    expect(others.of(['x'], all, 11 * MINUTE)).toEqual({ seen: WALL });
    expect(others.of(['y'], all, 0)).toBeUndefined();
  });

  it('takes nothing older, and forgets what is hidden', () => {
    const others = new Others(presenceDefaults);
    expect(others.hear('x', { state: 'here' }, 5, now(0))).toBe(true);
    expect(others.hear('x', { state: 'away', idleMin: 9 }, 5, now(1))).toBe(false);
    expect(others.hear('x', { state: 'hidden' }, 6, now(2))).toBe(true);
    expect([others.of(['x'], all, 3), others.hear('x', { state: 'here' }, 5, now(4)), others.of(['x'], all, 5)]).toEqual([
      undefined,
      false,
      undefined,
    ]);
  });

  it('of several devices is the best of them, seen by the latest', () => {
    const others = new Others(presenceDefaults);
    others.hear('x', { state: 'away', idleMin: 30 }, 1, now(40 * MINUTE));
    others.hear('y', { state: 'away', idleMin: 10 }, 1, now(40 * MINUTE));
    expect(others.of(['x', 'y'], all, 41 * MINUTE)).toEqual({ state: 'away', seen: WALL + 30 * MINUTE });
    others.hear('x', { state: 'here' }, 2, now(42 * MINUTE));
    expect(others.of(['x', 'y'], all, 43 * MINUTE)).toEqual({ state: 'here', seen: WALL + 42 * MINUTE });
    expect(others.of(['y'], all, 43 * MINUTE)).toEqual({ state: 'away', seen: WALL + 30 * MINUTE });
  });
});
