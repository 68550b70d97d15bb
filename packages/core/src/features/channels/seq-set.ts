/** Inclusive. */
export interface SeqRange {
  from: number;
  to: number;
}

/** Ranges that a set keeps. Of a sender that leaves more gaps than this the oldest are closed: what lies there is not taken any more. */
const MAX_RANGES = 256;

/** As it is kept on disk. */
export interface SeqSetJson {
  readonly floor: number;
  readonly ranges: readonly SeqRange[];
}

/** Which numbers of one sender are held: sorted ranges, nearly always a single one. Pure. */
export class SeqSet {
  readonly #ranges: SeqRange[];

  #floor: number;

  constructor(kept: SeqSetJson = { floor: 0, ranges: [] }) {
    this.#floor = kept.floor;
    this.#ranges = kept.ranges.map((range) => ({ ...range }));
  }

  /** Numbers up to this one are closed: whether they are held is not known here, and they are neither taken nor asked for. */
  get floor(): number {
    return this.#floor;
  }

  get highest(): number {
    return this.#ranges.at(-1)?.to ?? 0;
  }

  /** The lowest number held: what lies before was never asked for. */
  get lowest(): number {
    return this.#ranges[0]?.from ?? 0;
  }

  has(seq: number): boolean {
    for (let i = this.#ranges.length - 1; i >= 0; i--) {
      const range = this.#ranges[i] as SeqRange;
      if (seq > range.to) return false;
      if (seq >= range.from) return true;
    }
    return false;
  }

  /** The highest number held below this one; 0 when there is none. */
  below(seq: number): number {
    let highest = 0;
    for (const range of this.#ranges) if (range.from < seq) highest = Math.min(range.to, seq - 1);
    return highest;
  }

  add(seq: number): void {
    let at = this.#ranges.length;
    while (at > 0 && (this.#ranges[at - 1] as SeqRange).from > seq) at--;
    const before = this.#ranges[at - 1];
    const after = this.#ranges[at];
    if (before && seq <= before.to) return;
    const joinsBefore = before?.to === seq - 1;
    const joinsAfter = after?.from === seq + 1;
    if (before && joinsBefore) {
      before.to = joinsAfter && after ? after.to : seq;
      if (joinsAfter) this.#ranges.splice(at, 1);
    } else if (after && joinsAfter) after.from = seq;
    else this.#ranges.splice(at, 0, { from: seq, to: seq });
    if (this.#ranges.length > MAX_RANGES) this.#floor = this.#ranges.shift()?.to ?? this.#floor;
  }

  /** Takes one back that could not be kept. */
  delete(seq: number): void {
    const at = this.#ranges.findIndex((range) => seq >= range.from && seq <= range.to);
    const range = this.#ranges[at];
    if (!range) return;
    const parts = [
      { from: range.from, to: seq - 1 },
      { from: seq + 1, to: range.to },
    ].filter((part) => part.from <= part.to);
    this.#ranges.splice(at, 1, ...parts);
  }

  /** What is missing between the lowest number held and `upTo`; from `from` on where nothing is held. At most `limit` ranges. */
  missing(upTo: number, from: number, limit: number): SeqRange[] {
    const gaps: SeqRange[] = [];
    let next = Math.max(this.#floor + 1, this.#ranges.length > 0 && this.#floor === 0 ? this.lowest : this.#floor > 0 ? 0 : from);
    for (const range of this.#ranges) {
      if (range.from > next) gaps.push({ from: next, to: Math.min(range.from - 1, upTo) });
      next = Math.max(next, range.to + 1);
    }
    if (next <= upTo) gaps.push({ from: next, to: upTo });
    return gaps.filter((gap) => gap.from <= gap.to).slice(0, limit);
  }

  toJSON(): SeqSetJson {
    return { floor: this.#floor, ranges: this.#ranges };
  }
}
