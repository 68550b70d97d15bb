import type { Clock } from '../../ports/clock.ts';
import { LruMap } from '../../util/bounded.ts';
import type { Scope } from '../../util/scope.ts';

const CAPACITY = 2000;

/** What is done for each of many at most so often. */
export class Pacing {
  readonly #clock: Clock;
  readonly #scope: Scope;
  readonly #everyMs: number;
  /** When it was done last (monotonic), and whether somebody waits to do it again. */
  readonly #last = new LruMap<string, { readonly at: number; awaited: boolean }>(CAPACITY);

  constructor(clock: Clock, scope: Scope, everyMs: number) {
    this.#clock = clock;
    this.#scope = scope;
    this.#everyMs = everyMs;
  }

  /** Whether it was done too short a time ago. */
  isEarly(key: string): boolean {
    return this.#waitMs(key) > 0;
  }

  done(key: string): void {
    this.#last.set(key, { at: this.#clock.monotonic(), awaited: false });
  }

  /** Calls back when it is not too early any more: once, however often that is asked for until then. */
  afterwards(key: string, again: () => void): void {
    const last = this.#last.get(key);
    if (!last || last.awaited) return;
    last.awaited = true;
    this.#scope.after(this.#waitMs(key), again);
  }

  #waitMs(key: string): number {
    const last = this.#last.get(key);
    return last === undefined ? 0 : Math.max(0, last.at + this.#everyMs - this.#clock.monotonic());
  }
}
