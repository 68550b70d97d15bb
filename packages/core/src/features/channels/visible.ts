import type { Sealing } from '../../overlay/index.ts';
import type { Store } from '../../ports/store.ts';
import { LruMap } from '../../util/bounded.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { Channel } from './directory.ts';
import { BY_SEQ, digits, HISTORY, rangeOf, timeIn } from './history-keys.ts';
import type { Holding } from './holdings.ts';
import { MAX_LACKS, MAX_LACKS_IN_ALL } from './offers.ts';
import type { SealedMessages } from './sealed-messages.ts';
import type { HAVE } from './verbs.ts';

const PAGE = 500;

/** What of a channel's history a member may be given: of some channels not what was written before it came. */
export class Visible {
  readonly #store: Store;
  readonly #sealed: SealedMessages;
  readonly #since = new LruMap<string, number>(1000);
  readonly #lowest = new LruMap<string, number>(10_000);

  constructor(store: Store, sealed: SealedMessages) {
    this.#store = store;
    this.#sealed = sealed;
  }

  /** The time (milliseconds since 1970) from which on a member may see: 0 where it may see all. */
  since(channel: Channel, nodeId: string): number | Promise<number> {
    const policy = this.#policy(channel, nodeId);
    if (!policy || policy.before === 'all') return 0;
    if (policy.before === 'none') return policy.since;
    const key = `${channel.id} ${nodeId} ${policy.since} ${policy.before}`;
    const known = this.#since.get(key);
    if (known !== undefined) return known;
    return timeBefore(this.#store, channel.id, policy.since, policy.before).then((found) => {
      this.#since.set(key, found);
      return found;
    });
  }

  /** What HAVE tells a member of these authors. */
  async offers(channel: Channel, nodeId: string, held: readonly (readonly [string, Holding])[]): Promise<DataOf<typeof HAVE>['have']> {
    const since = await this.since(channel, nodeId);
    const have: DataOf<typeof HAVE>['have'] = [];
    let lacks = MAX_LACKS_IN_ALL;
    for (const [author, holding] of held) {
      const lowest = since === 0 ? 1 : await this.#lowestOf(channel, author, since);
      // What is not here any more, or not for them, nobody should ask for: they would not get on to what is.
      const from = Math.max(holding.from, lowest ?? holding.held.highest + 1);
      const { highest } = holding.held;
      const lack = holding.held.missing(highest, from, Math.min(MAX_LACKS, lacks), from).filter((gap) => gap.from <= gap.to);
      lacks -= lack.length;
      have.push({ node_id: author, seq: highest, ...(from > 1 ? { from } : {}), ...(lack.length > 0 ? { lack } : {}) });
    }
    return have;
  }

  /** The lowest number of an author that may be seen since a time; undefined where none is kept. */
  async #lowestOf(channel: Channel, author: string, since: number): Promise<number | undefined> {
    const key = `${channel.id} ${author} ${since}`;
    const known = this.#lowest.get(key);
    if (known !== undefined) return known;
    const found = await lowestSince(this.#store, channel.id, author, since);
    if (found !== undefined) this.#lowest.set(key, found);
    return found;
  }

  #policy(channel: Channel, nodeId: string): ReturnType<NonNullable<Sealing['historyFor']>> | undefined {
    return this.#sealed.of(channel)?.historyFor?.(channel.id, nodeId);
  }
}

/** The lowest number of a sender whose message was written at some time or later; undefined where none is kept. */
async function lowestSince(store: Store, channelId: string, sender: string, since: number): Promise<number | undefined> {
  for (let from = 0; ; ) {
    const rows = await store.range(BY_SEQ, { ...rangeOf(channelId, sender, from, Number.MAX_SAFE_INTEGER), limit: PAGE });
    const found = rows.find(({ value }) => timeIn(String(value)) >= since);
    if (found) return Number(found.key.slice(-16));
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return undefined;
    from = Number(last.key.slice(-16)) + 1;
  }
}

/** When the first of the last so many messages before some time was written; that time where there are none. */
async function timeBefore(store: Store, channelId: string, before: number, count: number): Promise<number> {
  const range = { gt: `${channelId}/`, lt: `${channelId}/${digits(before, 14)}`, limit: count, reverse: true };
  const rows = await store.range(HISTORY, range);
  const first = rows.at(-1);
  return first ? timeIn(first.key) : before;
}
