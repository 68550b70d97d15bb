import type { Clock, Random, Timer } from '@parley/core';
import sodium from 'sodium-native';

/** The longest that setTimeout waits; above, it would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Ids and nonces come from a stock: each question to the system costs as much as a hash. */
const STOCK_BYTES = 4096;
const MAX_FROM_STOCK = 32;

/** The system's random number generator. */
export function createRandom(): Random {
  const stock = new Uint8Array(STOCK_BYTES);
  let left = 0;
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      if (length > MAX_FROM_STOCK) {
        sodium.randombytes_buf(bytes);
        return bytes;
      }
      if (left < length) {
        sodium.randombytes_buf(stock);
        left = STOCK_BYTES;
      }
      const taken = stock.subarray(left - length, left);
      bytes.set(taken);
      // Nobody is to find later what was handed out.
      taken.fill(0);
      left -= length;
      return bytes;
    },
    number() {
      // 53 random bits: 27 high ones and 26 low ones.
      const high = sodium.randombytes_random() >>> 5;
      const low = sodium.randombytes_random() >>> 6;
      return (high * 2 ** 26 + low) / 2 ** 53;
    },
  };
}

/** The system's clocks and timers. A timer keeps the process alive until it fires or is cancelled. */
export function createClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(ms, run): Timer {
      let timeout: NodeJS.Timeout;
      const wait = (left: number): void => {
        const step = Math.min(left, MAX_TIMEOUT_MS);
        timeout = setTimeout(() => (left > step ? wait(left - step) : run()), step);
      };
      wait(Math.max(0, ms));
      return { cancel: () => clearTimeout(timeout) };
    },
  };
}
