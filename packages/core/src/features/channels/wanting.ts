import { LruMap } from '../../util/bounded.ts';
import type { ChannelConfig } from './config.ts';
import type { Holding } from './holdings.ts';
import type { ChannelMessage } from './message.ts';
import { type Offer, wanted } from './offers.ts';
import { MAX_RANGES, type SeqRange, SeqSet } from './seq-set.ts';
import { MAX_HISTORY, MAX_SENDERS } from './verbs.ts';

export interface Wish {
  readonly node_id: string;
  readonly from: number;
  readonly to: number;
}

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

  /** What a member has given does not count from it: it is not asked for that again, which others may give. */
  refused(member: string, { channelId, sender, seq }: Pick<ChannelMessage, 'channelId' | 'sender' | 'seq'>): false {
    this.gone(member, channelId, [{ node_id: sender, from: seq, to: seq }]);
    return false;
  }

  of(member: string, channelId: string, theirs: ReadonlyMap<string, Offer>, held: ReadonlyMap<string, Holding>): Wish[] {
    const want: Wish[] = [];
    let room = MAX_HISTORY;
    for (const [sender, offer] of theirs) {
      const ours = held.get(sender);
      const lack = merged([...offer.lack, ...(this.#gone.get(`${member} ${channelId} ${sender}`) ?? [])]);
      for (const gap of wanted(ours?.held ?? new SeqSet(), ours?.floor ?? 0, { ...offer, lack }, this.#config.historyOnJoin)) {
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
