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

/** A timer that is armed, between others: a set that is added to and taken from at each turn is made anew again and again. */
class Armed implements Timer {
  before: Armed | undefined;
  behind: Armed | undefined;
  event: Scheduled | undefined;
  readonly #ended: (timer: Armed) => boolean;
  readonly #time: WorldTime;

  constructor(time: WorldTime, ended: (timer: Armed) => boolean) {
    this.#time = time;
    this.#ended = ended;
  }

  cancel(): void {
    const { event } = this;
    if (event && this.#ended(this)) this.#time.cancel(event);
  }
}

/** The clock of one node: the world's time, seen through a system clock that may be wrong. */
export class NodeClock implements Clock {
  readonly #clock: WorldTime;
  readonly #started: number;
  /** The last one that was armed. */
  #last: Armed | undefined;
  #pending = 0;
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
    return this.#pending;
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
    const timer = new Armed(this.#clock, this.#ended);
    timer.event = this.#clock.schedule(ms, () => {
      this.#ended(timer);
      run();
    });
    timer.before = this.#last;
    if (this.#last) this.#last.behind = timer;
    this.#last = timer;
    this.#pending++;
    return timer;
  }

  /** The system's clock is set forward or back; durations are not touched. */
  jump(ms: number): void {
    this.#skewMs += ms;
  }

  /** Nothing that this node armed happens any more, and it can arm nothing: its process has ended. */
  stop(): void {
    this.#stopped = true;
    while (this.#last) this.#last.cancel();
  }

  /** Whether it was armed until now. */
  readonly #ended = (timer: Armed): boolean => {
    const { before, behind, event } = timer;
    if (!event) return false;
    if (before) before.behind = behind;
    if (behind) behind.before = before;
    else this.#last = before;
    timer.event = timer.before = timer.behind = undefined;
    this.#pending--;
    return true;
  };
}
