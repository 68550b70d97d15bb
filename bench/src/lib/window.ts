import { now } from './time.ts';

/** Without any progress for so many milliseconds, what is in flight counts as lost. */
const stallMs = 2_000;

/**
 * How much a sender may have in flight. A bench measures throughput with a bounded window: an unbounded queue would
 * measure how fast a sender fills its own memory.
 */
export class SendWindow {
  readonly #size: number;
  readonly #waiting = new Set<() => void>();
  #sent = 0;
  #completed = 0;
  #lost = 0;
  #movedAt = now();

  constructor(size: number) {
    this.#size = size;
  }

  get sent(): number {
    return this.#sent;
  }

  get lost(): number {
    return this.#lost;
  }

  /** Takes a place when one is free. */
  tryTake(): boolean {
    const inFlight = this.#sent - this.#completed - this.#lost;
    if (inFlight >= this.#size) return false;
    if (inFlight === 0) this.#movedAt = now();
    this.#sent++;
    return true;
  }

  /** Takes a place, waiting for it until the moment `until` (monotonic). False when that moment has come. */
  async take(until: number): Promise<boolean> {
    while (now() < until) {
      if (this.tryTake()) return true;
      const stalledAt = this.#movedAt + stallMs;
      if (now() >= stalledAt) this.#giveUp();
      else await this.#room(Math.max(1, Math.min(stalledAt, until) - now()));
    }
    return false;
  }

  /** `total` messages have arrived since the start. Late ones are no longer lost. */
  complete(total: number): void {
    if (total <= this.#completed) return;
    this.#completed = total;
    this.#lost = Math.min(this.#lost, this.#sent - total);
    this.#movedAt = now();
    for (const wake of [...this.#waiting]) wake();
  }

  #giveUp(): void {
    this.#lost = this.#sent - this.#completed;
    this.#movedAt = now();
  }

  #room(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
    });
  }
}
