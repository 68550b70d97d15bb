import type { SeqRange, SeqSet } from './seq-set.ts';

/** What a member says that it holds of one author: the highest number, the lowest, and which between them it has not. */
export interface Offer {
  readonly seq: number;
  readonly from: number;
  readonly lack: readonly SeqRange[];
}

/** Gaps that HAVE tells of one author, and of all. */
export const MAX_LACKS = 8;
export const MAX_LACKS_IN_ALL = 500;
/** Ranges that one author's messages are asked for in, and gaps that are looked at for them. */
const MAX_WANTED = 8;
const MAX_GAPS = 256;

/** What HAVE says, in order; ranges that say nothing are left out. */
export function offerOf({ seq, from = 1, lack = [] }: { seq: number; from?: number; lack?: readonly SeqRange[] }): Offer {
  const ranges = lack.filter((range) => range.from <= range.to && range.to < seq);
  return { seq, from, lack: ranges.sort((a, b) => a.from - b.from) };
}

/** The lowest of the latest `count` numbers that a member holds. */
function lowestOf({ seq, lack }: Offer, count: number): number {
  let left = count;
  let to = seq;
  for (const gap of [...lack].reverse()) {
    const above = to - gap.to;
    if (above >= left) break;
    if (gap.to > to) continue;
    left -= above;
    to = gap.from - 1;
  }
  return Math.max(1, to - left + 1);
}

/** What to ask a member for: what it holds and is missing here, from the `newest` of it on, or from the lowest that is here. */
export function wanted(ours: SeqSet, floor: number, offer: Offer, newest: number): SeqRange[] {
  const gaps = ours.missing(offer.seq, lowestOf(offer, newest), MAX_GAPS, Math.max(offer.from, floor + 1));
  const want: SeqRange[] = [];
  for (const gap of gaps) {
    let { from } = gap;
    for (const lack of offer.lack) {
      if (lack.to < from || lack.from > gap.to) continue;
      if (lack.from > from) want.push({ from, to: lack.from - 1 });
      from = lack.to + 1;
    }
    if (from <= gap.to) want.push({ from, to: gap.to });
    if (want.length >= MAX_WANTED) break;
  }
  return want.slice(0, MAX_WANTED);
}
