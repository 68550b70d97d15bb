import type { Acts } from './acts.ts';
import type { History } from './history.ts';
import type { StoredMessage } from './history-row.ts';
import type { Intake } from './intake.ts';
import type { Membership } from './membership.ts';
import { findChannel } from './names.ts';

export interface ArchiveDeps {
  readonly membership: Membership;
  readonly history: History;
  readonly acts: Acts;
  readonly intake: Intake;
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
    return acts.dress(await history.page(this.#idOf(idOrName), options));
  }

  /** The message of a channel with this id, if this node holds it. Errors: those of the store. */
  async message(idOrName: string, msgId: string): Promise<StoredMessage | undefined> {
    const found = await this.#deps.history.find(this.#idOf(idOrName), msgId);
    return found && !found.act ? (await this.#deps.acts.dress([found]))[0] : undefined;
  }

  /** The pinned messages of a channel, in the order in which they were pinned. Errors: those of the store. */
  async pinned(idOrName: string): Promise<StoredMessage[]> {
    return this.#deps.acts.pinned(this.#idOf(idOrName));
  }

  /** Full-text search of what this node holds, in one channel or in all, the latest first. Errors: those of the store. */
  async search(query: string, { channel, limit }: { channel?: string | undefined; limit: number }): Promise<StoredMessage[]> {
    const { membership, history, acts } = this.#deps;
    const where =
      channel === undefined ? { channels: membership.directory.joined().map(({ id }) => id) } : { channelId: this.#idOf(channel) };
    const found = await acts.dress(await history.search(query, limit, where));
    return found.filter(({ standing }) => !standing?.deleted);
  }

  /** How many numbers of its sender are missing before a message. Acts are not shown, and not missing; what is older than all that is held neither. */
  missingBefore({ channelId, sender, seq, lifetime, after = seq - 1 }: StoredMessage): number {
    // Where messages go after a while, nobody can tell one that is missing from one that is no more.
    if (lifetime !== undefined) return 0;
    const before = this.#deps.intake.held(channelId)?.get(sender)?.held.below(seq) ?? 0;
    return before === 0 ? 0 : Math.max(0, after - before);
  }

  #idOf(idOrName: string): string {
    return findChannel(this.#deps.membership.directory, idOrName).id;
  }
}
