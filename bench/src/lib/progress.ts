/**
 * A number that another process follows: `next` answers as soon as it has grown by `step`, or after `maxWaitMs`, so that
 * a fast flow costs few messages and a slow one little delay.
 */
export class Progress {
  readonly #step: number;
  readonly #maxWaitMs: number;
  #value = 0;
  #told = 0;
  #waiting: (() => void) | undefined;

  constructor(step: number, maxWaitMs: number) {
    this.#step = step;
    this.#maxWaitMs = maxWaitMs;
  }

  add(amount: number): void {
    this.#value += amount;
    if (this.#value - this.#told >= this.#step) this.#waiting?.();
  }

  /** The value, once there is news. One caller at a time. */
  next(): Promise<number> {
    return new Promise((resolve) => {
      const answer = (): void => {
        clearTimeout(timer);
        this.#waiting = undefined;
        this.#told = this.#value;
        resolve(this.#value);
      };
      const timer = setTimeout(answer, this.#maxWaitMs);
      this.#waiting = answer;
      if (this.#value - this.#told >= this.#step) answer();
    });
  }
}
