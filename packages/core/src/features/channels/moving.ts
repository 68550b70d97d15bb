import type { Overlay } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Acts } from './acts.ts';
import type { Attachments } from './attachments.ts';
import type { Deliveries } from './deliveries.ts';
import type { Channel } from './directory.ts';
import { departure } from './gone.ts';
import type { History } from './history.ts';
import type { StoredMessage } from './history-row.ts';
import { remaining } from './lifetime.ts';
import type { Sending, Wanted } from './sending.ts';
import { type Entry, NO_CONTACT, type Waiting, waitsNoMore } from './waiting.ts';

export interface MovingDeps {
  readonly ports: Ports;
  readonly overlay: Overlay;
  readonly deliveries: Deliveries;
  readonly history: History;
  readonly acts: Acts;
  readonly attachments: Attachments;
  readonly waiting: Waiting;
  readonly sending: Sending;
  /** Messages are not where they were. */
  readonly gone: (channelId: string, messages: readonly StoredMessage[]) => void;
}

/**
 * Own messages that wait, or are under way, where nobody reads any more, because a key of one of the two was replaced: they are written anew in the
 * conversation that goes on from there, as they stand now, and under the ids that they have.
 */
export class Moving {
  readonly #deps: MovingDeps;

  constructor(deps: MovingDeps) {
    this.#deps = deps;
  }

  /** Sees to all that nobody has yet in a conversation that ends: it goes on in another, or fails for a reason. Errors: those of the store. */
  async end(from: string, to: Channel | undefined, reason = NO_CONTACT): Promise<void> {
    const { waiting, history, acts, ports } = this.#deps;
    const entries = await waiting.take(from);
    if (to) entries.unshift(...(await this.#underWay(from, entries)));
    for (const entry of entries) {
      const kept = to && (await history.at(entry.cursor));
      const [message] = kept && !kept.act ? await acts.dress([kept]) : [];
      // What was done to a message that moves moves with it; to one that is read there, nothing can be done any more.
      if (!to || !message || message.standing?.deleted) {
        await waiting.fail(from, entry, 'failed', reason);
        continue;
      }
      try {
        await this.#move(entry, message, to);
      } catch (error) {
        const { message: why } = ParleyError.from(error);
        ports.log.warn('a waiting message could not go on in another conversation', { error: why });
        await waiting.fail(from, entry, 'failed', why);
      }
    }
  }

  /** What was sent, and came to no device of the other: it is under way no more, and waits. */
  async #underWay(from: string, known: readonly Entry[]): Promise<Entry[]> {
    const { overlay, history, deliveries, waiting } = this.#deps;
    const found: Entry[] = [];
    for (const msgId of overlay.pendingIn(from)) {
      const message = await history.own(msgId);
      const state = (await deliveries.of(msgId))?.state;
      if (!message || message.act || state === 'delivered' || state === 'read') continue;
      found.push({ msgId, seq: message.seq, cursor: message.cursor, since: message.received });
    }
    await waiting.again(from, found);
    for (const { msgId } of found) overlay.withdraw(msgId);
    // After a crash what waits again may be there twice.
    return found.filter(({ msgId }) => !known.some((entry) => entry.msgId === msgId));
  }

  async #move(entry: Entry, message: StoredMessage, to: Channel): Promise<void> {
    const { ports, history, acts, attachments, sending } = this.#deps;
    const { channelId, sender, seq, msgId, text, replyTo } = message;
    const all = [message, ...(await history.actsOn(channelId, sender, seq))];
    const attached = await attachments.deletions(all);
    const wanted: Wanted = {
      text,
      replyTo,
      lifetime: remaining(message, ports.clock.now()),
      attachments: message.attachments,
      contents: await attachments.carried(message.attachments),
    };
    await sending.resend(to, wanted, msgId, {
      // Its id is known from now on by its new place.
      writes: () => [
        waitsNoMore(channelId, entry),
        ...all.flatMap((one) => departure(one, '', undefined)),
        ...acts.unpinning(all),
        ...attached(),
      ],
      done: () => this.#deps.gone(channelId, all),
    });
  }
}
