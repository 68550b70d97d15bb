import { VirtualClock } from '@parley/sim';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** Resolves after so many promise jobs. */
async function jobs(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await null;
}

describe('VirtualClock', () => {
  it('runs events in order of time, and in order of asking within one instant', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }), async (delays) => {
        const clock = new VirtualClock();
        const seen: { at: number; index: number }[] = [];
        for (const [index, ms] of delays.entries()) clock.after(ms, () => seen.push({ at: clock.monotonic(), index }));
        await clock.run(20);
        const expected = delays.map((at, index) => ({ at, index })).sort((a, b) => a.at - b.at || a.index - b.index);
        expect(seen).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('skips what was cancelled, however much of it there is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.boolean()), { maxLength: 5000, minLength: 3000 }),
        async (plan) => {
          const clock = new VirtualClock();
          const seen: number[] = [];
          const timers = plan.map(([ms], index) => clock.after(ms, () => seen.push(index)));
          for (const [index, [, keep]] of plan.entries()) if (!keep) timers[index]?.cancel();
          const kept = plan.flatMap(([ms, keep], index) => (keep ? [{ ms, index }] : [])).sort((a, b) => a.ms - b.ms || a.index - b.index);
          expect(clock.pending).toBe(kept.length);
          await clock.idle();
          expect(seen).toEqual(kept.map(({ index }) => index));
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 5 },
    );
  });

  it('lets every promise job end before time moves on', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(1, () => void jobs(500).then(() => seen.push(`first at ${clock.monotonic()}`)));
    clock.after(1, () => seen.push('second'));
    clock.after(2, () => seen.push('third'));
    await clock.run(2);
    expect(seen).toEqual(['first at 1', 'second', 'third']);
  });

  it('runs what promise jobs arm, also for this very instant', async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    clock.after(5, () => void jobs(3).then(() => clock.after(0, () => seen.push(clock.monotonic()))));
    await clock.run(5);
    expect(seen).toEqual([5]);
  });

  it('stands at the time it was told to run to', async () => {
    const clock = new VirtualClock({ epochMs: 1000 });
    await clock.run(250);
    expect([clock.monotonic(), clock.now()]).toEqual([250, 1250]);
    await clock.advance(50);
    expect(clock.monotonic()).toBe(300);
    await clock.run(10);
    expect(clock.monotonic()).toBe(300);
  });

  it('serves several who wait for different times', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const wait = async (ms: number): Promise<void> => {
      await clock.run(ms);
      seen.push(`${ms} at ${clock.monotonic()}`);
    };
    await Promise.all([wait(200), wait(100), wait(150)]);
    expect(seen).toEqual(['100 at 100', '150 at 150', '200 at 200']);
  });

  it('stops as soon as a predicate holds, and says so when it never does', async () => {
    const clock = new VirtualClock();
    let count = 0;
    const tick = (): void => {
      count++;
      clock.after(10, tick);
    };
    clock.after(10, tick);
    await clock.runUntil(() => count === 7);
    expect(clock.monotonic()).toBe(70);
    await expect(clock.runUntil(() => false, { limitMs: 100, what: 'the impossible' })).rejects.toMatchObject({ code: 'timeout' });
    expect(clock.monotonic()).toBe(170);
    await clock.runUntil(() => count >= 20, { everyMs: 25, limitMs: 1000 });
    expect(count).toBeGreaterThanOrEqual(20);
    expect(count).toBeLessThanOrEqual(23);
  });

  it('waits for a promise and passes on its value or its error', async () => {
    const clock = new VirtualClock();
    const later = <T>(ms: number, run: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        clock.after(ms, () => {
          try {
            resolve(run());
          } catch (error) {
            reject(error);
          }
        });
      });
    await expect(clock.until(later(30, () => 'value'))).resolves.toBe('value');
    await expect(
      clock.until(
        later(30, () => {
          throw new RangeError('no');
        }),
      ),
    ).rejects.toThrow(RangeError);
    expect(clock.monotonic()).toBe(60);
    await expect(clock.until(new Promise(() => {}), { limitMs: 5 })).rejects.toMatchObject({ code: 'timeout' });
  });

  it('reports what an event throws, and can go on', async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    clock.after(1, () => {
      throw new RangeError('no');
    });
    clock.after(2, () => seen.push(2));
    await expect(clock.run(5)).rejects.toThrow(RangeError);
    await clock.run(5);
    expect(seen).toEqual([2]);
  });

  it('notices that time stands still', async () => {
    const clock = new VirtualClock();
    const loop = (): void => void clock.after(0, loop);
    loop();
    await expect(clock.run(1)).rejects.toMatchObject({ code: 'internal' });
  });

  it('holds time for work outside, and gives results back in the order of asking', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    let slow = (_: string): void => {};
    let fast = (_: string): void => {};
    clock.after(1, () => {
      void clock
        .external(new Promise<string>((resolve) => (slow = resolve)))
        .then((value) => seen.push(`${value} at ${clock.monotonic()}`));
      void clock
        .external(new Promise<string>((resolve) => (fast = resolve)))
        .then((value) => seen.push(`${value} at ${clock.monotonic()}`));
      setImmediate(() => fast('fast'));
      setImmediate(() => setImmediate(() => slow('slow')));
    });
    clock.after(2, () => seen.push('after'));
    await clock.run(2);
    expect(seen).toEqual(['slow at 1', 'fast at 1', 'after']);
  });

  it('gives results of outside work back when nobody runs it', async () => {
    const clock = new VirtualClock();
    await expect(clock.external(Promise.resolve(1))).resolves.toBe(1);
    await expect(clock.external(Promise.reject(new RangeError('no')))).rejects.toThrow(RangeError);
  });
});

describe('NodeClock', () => {
  it('has a system clock that is wrong and jumps, and durations that do not', async () => {
    const clock = new VirtualClock({ epochMs: 1_000_000 });
    await clock.run(100);
    const view = clock.view({ skewMs: -5000 });
    expect([view.now(), view.monotonic()]).toEqual([995_100, 0]);
    const seen: number[] = [];
    view.after(50, () => seen.push(view.monotonic()));
    view.jump(3_600_000);
    await clock.run(200);
    expect(seen).toEqual([50]);
    expect([view.now(), view.monotonic()]).toEqual([4_595_200, 100]);
  });

  it('loses its timers when it stops, and arms no new ones', async () => {
    const clock = new VirtualClock();
    const view = clock.view();
    const other = clock.view();
    const seen: string[] = [];
    view.after(10, () => seen.push('dead'));
    other.after(10, () => seen.push('alive'));
    expect(view.pending).toBe(1);
    view.stop();
    view.after(5, () => seen.push('dead'));
    expect([view.pending, view.stopped]).toEqual([0, true]);
    await clock.idle();
    expect(seen).toEqual(['alive']);
  });

  it('counts timers that are armed', async () => {
    const clock = new VirtualClock();
    const view = clock.view();
    const timer = view.after(10, () => {});
    view.after(20, () => {});
    timer.cancel();
    timer.cancel();
    expect(view.pending).toBe(1);
    await clock.idle();
    expect(view.pending).toBe(0);
  });
});
