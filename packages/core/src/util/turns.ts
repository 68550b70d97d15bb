/** Tasks one after another: each begins when all before it are done, well or not. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves, or rejects, as the task does. */
  take<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(task);
    this.#last = done.catch(() => {});
    return done;
  }

  /** Resolves when everything is done that was asked for so far. */
  get over(): Promise<unknown> {
    return this.#last;
  }
}
