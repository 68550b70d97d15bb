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

  /**
   * The next chunks to ask somebody for who has these runs, or all; the first ones first. They count as asked for until they come, or are released.
   * `theirs`: as `tidyRuns` makes them.
   */
  next(most: number, theirs: readonly Run[] = [{ from: 0, to: this.count - 1 }]): number[] {
    const chosen: number[] = [];
    for (const { from, to } of theirs) {
      for (let index = Math.max(from, this.#low); index <= to && chosen.length < most; index++) {
        if (!this.has(index) && !this.#asked.has(index)) chosen.push(index);
      }
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

/** What somebody says it has of so many chunks: in order, each once, and none that the file does not have. */
export function tidyRuns(runs: readonly Run[], count: number): Run[] {
  const tidy: Run[] = [];
  for (const run of [...runs].sort((a, b) => a.from - b.from)) {
    const to = Math.min(run.to, count - 1);
    const last = tidy.at(-1);
    if (run.from > to) continue;
    if (last && run.from <= last.to + 1) tidy[tidy.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else tidy.push({ from: run.from, to });
  }
  return tidy;
}

/** Whether a chunk is in any of the runs. */
export function inRuns(runs: readonly Run[], index: number): boolean {
  return runs.some(({ from, to }) => from <= index && index <= to);
}
