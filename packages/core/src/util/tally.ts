/** How much there is by key, and in all. What is at 0 takes up nothing. */
export class Tally {
  readonly #counts = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** `count` below 0 takes away. */
  add(key: string, count = 1): void {
    const sum = this.of(key) + count;
    if (sum === 0) this.#counts.delete(key);
    else this.#counts.set(key, sum);
    this.#total += count;
  }
}
