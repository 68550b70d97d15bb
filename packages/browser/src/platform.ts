import type { Clock, Random, Timer } from '@parley/core';

/** The longest that setTimeout waits; above, it would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
/** Most bytes that `getRandomValues` gives at a time. */
const MAX_RANDOM_BYTES = 65_536;

/** The browser's random number generator. */
export function createRandom(): Random {
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += MAX_RANDOM_BYTES) crypto.getRandomValues(bytes.subarray(at, at + MAX_RANDOM_BYTES));
      return bytes;
    },
    number() {
      // 53 random bits: 27 high ones and 26 low ones.
      const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
      return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
    },
  };
}

/** The browser's clocks and timers. Those of a hidden tab may come a minute late: nothing that keeps a link alive waits for one. */
export function createClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(ms, run): Timer {
      let timeout: ReturnType<typeof setTimeout>;
      const wait = (left: number): void => {
        const step = Math.min(left, MAX_TIMEOUT_MS);
        timeout = setTimeout(() => (left > step ? wait(left - step) : run()), step);
      };
      wait(Math.max(0, ms));
      return { cancel: () => clearTimeout(timeout) };
    },
  };
}
