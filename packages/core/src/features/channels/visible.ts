import type { Sealing } from '../../overlay/index.ts';
import { LruMap } from '../../util/bounded.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { Channel } from './directory.ts';
import type { History } from './history.ts';
import type { Holding } from './holdings.ts';
import { MAX_LACKS, MAX_LACKS_IN_ALL } from './offers.ts';
import type { SealedMessages } from './sealed-messages.ts';
import type { HAVE } from './verbs.ts';

/** What of a channel's history a member may be given: of some channels not what was written before it came. */
export class Visible {
  readonly #history: History;
  readonly #sealed: SealedMessages;
  readonly #since = new LruMap<string, number>(1000);
  readonly #lowest = new LruMap<string, number>(10_000);

  constructor(history: History, sealed: SealedMessages) {
    this.#history = history;
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
    return this.#history.timeBefore(channel.id, policy.since, policy.before).then((found) => {
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
    const found = await this.#history.lowestSince(channel.id, author, since);
    if (found !== undefined) this.#lowest.set(key, found);
    return found;
  }

  #policy(channel: Channel, nodeId: string): ReturnType<NonNullable<Sealing['historyFor']>> | undefined {
    return this.#sealed.of(channel)?.historyFor?.(channel.id, nodeId);
  }
}
