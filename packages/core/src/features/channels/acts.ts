import type { Identity } from '../../identity/identity.ts';
import type { Store, StoreWrite, TableSpec } from '../../ports/store.ts';
import { ParleyError } from '../../util/errors.ts';
import { Turns } from '../../util/turns.ts';
import { type Acting, type ActKind, MAX_REACTIONS_EACH, type Standing, standingOf } from './act.ts';
import type { Attachments } from './attachments.ts';
import type { History } from './history.ts';
import type { StoredMessage } from './history-row.ts';
import { checkSaying } from './message.ts';

const PINS = 'pins';
export const actTables: readonly TableSpec[] = [{ name: PINS, small: true, backup: {} }];

/** Pinned messages of a channel that are listed. */
const MAX_PINS = 200;

export interface ActsDeps {
  readonly store: Store;
  readonly history: History;
  readonly attachments: Attachments;
  readonly self: Pick<Identity, 'nodeId' | 'keyId'>;
  /** Key id of whoever made a channel, where that is known: in public ones it may delete what others wrote, and pin. */
  readonly creatorOf: (channelId: string) => string | undefined;
  /** Whether a node is the author of a message, or a device of the same person now. */
  readonly speaksFor: (nodeId: string, author: string) => boolean;
  /** Whether a member of a closed channel may, by their role now or at a time (milliseconds since 1970); undefined of others. */
  readonly moderates: (channelId: string, keyId: string, at?: number) => boolean | undefined;
}

/**
 * What members do to messages that are there: edit, delete, react, pin. Each act is a message of its own, with a number, so that it reaches all
 * who have the message, in whatever order; here it is brought together with what it is about.
 */
export class Acts {
  readonly #deps: ActsDeps;
  /** Whether there are acts in each open channel: where there are none, none are looked for. */
  readonly #any = new Map<string, boolean>();
  /** Messages that are to be brought into line, by place: whatever is done to one meanwhile is seen to at once. */
  readonly #due = new Map<string, { readonly deletions: Acting[]; readonly settled: Promise<StoredMessage | undefined> }>();
  /** What acts change on disk is changed one after another. */
  readonly #turns = new Turns();

  constructor(deps: ActsDeps) {
    this.#deps = deps;
  }

  async open(channelId: string): Promise<void> {
    const any = await this.#deps.history.hasActs(channelId);
    this.#any.set(channelId, any || this.#any.get(channelId) === true);
  }

  /** One more is on disk. */
  kept(channelId: string): void {
    this.#any.set(channelId, true);
  }

  any(channelId: string): boolean {
    return this.#any.get(channelId) !== false;
  }

  /**
   * The message that this node is about to do something to, if it may. Errors: `bad-argument` and `too-large` for the text, `not-found`, `refused`,
   * `conflict` where it is deleted or several bear the id, `quota` for one reaction too many.
   */
  async target(channelId: string, kind: ActKind, which: string, text: string): Promise<StoredMessage> {
    const { history, self } = this.#deps;
    const found = await history.find(channelId, which);
    if (!found || found.act) throw new ParleyError('not-found', 'no such message is kept here');
    const target = await this.#dress(found);
    if (target.standing?.deleted || (target.text === '' && target.attachments.length === 0))
      throw new ParleyError('conflict', 'that message is deleted');
    checkSaying(text, { kind, msgId: target.msgId, sender: target.sender, seq: target.seq });
    const own = this.#deps.speaksFor(self.nodeId, target.sender);
    const reactions = target.standing?.reactions?.filter(({ by, emoji }) => emoji !== text && by.includes(self.nodeId)) ?? [];
    if (kind === 'react' && reactions.length >= MAX_REACTIONS_EACH)
      throw new ParleyError('quota', `a message has at most ${MAX_REACTIONS_EACH} different reactions of one member`);
    if (kind === 'edit' && !own) throw new ParleyError('refused', 'only its author edits a message');
    if (kind === 'delete' && !own && !this.#moderates(channelId, self.keyId))
      throw new ParleyError('refused', 'only its author, or who owns the channel, deletes a message');
    if ((kind === 'pin' || kind === 'unpin') && !this.#pins(channelId, self.keyId))
      throw new ParleyError('refused', 'only who owns the channel pins messages');
    return target;
  }

  /** Messages as they stand now. */
  dress(messages: readonly StoredMessage[]): Promise<StoredMessage[]> {
    return Promise.all(messages.map((message) => this.#dress(message)));
  }

  /**
   * Brings what is kept of a message into line with what was done to it. `fresh`: what was done last, which counts however much was done before. Resolves
   * with how it stands; undefined where it is not here.
   */
  settle(channelId: string, sender: string, seq: number, fresh?: StoredMessage): Promise<StoredMessage | undefined> {
    const place = `${channelId}/${sender}/${seq}`;
    const deletion = fresh?.act?.kind === 'delete' ? [fresh as StoredMessage & Acting] : [];
    const due = this.#due.get(place);
    if (due) {
      due.deletions.push(...deletion);
      return due.settled;
    }
    const settled = this.inTurn(() => {
      this.#due.delete(place);
      return this.#settle(channelId, sender, seq, deletion);
    });
    this.#due.set(place, { deletions: deletion, settled });
    return settled;
  }

  /** Does something that changes what is kept of messages, after what is under way, and before what comes next. */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    return this.#turns.take(task);
  }

  /** The pinned messages of a channel, as they stand, in the order in which they were pinned. */
  async pinned(channelId: string): Promise<StoredMessage[]> {
    const rows = await this.#deps.store.range(PINS, { gt: `${channelId}/`, lt: `${channelId}0`, limit: MAX_PINS });
    const found = await Promise.all(
      rows.map(({ key }) => {
        const [, sender = '', seq] = key.split('/');
        return this.#deps.history.numbered(channelId, sender, Number(seq));
      }),
    );
    const dressed = await this.dress(found.flatMap((message) => message ?? []));
    return dressed.filter(({ standing }) => standing?.pinned).sort((a, b) => (a.standing?.pinned?.at ?? 0) - (b.standing?.pinned?.at ?? 0));
  }

  /** What takes messages that are no more from among the pinned. */
  unpinning(messages: readonly StoredMessage[]): StoreWrite[] {
    return messages.map(({ channelId, sender, seq }) => ({ op: 'delete', table: PINS, key: `${channelId}/${sender}/${seq}` }));
  }

  async #settle(channelId: string, sender: string, seq: number, fresh: readonly Acting[]): Promise<StoredMessage | undefined> {
    const { store, history, attachments } = this.#deps;
    const message = await history.numbered(channelId, sender, seq);
    if (!message) return undefined;
    const dressed = await this.#dress(message, fresh);
    const { standing } = dressed;
    const key = `${channelId}/${sender}/${seq}`;
    // Most of what happens to messages pins none: nothing is written then.
    const listed = (await store.get(PINS, key)) !== undefined;
    if (standing?.pinned && !listed) await store.commit([{ op: 'put', table: PINS, key, value: '' }]);
    else if (!standing?.pinned && listed) await store.commit([{ op: 'delete', table: PINS, key }]);
    if (standing?.deleted) {
      if (message.text !== '' || message.attachments.length > 0) {
        const attached = await attachments.deletions([message]);
        await store.commit([history.erasure(message, standing.deleted), ...attached(), ...attachments.over([message])]);
      }
    } else if (standing?.edited) await history.reword(message, standing.edited.text);
    return dressed;
  }

  async #dress(message: StoredMessage, fresh: readonly Acting[] = []): Promise<StoredMessage> {
    // What is deleted stays so, whatever else was done to it.
    if (!this.any(message.channelId) || message.standing?.deleted) return message;
    const { channelId, sender, seq, msgId } = message;
    const kept = await this.#deps.history.actsOn(channelId, sender, seq);
    const acts = [...kept, ...fresh].filter(({ act }) => act.msgId === msgId);
    const standing = standingOf(acts, {
      writes: (act) => this.#deps.speaksFor(act.sender, sender),
      // What somebody did while they might stands when they may no more; over what was written later they have no power by any date.
      moderates: ({ keyId, timestamp }) => this.#moderates(channelId, keyId, timestamp < message.timestamp ? undefined : timestamp),
      pins: ({ keyId }) => this.#pins(channelId, keyId),
    });
    return standing ? { ...message, ...said(message, standing), standing } : message;
  }

  #moderates(channelId: string, keyId: string, at?: number): boolean {
    return this.#deps.moderates(channelId, keyId, at) ?? this.#deps.creatorOf(channelId) === keyId;
  }

  /** Where nobody owns a channel, everybody may. */
  #pins(channelId: string, keyId: string): boolean {
    return this.#deps.creatorOf(channelId) === undefined || this.#moderates(channelId, keyId);
  }
}

function said(message: StoredMessage, { deleted, edited }: Standing): Pick<StoredMessage, 'text' | 'attachments'> {
  if (deleted) return { text: '', attachments: [] };
  return { text: edited?.text ?? message.text, attachments: message.attachments };
}
