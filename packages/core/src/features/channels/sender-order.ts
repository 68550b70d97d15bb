/** What to show next of one sender: an item, or numbers that did not come. */
export type Shown<T> =
  | { readonly item: T; readonly seq: number; readonly late: boolean }
  | { readonly gap: { readonly from: number; readonly to: number } };

/**
 * Puts one sender's messages in order of their numbers. One that is ahead waits for those before it, for at most `waitMs`; then what
 * is missing is shown as a gap (WIRE "MESSAGE"). What comes after its gap was shown is late, and shown as such. Pure: time is a parameter.
 */
export class SenderOrder<T> {
  readonly #waitMs: number;
  readonly #capacity: number;
  readonly #ahead = new Map<number, { readonly item: T; readonly at: number }>();
  /** By number: up to where its sender has given the numbers before it. */
  readonly #leaps = new Map<number, number>();
  /** The next number to show; 0 before the first. */
  #next: number;

  constructor(options: { waitMs: number; capacity: number; next?: number }) {
    this.#waitMs = options.waitMs;
    this.#capacity = options.capacity;
    this.#next = options.next ?? 0;
  }

  /** Whether one with this number is shown as soon as it is added. */
  isNext(seq: number): boolean {
    return this.#next === 0 || seq === this.#next;
  }

  /** When to call `due`: undefined when nothing waits. */
  get deadline(): number | undefined {
    // In order of arrival: the first has waited longest.
    const [first] = this.#ahead.values();
    return first && first.at + this.#waitMs;
  }

  /** The first numbers that are missing; undefined when nothing waits for any. */
  get gap(): { readonly from: number; readonly to: number } | undefined {
    return this.#ahead.size > 0 ? { from: this.#next, to: this.#lowest() - 1 } : undefined;
  }

  /** Takes one that is new; returns what can be shown now. `after`: the numbers between it and `seq` were left free. */
  add(seq: number, item: T, now: number, after?: number): Shown<T>[] {
    if (this.#next === 0) this.#next = seq;
    if (seq < this.#next) return [{ item, seq, late: true }];
    this.#ahead.set(seq, { item, at: now });
    if (after !== undefined) this.#leaps.set(seq, after);
    const shown = this.#run();
    if (this.#ahead.size > this.#capacity) shown.push(...this.#skip());
    return shown;
  }

  /** What waited long enough, with the gaps before it. */
  due(now: number): Shown<T>[] {
    const shown: Shown<T>[] = [];
    for (let deadline = this.deadline; deadline !== undefined && deadline <= now; deadline = this.deadline) shown.push(...this.#skip());
    return shown;
  }

  #run(): Shown<T>[] {
    const shown: Shown<T>[] = [];
    for (;;) {
      const waiting = this.#ahead.get(this.#next);
      if (waiting === undefined) {
        const leap = this.#leap();
        if (leap === undefined) return shown;
        this.#next = leap;
        continue;
      }
      this.#ahead.delete(this.#next);
      this.#leaps.delete(this.#next);
      shown.push({ item: waiting.item, seq: this.#next, late: false });
      this.#next++;
    }
  }

  /** The number behind those that were left free from here on, if its message waits. */
  #leap(): number | undefined {
    for (const [seq, after] of this.#leaps) if (after < this.#next && seq > this.#next) return seq;
    return undefined;
  }

  /** Gives up the first gap. */
  #skip(): Shown<T>[] {
    const lowest = this.#lowest();
    const gap = { from: this.#next, to: lowest - 1 };
    this.#next = lowest;
    return [{ gap }, ...this.#run()];
  }

  #lowest(): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const seq of this.#ahead.keys()) if (seq < lowest) lowest = seq;
    return lowest;
  }
}
