import type { World } from '@parley/sim';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How a suite lets time pass: the machine's own, or that of a simulated world. */
export interface Time {
  /** The promise's outcome; fails when it takes too long. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** Until the predicate holds; fails when it takes too long. */
  waitFor(predicate: () => boolean, what: string): Promise<void>;
  /** Long enough for whatever is under way to happen, when a test says that something does not. */
  settle(): Promise<void>;
}

const LIMIT_MS = 15_000;
const SETTLE_MS = 100;

export const realTime: Time = {
  async until(promise) {
    let done = false;
    const settled = (): void => {
      done = true;
    };
    promise.then(settled, settled);
    await realTime.waitFor(() => done, 'the promise settles');
    return promise;
  },
  async waitFor(predicate, what) {
    const end = performance.now() + LIMIT_MS;
    while (!predicate()) {
      if (performance.now() > end) throw new Error(`not within ${LIMIT_MS} ms: ${what}`);
      await sleep(1);
    }
  },
  async settle() {
    await sleep(SETTLE_MS);
  },
};

export function virtualTime(world: World): Time {
  return {
    until: (promise) => world.until(promise, { limitMs: LIMIT_MS }),
    waitFor: (predicate, what) => world.runUntil(predicate, { limitMs: LIMIT_MS, what }),
    settle: () => world.advance(SETTLE_MS),
  };
}
