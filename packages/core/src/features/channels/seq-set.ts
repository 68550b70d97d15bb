/** Inclusive. */
export interface SeqRange {
  from: number;
  to: number;
}

/** Ranges that a set keeps: what would leave more gaps in one sender's numbers has to wait until some of them are filled. */
export const MAX_RANGES = 256;

/** Which numbers of one sender are held: sorted ranges, nearly always a single one. Pure. */
export class SeqSet {
  readonly #ranges: SeqRange[];

  constructor(ranges: readonly SeqRange[] = []) {
    this.#ranges = ranges.map((range) => ({ ...range }));
  }

  /** How many numbers it holds. */
  get size(): number {
    return this.#ranges.reduce((sum, range) => sum + range.to - range.from + 1, 0);
  }

  get highest(): number {
    return this.#ranges.at(-1)?.to ?? 0;
  }

  get lowest(): number {
    return this.#ranges[0]?.from ?? 0;
  }

  has(seq: number): boolean {
    const range = this.#ranges[this.#at(seq) - 1];
    return range !== undefined && seq <= range.to;
  }

  /** The highest number held below this one; 0 when there is none. */
  below(seq: number): number {
    const range = this.#ranges[this.#at(seq - 1) - 1];
    return range ? Math.min(range.to, seq - 1) : 0;
  }

  /** Whether there is room for a number: it is there, or next to one that is, or there are not too many ranges. */
  fits(seq: number): boolean {
    return this.#ranges.length < MAX_RANGES || this.has(seq) || this.has(seq - 1) || this.has(seq + 1);
  }

  add(seq: number): void {
    const at = this.#at(seq);
    const before = this.#ranges[at - 1];
    const after = this.#ranges[at];
    if (before && seq <= before.to) return;
    const joinsAfter = after?.from === seq + 1;
    if (before?.to === seq - 1) {
      before.to = joinsAfter ? after.to : seq;
      if (joinsAfter) this.#ranges.splice(at, 1);
    } else if (joinsAfter) after.from = seq;
    else this.#ranges.splice(at, 0, { from: seq, to: seq });
  }

  /** Takes one back that could not be kept. */
  delete(seq: number): void {
    if (!this.has(seq)) return;
    const at = this.#at(seq) - 1;
    const { from, to } = this.#ranges[at] as SeqRange;
    const parts = [
      { from, to: seq - 1 },
      { from: seq + 1, to },
    ].filter((part) => part.from <= part.to);
    this.#ranges.splice(at, 1, ...parts);
  }

  /** The lowest number held from this one on. */
  next(seq: number): number | undefined {
    const range = this.#ranges.find(({ to }) => to >= seq);
    return range && Math.max(range.from, seq);
  }

  /** Adds all numbers up to this one. */
  fill(upTo: number): void {
    if (upTo < 1) return;
    const above = this.#ranges.filter(({ to }) => to > upTo);
    const [first] = above;
    if (first && first.from <= upTo + 1) first.from = 1;
    else above.unshift({ from: 1, to: upTo });
    this.#ranges.splice(0, this.#ranges.length, ...above);
  }

  /**
   * What is missing from `from` on, or from the lowest number held if that is lower, up to `upTo`; never below `atLeast`. At most `limit`
   * ranges.
   */
  missing(upTo: number, from: number, limit: number, atLeast = 1): SeqRange[] {
    const gaps: SeqRange[] = [];
    let next = Math.max(atLeast, this.#ranges.length > 0 ? Math.min(this.lowest, from) : from);
    for (const range of this.#ranges) {
      if (gaps.length >= limit || next > upTo) return gaps;
      if (range.from > next) gaps.push({ from: next, to: Math.min(range.from - 1, upTo) });
      next = Math.max(next, range.to + 1);
    }
    if (gaps.length < limit && next <= upTo) gaps.push({ from: next, to: upTo });
    return gaps;
  }

  toJSON(): readonly SeqRange[] {
    return this.#ranges;
  }

  /** How many ranges begin at or before a number: nearly always all or none, so the end is looked at first. */
  #at(seq: number): number {
    let at = this.#ranges.length;
    while (at > 0 && (this.#ranges[at - 1] as SeqRange).from > seq) at--;
    return at;
  }
}
