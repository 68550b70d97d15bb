/** Milliseconds of the machine's monotonic clock, the same in every process of the machine. */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}

/** Resolves after `ms` milliseconds. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Lets the event loop read and write its sockets once. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A stretch of the monotonic clock, in milliseconds. Only what happens within it counts. */
export interface Period {
  readonly from: number;
  readonly until: number;
}

/** A period of `seconds` that begins after `warmUp` seconds, in which code is compiled and windows open. */
export function periodAhead(warmUp: number, seconds: number): Period {
  const from = now() + warmUp * 1_000;
  return { from, until: from + seconds * 1_000 };
}

/** Length of a period in seconds. */
export function secondsOf(period: Period): number {
  return (period.until - period.from) / 1_000;
}

/** Counts what happens within a period. */
export class Meter {
  readonly #period: Period;
  #total = 0;

  constructor(period: Period) {
    this.#period = period;
  }

  /** Adds `amount` and tells whether the moment lies within the period. */
  add(amount: number, at = now()): boolean {
    const counts = at >= this.#period.from && at < this.#period.until;
    if (counts) this.#total += amount;
    return counts;
  }

  get total(): number {
    return this.#total;
  }
}
