import { MAX_RUNS } from './verbs.ts';

/** A run of chunks, both ends included. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** Which chunks of a level are here, and which are being asked for. Pure. */
export class Plan {
  readonly count: number;
  readonly #here: Uint8Array;
  readonly #asked = new Set<number>();
  /** Nothing below is missing. */
  #low = 0;
  #left: number;

  constructor(count: number) {
    this.count = count;
    this.#left = count;
    this.#here = new Uint8Array(Math.ceil(count / 8));
  }

  get left(): number {
    return this.#left;
  }

  has(index: number): boolean {
    return ((this.#here[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  add(index: number): void {
    this.#asked.delete(index);
    if (this.has(index) || index >= this.count) return;
    this.#here[index >> 3] = (this.#here[index >> 3] ?? 0) | (1 << (index & 7));
    this.#left--;
    while (this.#low < this.count && this.has(this.#low)) this.#low++;
  }

  /** The next chunks to ask somebody for who has some, the first ones first. They count as asked for until they come, or are released. */
  next(most: number, theirs: (index: number) => boolean): number[] {
    const chosen: number[] = [];
    for (let index = this.#low; index < this.count && chosen.length < most; index++) {
      if (!this.has(index) && !this.#asked.has(index) && theirs(index)) chosen.push(index);
    }
    for (const index of chosen) this.#asked.add(index);
    return chosen;
  }

  release(chunks: Iterable<number>): void {
    for (const index of chunks) this.#asked.delete(index);
  }

  /** What is here, in runs; of very many the first. */
  runs(): Run[] {
    if (this.#left === 0) return [{ from: 0, to: this.count - 1 }];
    const runs: Run[] = [];
    for (let index = 0; index < this.count && runs.length < MAX_RUNS; index++) {
      if (!this.has(index)) continue;
      const from = index;
      while (index + 1 < this.count && this.has(index + 1)) index++;
      runs.push({ from, to: index });
    }
    return runs;
  }
}

/** Whether a chunk is in any of the runs. */
export function inRuns(runs: readonly Run[], index: number): boolean {
  return runs.some(({ from, to }) => from <= index && index <= to);
}
