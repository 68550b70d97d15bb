/** Something that gathers output and writes it out on demand. */
export interface Flushable {
  flush(): void;
}

/**
 * Flushes at the end of an event-loop turn whatever asked for it during the turn, so that many small messages become one
 * write. One `setImmediate` serves all connections of a transport.
 */
export class Flusher {
  #waiting: Flushable[] = [];
  readonly #run = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one.flush();
  };

  add(one: Flushable): void {
    if (this.#waiting.push(one) === 1) setImmediate(this.#run);
  }
}
