import type { Identity } from '../../../identity/identity.ts';
import { ParleyError } from '../../../util/errors.ts';
import type { MessageTimer } from '../lifetime.ts';
import type { ClosedBook } from './book.ts';
import { signTimer } from './entry.ts';
import type { OwnPart } from './own-part.ts';

/** How long messages of closed channels last: who moderates says so. */
export class ClosedTimer {
  readonly #identity: Identity;
  readonly #book: ClosedBook;
  readonly #own: OwnPart;

  constructor(identity: Identity, book: ClosedBook, own: OwnPart) {
    this.#identity = identity;
    this.#book = book;
    this.#own = own;
  }

  of(channelId: string): MessageTimer | undefined {
    const channel = this.#book.get(channelId);
    const timer = channel?.state.timer;
    return channel && timer && { ...timer, by: channel.nodeId(timer.by) };
  }

  /** 0: they stay. Errors: `not-found`, `refused`, those of the store. */
  async set(channelId: string, seconds: number): Promise<void> {
    const channel = this.#book.get(channelId);
    if (!channel) throw new ParleyError('not-found', 'this node is in no such closed channel');
    const role = channel.member(this.#identity.keyId)?.role;
    if (role !== 'owner' && role !== 'moderator')
      throw new ParleyError('refused', 'only who owns or moderates the channel says how long messages last');
    await this.#own.apply(channel, await signTimer(this.#identity, { channelId, seconds, time: this.#own.time(channel) }));
  }
}
