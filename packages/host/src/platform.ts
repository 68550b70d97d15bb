import type { Clock, Random, Timer } from '@parley/core';
import sodium from 'sodium-native';

/** The longest that setTimeout waits; above, it would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Ids and nonces come from a stock: each question to the system costs as much as a hash. */
const STOCK_BYTES = 4096;
const MAX_FROM_STOCK = 32;
const NUMBER_BYTES = 7;

/** The system's random number generator. */
export function createRandom(): Random {
  const stock = new Uint8Array(STOCK_BYTES);
  let left = 0;
  const take = (length: number): Uint8Array<ArrayBuffer> => {
    const bytes = new Uint8Array(length);
    if (left < length) {
      sodium.randombytes_buf(stock);
      left = STOCK_BYTES;
    }
    // Nobody is to find later what was handed out.
    for (let i = 0; i < length; i++) {
      left--;
      bytes[i] = stock[left] as number;
      stock[left] = 0;
    }
    return bytes;
  };
  return {
    bytes(length) {
      if (length <= MAX_FROM_STOCK) return take(length);
      const bytes = new Uint8Array(length);
      sodium.randombytes_buf(bytes);
      return bytes;
    },
    number() {
      // 53 random bits: 21 high ones and 32 low ones.
      const bytes = take(NUMBER_BYTES);
      let high = 0;
      for (let i = 0; i < 3; i++) high = high * 256 + (bytes[i] as number);
      let low = 0;
      for (let i = 3; i < NUMBER_BYTES; i++) low = low * 256 + (bytes[i] as number);
      return ((high >>> 3) * 2 ** 32 + low) / 2 ** 53;
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
