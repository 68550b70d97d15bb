import type { Acts } from './acts.ts';
import { type ChannelChange, MAX_CHANGES } from './change.ts';
import type { Closed } from './closed/index.ts';
import type { History } from './history.ts';
import type { StoredMessage } from './history-row.ts';
import type { Intake } from './intake.ts';
import type { Lineage } from './lineage.ts';
import type { Membership } from './membership.ts';
import { findChannel } from './names.ts';
import type { Timers } from './timers.ts';

export interface ArchiveDeps {
  readonly membership: Membership;
  readonly history: History;
  readonly acts: Acts;
  readonly intake: Intake;
  readonly lineage: Lineage;
  readonly timers: Timers;
  readonly closed: Closed;
}

/** What was written, as it stands now: read, found, searched. `idOrName`: see `Channels.find`, whose errors all of this has too. */
export class Archive {
  readonly #deps: ArchiveDeps;

  constructor(deps: ArchiveDeps) {
    this.#deps = deps;
  }

  /** A page of history, oldest first; see `History.page`. Errors: those of the store. */
  async history(idOrName: string, options: { before?: string; after?: string; limit: number }): Promise<StoredMessage[]> {
    const { history, acts } = this.#deps;
    const line = this.#line(idOrName);
    const { before, limit } = options;
    // What comes after the very beginning begins with what was said under the first key.
    const after = options.after === `${line[0]}/` ? `${line.at(-1)}/` : options.after;
    const cursor = after ?? before;
    // Where a page begins in an earlier conversation, the later ones are not asked.
    const at = Math.max(0, cursor === undefined ? 0 : line.indexOf(cursor.split('/', 1)[0] ?? ''));
    const order = after === undefined ? line.slice(at) : line.slice(0, at + 1).reverse();
    // The others are read from their end backwards, or from their beginning on.
    const beyond = (id: string) => (after === undefined ? {} : { after: `${id}/` });
    const found: StoredMessage[] = [];
    for (const [index, id] of order.entries()) {
      const room = limit - found.length;
      if (room <= 0) break;
      const page = await history.page(id, { ...(index === 0 ? { before, after } : beyond(id)), limit: room });
      if (after === undefined) found.unshift(...page);
      else found.push(...page);
    }
    return acts.dress(found);
  }

  /** The message of a channel with this id or cursor, if this node holds it. `onlyOne`, and `conflict`: see `byId`. Errors: those of the store. */
  async message(idOrName: string, which: string, onlyOne = false): Promise<StoredMessage | undefined> {
    for (const id of this.#line(idOrName)) {
      const found = await this.#deps.history.find(id, which, onlyOne);
      if (found) return found.act ? undefined : (await this.#deps.acts.dress([found]))[0];
    }
    return undefined;
  }

  /** The pinned messages of a channel, in the order in which they were pinned. Errors: those of the store. */
  async pinned(idOrName: string): Promise<StoredMessage[]> {
    return this.#deps.acts.pinned(this.#idOf(idOrName));
  }

  /** What was changed about a conversation itself, oldest first: the latest `MAX_CHANGES`. Errors: those of the store. */
  async changes(idOrName: string): Promise<ChannelChange[]> {
    const { membership, timers, closed } = this.#deps;
    const { id, kind, ended } = findChannel(membership.directory, idOrName);
    const all = kind === 'closed' ? (ended?.changes ?? closed.changes(id)) : kind === 'direct' ? await timers.changes(id) : [];
    return all.slice(-MAX_CHANGES);
  }

  /** Full-text search of what this node holds, in one channel or in all, the latest first. Errors: those of the store. */
  async search(query: string, { channel, limit }: { channel?: string | undefined; limit: number }): Promise<StoredMessage[]> {
    const { membership, history, acts, lineage } = this.#deps;
    const joined = (): string[] => membership.directory.joined().flatMap(({ id }) => lineage.line(id));
    const asked = channel === undefined ? [{ channels: joined() }] : this.#line(channel).map((channelId) => ({ channelId }));
    const pages = await Promise.all(asked.map((where) => history.search(query, limit, where)));
    const found = await acts.dress(pages.flat().slice(0, limit));
    return found.filter(({ standing }) => !standing?.deleted);
  }

  /** How many numbers of its sender are missing before a message. Acts are not shown, and not missing; what is older than all that is held neither. */
  missingBefore({ channelId, sender, seq, lifetime, after = seq - 1 }: StoredMessage): number {
    // Where messages go after a while, nobody can tell one that is missing from one that is no more.
    if (lifetime !== undefined) return 0;
    const before = this.#deps.intake.held(channelId)?.get(sender)?.held.below(seq) ?? 0;
    return before === 0 ? 0 : Math.max(0, after - before);
  }

  /** A conversation goes on from the first of these in which anything was said. Errors: those of the store. */
  async follow(id: string, candidates: readonly string[]): Promise<void> {
    const { history, lineage } = this.#deps;
    for (const before of candidates) {
      if (lineage.line(id).length > 1) return;
      if (lineage.line(before).length > 1 || (await history.page(before, { limit: 1 })).length > 0) await lineage.follow(id, before);
    }
  }

  /** Where a message is shown: what was said under an earlier key belongs to the conversation that goes on from there. */
  home = (channelId: string): string => this.#deps.lineage.home(channelId);

  /** See `Lineage.line`. */
  line = (channelId: string): readonly string[] => this.#deps.lineage.line(channelId);

  /** Whether a place is in a conversation, or in one that it goes on from. */
  isIn(channelId: string, cursor: string): boolean {
    return this.#deps.lineage.line(channelId).includes(cursor.split('/', 1)[0] ?? '');
  }

  #line(idOrName: string): string[] {
    return this.#deps.lineage.line(this.#idOf(idOrName));
  }

  #idOf(idOrName: string): string {
    return findChannel(this.#deps.membership.directory, idOrName).id;
  }
}
