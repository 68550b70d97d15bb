import { LruMap } from '../../util/bounded.ts';
import type { ChannelConfig } from './config.ts';
import type { Holding } from './holdings.ts';
import { MAX_RANGES, type SeqRange, SeqSet } from './seq-set.ts';
import { MAX_HISTORY, MAX_SENDERS } from './verbs.ts';

/** Of one author: the highest number that a member holds, and the lowest. */
export interface Offer {
  readonly seq: number;
  readonly from: number;
}

export interface Wish {
  readonly node_id: string;
  readonly from: number;
  readonly to: number;
}

/** Gaps of one author that are asked for at a time. */
const MAX_GAPS = 8;
/** Members, channels and authors of whom it is known what is gone. */
const MAX_KNOWN = 2000;

/** What a member is to be asked for: what it offers and is not here. It is not asked again for what it said is gone, which others may have. */
export class Wanting {
  readonly #config: ChannelConfig;
  readonly #gone = new LruMap<string, SeqRange[]>(MAX_KNOWN);

  constructor(config: ChannelConfig) {
    this.#config = config;
  }

  /** A member has said that these are gone. */
  gone(member: string, channelId: string, ranges: readonly Wish[]): void {
    for (const { node_id, from, to } of ranges) {
      if (to < from) continue;
      const key = `${member} ${channelId} ${node_id}`;
      this.#gone.set(key, merged([...(this.#gone.get(key) ?? []), { from, to }]).slice(-MAX_RANGES));
    }
  }

  of(member: string, channelId: string, theirs: ReadonlyMap<string, Offer>, held: ReadonlyMap<string, Holding>): Wish[] {
    const want: Wish[] = [];
    let room = MAX_HISTORY;
    for (const [sender, { seq: highest, from: lowest }] of theirs) {
      const ours = held.get(sender);
      const from = Math.max(1, highest - this.#config.historyOnJoin + 1);
      const missing = (ours?.held ?? new SeqSet()).missing(highest, from, MAX_RANGES + 1, Math.max(lowest, (ours?.floor ?? 0) + 1));
      const gone = this.#gone.get(`${member} ${channelId} ${sender}`) ?? [];
      for (const gap of missing.flatMap((range) => without(range, gone)).slice(0, MAX_GAPS)) {
        if (room <= 0 || want.length >= MAX_SENDERS) return want;
        const to = Math.min(gap.to, gap.from + room - 1);
        want.push({ node_id: sender, from: gap.from, to });
        room -= to - gap.from + 1;
      }
    }
    return want;
  }
}

/** Sorted, and those that touch made one. Pure. */
export function merged(ranges: readonly SeqRange[]): SeqRange[] {
  const found: SeqRange[] = [];
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last && from <= last.to + 1) last.to = Math.max(last.to, to);
    else found.push({ from, to });
  }
  return found;
}

/** A range without others, which are sorted. Pure. */
export function without({ from, to }: SeqRange, others: readonly SeqRange[]): SeqRange[] {
  const left: SeqRange[] = [];
  let next = from;
  for (const other of others) {
    if (other.to < next || other.from > to) continue;
    if (other.from > next) left.push({ from: next, to: other.from - 1 });
    next = Math.max(next, other.to + 1);
  }
  if (next <= to) left.push({ from: next, to });
  return left;
}
