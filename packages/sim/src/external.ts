interface Outside {
  settled: boolean;
  readonly deliver: () => void;
}

/** Results of work outside of virtual time, given back in the order of asking and one at a time. */
export class ExternalQueue {
  readonly #queue: Outside[] = [];
  readonly #driving: () => boolean;
  #wake: (() => void) | undefined;

  /** `driving`: whether somebody runs the clock; when nobody does, results are given back as soon as their turn comes. */
  constructor(driving: () => boolean) {
    this.#driving = driving;
  }

  add<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let deliver = (): void => {};
      const outside: Outside = { settled: false, deliver: () => deliver() };
      this.#queue.push(outside);
      const settle = (give: () => void): void => {
        deliver = give;
        outside.settled = true;
        if (this.#wake === undefined) {
          if (!this.#driving()) this.#flush();
          return;
        }
        if (this.#queue[0] !== outside) return;
        const wake = this.#wake;
        this.#wake = undefined;
        wake();
      };
      work.then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }

  /** Gives back the first result if it is there. True while there is something to wait for; then `resume` is called to try again. */
  waiting(resume: () => void): boolean {
    const first = this.#queue[0];
    if (first === undefined) return false;
    if (first.settled) {
      this.#queue.shift();
      first.deliver();
      resume();
    } else {
      this.#wake = resume;
    }
    return true;
  }

  #flush(): void {
    while (this.#queue[0]?.settled === true) this.#queue.shift()?.deliver();
  }
}
