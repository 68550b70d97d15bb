import { holdLock, type Release } from '../locks.ts';

/** The lock of the tab that leads: waited for, held, and given up. */
export class Turn {
  readonly #name: string;
  /** Ends the wait. */
  #wait: AbortController | undefined;
  #release: Release | undefined;

  constructor(name: string) {
    this.#name = `parley leader ${name}`;
  }

  /** Resolves with whether this tab has the lock: false when it was given up before. Errors: those of the browser. */
  async take(): Promise<boolean> {
    const wait = new AbortController();
    this.#wait = wait;
    const release = await holdLock(this.#name, wait.signal);
    if (release && wait.signal.aborted) release();
    else this.#release = release ?? this.#release;
    return release !== undefined && !wait.signal.aborted;
  }

  giveUp(): void {
    this.#wait?.abort();
    this.#release?.();
    this.#release = undefined;
  }
}
