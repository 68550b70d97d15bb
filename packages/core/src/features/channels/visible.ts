import type { Sealing } from '../../overlay/index.ts';
import { LruMap } from '../../util/bounded.ts';
import type { Channel } from './directory.ts';
import type { History } from './history.ts';
import type { SealedMessages } from './sealed-messages.ts';

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

  /** The lowest number of an author that may be seen since a time; undefined where none is kept. */
  async lowest(channel: Channel, author: string, since: number): Promise<number | undefined> {
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
