import type { Ports } from '../../ports/index.ts';
import type { Acts } from './acts.ts';
import type { Attachments } from './attachments.ts';
import { departure } from './gone.ts';
import type { History } from './history.ts';
import type { StoredMessage } from './history-row.ts';
import type { Lineage } from './lineage.ts';

export interface RewrittenDeps {
  readonly ports: Ports;
  readonly self: string;
  readonly history: History;
  readonly acts: Acts;
  readonly attachments: Attachments;
  readonly lineage: Lineage;
  /** Messages are not where they were. */
  readonly gone: (channelId: string, messages: readonly StoredMessage[]) => void;
}

/** Messages at the end of an earlier conversation that may be written anew. */
const LATEST = 500;

/**
 * Messages that their author has written anew, under the ids that they have, in the conversation that goes on from theirs (see `Moving`): whoever had read
 * them where they were has them once all the same.
 */
export class Rewritten {
  readonly #deps: RewrittenDeps;
  /** By conversation: where the latest messages of the one before it are, by author and id. */
  readonly #before = new Map<string, Map<string, string>>();

  constructor(deps: RewrittenDeps) {
    this.#deps = deps;
  }

  /** Errors: those of the store. */
  async open(channelId: string): Promise<void> {
    const [, before] = this.#deps.lineage.line(channelId);
    if (before === undefined) return;
    const page = await this.#deps.history.page(before, { limit: LATEST });
    this.#before.set(channelId, new Map(page.map((message) => [idOf(message), message.cursor])));
  }

  /** A message is on disk: the one that it was written anew from goes, with what was done to that. Errors: those of the store. */
  async kept(message: StoredMessage): Promise<void> {
    const known = this.#before.get(message.channelId);
    const cursor = known?.get(idOf(message));
    if (cursor === undefined) return;
    known?.delete(idOf(message));
    const { ports, self, history, acts, attachments, gone } = this.#deps;
    await acts.inTurn(async () => {
      const earlier = await history.at(cursor);
      if (!earlier) return;
      const all = [earlier, ...(await history.actsOn(earlier.channelId, earlier.sender, earlier.seq))];
      const attached = await attachments.deletions(all);
      // An own message is known by its new place.
      const own = all.filter(({ msgId }) => msgId !== message.msgId);
      const writes = [...departure(earlier, '', undefined), ...own.flatMap((act) => departure(act, self, undefined))];
      await ports.store.commit([...writes, ...acts.unpinning(all), ...attached()]);
      gone(earlier.channelId, all);
    });
  }
}

const idOf = ({ sender, msgId }: Pick<StoredMessage, 'sender' | 'msgId'>): string => `${sender} ${msgId}`;
