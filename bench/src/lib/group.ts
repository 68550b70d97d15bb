/** Collects what arrives while a commit is going on, so that each commit takes all there is. */
export class Group {
  readonly #commit: (records: Buffer) => void;
  #waiting: Buffer[] = [];
  #scheduled = false;

  constructor(commit: (records: Buffer) => void) {
    this.#commit = commit;
  }

  add(records: Buffer): void {
    this.#waiting.push(records);
    this.schedule();
  }

  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const records = Buffer.concat(this.#waiting);
      this.#waiting = [];
      this.#commit(records);
    });
  }
}
