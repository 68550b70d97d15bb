import type { Clock, Timer } from '../ports/clock.ts';
import { ParleyError } from './errors.ts';

/**
 * Owns timers, tasks and things to close. `close()` aborts the signal, cancels timers, closes what was added in reverse
 * order, and waits for every task (DESIGN section 2).
 */
export class Scope {
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  readonly #timers = new Set<Timer>();
  readonly #tasks = new Set<Promise<unknown>>();
  readonly #closers: (() => void | Promise<void>)[] = [];
  #closing: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Timers and tasks still alive: 0 after `close()`. */
  get pending(): number {
    return this.#timers.size + this.#tasks.size;
  }

  /** Calls `run` once after `ms`, unless the scope closes or the timer is cancelled first. */
  after(ms: number, run: () => void): Timer {
    if (this.closed) return { cancel() {} };
    const timer = this.#clock.after(ms, () => {
      this.#timers.delete(handle);
      run();
    });
    const handle: Timer = {
      cancel: () => {
        timer.cancel();
        this.#timers.delete(handle);
      },
    };
    this.#timers.add(handle);
    return handle;
  }

  /** Calls `run` every `ms()` until the scope closes. `ms` is asked each time, so that it can be jittered. */
  every(ms: () => number, run: () => void): Timer {
    if (this.closed) return { cancel() {} };
    // One entry for all of its turns: a node that is idle does little else than this.
    let current: Timer;
    const handle: Timer = {
      cancel: () => {
        current.cancel();
        this.#timers.delete(handle);
      },
    };
    const turn = (): void => {
      run();
      if (this.#timers.has(handle)) arm();
    };
    const arm = (): void => {
      current = this.#clock.after(ms(), turn);
    };
    arm();
    this.#timers.add(handle);
    return handle;
  }

  /** Resolves after `ms`; rejects with `aborted` when the scope closes. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.closed) {
        reject(new ParleyError('aborted', 'closed'));
        return;
      }
      const aborted = (): void => reject(new ParleyError('aborted', 'closed'));
      this.signal.addEventListener('abort', aborted, { once: true });
      this.after(ms, () => {
        this.signal.removeEventListener('abort', aborted);
        resolve();
      });
    });
  }

  /** Watches over a background task: `close()` waits for it, and what it throws goes to `onError` unless the scope closed. */
  run(task: Promise<unknown>, onError: (error: unknown) => void): void {
    const watched: Promise<void> = task.then(
      () => void this.#tasks.delete(watched),
      (error: unknown) => {
        this.#tasks.delete(watched);
        if (!this.closed) onError(error);
      },
    );
    this.#tasks.add(watched);
  }

  /** Registers something to close; closed in reverse order. */
  add(close: () => void | Promise<void>): void {
    this.#closers.push(close);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#controller.abort(new ParleyError('aborted', 'closed'));
    for (const timer of [...this.#timers]) timer.cancel();
    for (const close of this.#closers.reverse()) await close();
    while (this.#tasks.size > 0) await Promise.all([...this.#tasks]);
  }
}
