import { type Clock, ParleyError, type Timer } from '@parley/core';
import { ExternalQueue } from './external.ts';
import { EventHeap, type Scheduled } from './heap.ts';
import { NodeClock } from './node-clock.ts';

/** 2026-01-01T00:00:00Z, where worlds begin unless told otherwise. */
export const DEFAULT_EPOCH_MS = 1_767_225_600_000;

/** Events at one and the same instant after which the clock holds that the world is caught in a loop. */
const MAX_EVENTS_AN_INSTANT = 1_000_000;
/** Steps of all clocks between two turns of the real event loop, so that signals and a test's own time limit get through. */
const STEPS_A_TURN = 4096;
let steps = 0;

/** Its `then` is the cheapest way to ask for a promise job: `queueMicrotask` makes an asynchronous resource each time. */
const SETTLED = Promise.resolve();

const SWEEP_ABOVE = 1024;

interface Waiter {
  readonly limit: number;
  /** Checked after each event, but at most once in so many milliseconds of virtual time. */
  readonly satisfied: (() => boolean) | undefined;
  readonly everyMs: number;
  checkAt: number;
  /** Time is up. */
  readonly ended: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface RunUntilOptions {
  /** Virtual milliseconds from now. Default 60,000. */
  readonly limitMs?: number;
  /** Checks at most once in so many virtual milliseconds, for a predicate that is dear. Default: after each event. */
  readonly everyMs?: number;
  /** Named in the error. Default: the predicate as it is written. */
  readonly what?: string;
}

/**
 * Time for a whole world in one process. It moves only in `run`, `runUntil`, `until` and `idle`, from one event to the
 * next. After each event the promise jobs that it caused, and those that they caused, run to the end before the next
 * event, as they do between two callbacks of a real event loop; so the same events give the same order each time.
 *
 * The drain is one promise job that asks for a `process.nextTick`: Node.js empties the promise queue before it looks at
 * the tick queue. It costs a third of what a turn of the event loop does.
 */
export class VirtualClock implements Clock {
  readonly epochMs: number;
  readonly #heap = new EventHeap();
  readonly #waiters = new Set<Waiter>();
  readonly #external: ExternalQueue;
  #time = 0;
  #order = 0;
  #dead = 0;
  #events = 0;
  #sameInstant = 0;
  #driving = false;
  readonly #arm = (): void => process.nextTick(this.#step);
  readonly #step = (): void => this.#turn();

  constructor(options: { epochMs?: number } = {}) {
    this.epochMs = options.epochMs ?? DEFAULT_EPOCH_MS;
    this.#external = new ExternalQueue(() => this.#driving);
  }

  now(): number {
    return this.epochMs + Math.floor(this.#time);
  }

  monotonic(): number {
    return this.#time;
  }

  /** Events that have happened. */
  get events(): number {
    return this.#events;
  }

  /** Events that are still to come. */
  get pending(): number {
    return this.#heap.size - this.#dead;
  }

  after(ms: number, run: () => void): Timer {
    const event = this.schedule(ms, run);
    return { cancel: () => this.cancel(event) };
  }

  schedule(ms: number, run: () => void): Scheduled {
    if (Number.isNaN(ms)) throw new ParleyError('bad-argument', 'a delay must be a number');
    const event: Scheduled = { at: this.#time + Math.max(0, ms), order: this.#order++, run, dead: false };
    if (ms !== Number.POSITIVE_INFINITY) this.#heap.push(event);
    return event;
  }

  cancel(event: Scheduled): void {
    if (event.dead) return;
    event.dead = true;
    if (event.at === Number.POSITIVE_INFINITY) return;
    this.#dead++;
    if (this.#dead > SWEEP_ABOVE && this.#dead > this.#heap.size / 2) {
      this.#heap.sweep();
      this.#dead = 0;
    }
  }

  /** A node's own view: its wall clock may be wrong and may jump, and its timers end with it. */
  view(options: { skewMs?: number } = {}): NodeClock {
    return new NodeClock(this, options.skewMs ?? 0);
  }

  /**
   * For work that leaves the virtual world (a derivation in a thread of its own): time stands still until it is done,
   * and results come back in the order in which they were asked for, one at a time.
   */
  external<T>(work: Promise<T>): Promise<T> {
    return this.#external.add(work);
  }

  /** Moves on to this instant (by `monotonic`), through everything that happens until then and at it. */
  run(untilMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wait({ limit: untilMs, satisfied: undefined, everyMs: 0, checkAt: 0, ended: resolve, resolve, reject });
    });
  }

  /** Moves on by so much. */
  advance(ms: number): Promise<void> {
    return this.run(this.#time + ms);
  }

  /** Until the predicate holds. Rejects with `timeout` when the limit comes first. */
  runUntil(predicate: () => boolean, options: RunUntilOptions = {}): Promise<void> {
    const limitMs = options.limitMs ?? 60_000;
    return new Promise((resolve, reject) => {
      this.#wait({
        limit: this.#time + limitMs,
        satisfied: predicate,
        everyMs: options.everyMs ?? 0,
        checkAt: 0,
        ended: () => {
          if (predicate()) resolve();
          else reject(new ParleyError('timeout', `${options.what ?? predicate} did not come true within ${limitMs} ms of virtual time`));
        },
        resolve,
        reject,
      });
    });
  }

  /** Until the promise settles; then its value or its error. */
  async until<T>(promise: Promise<T>, options: RunUntilOptions = {}): Promise<T> {
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    promise.then(settle, settle);
    await this.runUntil(() => settled, { what: 'the promise', ...options });
    return promise;
  }

  /** Until nothing is left to happen. Rejects with `timeout` when something always is. */
  async idle(options: { limitMs?: number } = {}): Promise<void> {
    await this.runUntil(() => this.pending === 0, { what: 'idleness', limitMs: options.limitMs ?? 3_600_000 });
  }

  #wait(waiter: Waiter): void {
    this.#waiters.add(waiter);
    if (this.#driving) return;
    this.#driving = true;
    this.#sameInstant = 0;
    this.#drain();
  }

  #drain(): void {
    void SETTLED.then(this.#arm);
  }

  #turn(): void {
    if (this.#external.waiting(() => this.#drain())) return;
    try {
      if (!this.#advance()) {
        this.#driving = false;
        return;
      }
    } catch (error) {
      this.#driving = false;
      const waiters = [...this.#waiters];
      this.#waiters.clear();
      for (const waiter of waiters) waiter.reject(error);
      return;
    }
    if (++steps % STEPS_A_TURN === 0) setImmediate(this.#step);
    else this.#drain();
  }

  /** One event. False when nobody waits any more. */
  #advance(): boolean {
    this.#check();
    if (this.#waiters.size === 0) return false;
    let event = this.#heap.peek();
    while (event?.dead) {
      this.#heap.pop();
      this.#dead--;
      event = this.#heap.peek();
    }
    const limit = this.#nearestLimit();
    if (event === undefined || event.at > limit) {
      this.#end(limit);
      return this.#waiters.size > 0;
    }
    this.#heap.pop();
    this.#enter(event.at);
    event.dead = true;
    this.#events++;
    event.run();
    return true;
  }

  #check(): void {
    for (const waiter of this.#waiters) {
      if (waiter.satisfied === undefined || this.#time < waiter.checkAt) continue;
      waiter.checkAt = this.#time + waiter.everyMs;
      if (!waiter.satisfied()) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  #nearestLimit(): number {
    let limit = Number.POSITIVE_INFINITY;
    for (const waiter of this.#waiters) limit = Math.min(limit, waiter.limit);
    return limit;
  }

  /** Nothing happens up to `limit`: those who wait until then are done. */
  #end(limit: number): void {
    if (Number.isFinite(limit)) this.#enter(Math.max(this.#time, limit));
    for (const waiter of [...this.#waiters]) {
      if (waiter.limit > this.#time && Number.isFinite(limit)) continue;
      this.#waiters.delete(waiter);
      waiter.ended();
    }
  }

  #enter(at: number): void {
    if (at > this.#time) {
      this.#time = at;
      this.#sameInstant = 0;
    } else if (++this.#sameInstant > MAX_EVENTS_AN_INSTANT) {
      throw new ParleyError('internal', `time stands still at ${this.#time} ms: ${MAX_EVENTS_AN_INSTANT} events in one instant`);
    }
  }
}
