import type { Clock, Timer } from '@parley/core';
import type { Scheduled } from './heap.ts';

const INERT: Timer = { cancel() {} };

/** What a view needs of the world's clock. */
export interface WorldTime {
  now(): number;
  monotonic(): number;
  schedule(ms: number, run: () => void): Scheduled;
  cancel(event: Scheduled): void;
}

/** The clock of one node: the world's time, seen through a system clock that may be wrong. */
export class NodeClock implements Clock {
  readonly #clock: WorldTime;
  readonly #started: number;
  readonly #timers = new Set<Scheduled>();
  #skewMs: number;
  #stopped = false;

  constructor(clock: WorldTime, skewMs: number) {
    this.#clock = clock;
    this.#started = clock.monotonic();
    this.#skewMs = skewMs;
  }

  get skewMs(): number {
    return this.#skewMs;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Timers that are armed: 0 once a node has closed properly. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#clock.now() + this.#skewMs;
  }

  /** Milliseconds since this view was made, as a process counts from its own start. */
  monotonic(): number {
    return this.#clock.monotonic() - this.#started;
  }

  after(ms: number, run: () => void): Timer {
    if (this.#stopped) return INERT;
    const event = this.#clock.schedule(ms, () => {
      this.#timers.delete(event);
      run();
    });
    this.#timers.add(event);
    return {
      cancel: () => {
        if (this.#timers.delete(event)) this.#clock.cancel(event);
      },
    };
  }

  /** The system's clock is set forward or back; durations are not touched. */
  jump(ms: number): void {
    this.#skewMs += ms;
  }

  /** Nothing that this node armed happens any more, and it can arm nothing: its process has ended. */
  stop(): void {
    this.#stopped = true;
    for (const event of this.#timers) this.#clock.cancel(event);
    this.#timers.clear();
  }
}
