import type { Identity } from '../../../identity/identity.ts';
import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../../overlay/index.ts';
import type { Ports } from '../../../ports/index.ts';
import { errorCode } from '../../../util/errors.ts';
import type { SealingTarget } from '../../../wire/jwe.ts';
import type { DataOf } from '../../../wire/verb.ts';
import { ownedChannelId } from '../channel-id.ts';
import { CHANNEL, JOIN, LEAVE } from '../verbs.ts';
import type { ClosedBook } from './book.ts';
import { changesFor } from './changes.ts';
import type { ClosedChannel } from './channel.ts';
import type { ClosedDeps } from './deps.ts';
import type { Early } from './early.ts';
import type { Entries } from './entries.ts';
import type { Invitations, Inviter } from './invitations.ts';
import { epochsFor, type KeyExchange } from './key-exchange.ts';
import type { OwnPart } from './own-part.ts';
import type { Rekeying } from './rekeying.ts';
import type { MemberState } from './roles.ts';
import { GETKEY, INVITE, KEY } from './verbs.ts';

export interface InboxDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly overlay: Overlay;
  readonly book: ClosedBook;
  readonly invitations: Invitations;
  readonly exchange: KeyExchange;
  readonly early: Early;
  readonly entries: Entries;
  readonly rekeying: Rekeying;
  readonly own: OwnPart;
  readonly target: (nodeId: string) => Promise<SealingTarget>;
  readonly isKnown: (nodeId: string) => boolean;
  readonly blocked: (nodeId: string) => boolean;
  readonly isOwn: (nodeId: string) => boolean;
  readonly endConversation: ClosedDeps['endConversation'];
  readonly invited: (channelId: string) => void;
  readonly watch: (task: Promise<void>) => void;
}

type Told = Arrival<DataOf<typeof JOIN> | DataOf<typeof CHANNEL>>;

/** What others say of closed channels: each taken from whom it may come from, and from nobody else. */
export class Inbox {
  readonly #deps: InboxDeps;

  constructor(deps: InboxDeps) {
    this.#deps = deps;
    const { overlay } = deps;
    overlay.sealed.handle(INVITE, (arrival) => this.#onInvite(arrival));
    for (const verb of [CHANNEL, JOIN, LEAVE]) overlay.sealed.handle(verb as typeof JOIN, (arrival) => this.#onTold(verb.name, arrival));
    overlay.handle(GETKEY, (arrival) => this.#onGetKey(arrival));
    overlay.handle(KEY, (arrival) => this.#onKey(arrival));
  }

  async #onInvite({ data, origin, sealed }: Arrival<DataOf<typeof INVITE>>): Promise<Verdict> {
    const { ports, identity } = this.#deps;
    const { channel_id: id, creator, nonce } = data;
    if (!sealed?.toCertificate) return drop('invitation-form');
    // Who is blocked does not learn of it, and nothing is worked out for them.
    if (this.#deps.blocked(origin)) return drop('invitation-blocked');
    if (ownedChannelId(ports.crypto, creator, nonce) !== id) return drop('channel-owner');
    const inviter = { nodeId: origin, isKnown: this.#deps.isKnown(origin) };
    const early = this.#noInvitation(id, inviter);
    if (early) return drop(early);
    if (!this.#deps.invitations.paced(id, inviter, ports.clock.monotonic())) return drop('invitations-rate');
    const entries = await this.#deps.entries.read(id, data.entries);
    if (typeof entries === 'string') return drop(entries);
    // Once more: while signatures are checked others may have taken the room, or one that was accepted has made this node a member.
    const late = this.#noInvitation(id, inviter);
    if (late) return drop(late);
    const earlier = this.#deps.invitations.get(id);
    const channel = earlier?.channel ?? this.#deps.book.make({ id, creator, nonce });
    channel.merge(entries);
    const own = channel.member(identity.keyId);
    if (!channel.memberAt(origin)?.joined || !own || own.joined) return drop('invitation-unfounded');
    const invitation = { channel, by: origin, known: inviter.isKnown, received: ports.clock.now(), accepted: earlier?.accepted ?? false };
    const done = (): void => this.#deps.invited(id);
    return { verdict: 'accept', writes: [this.#deps.invitations.put(invitation)], receipt: true, done };
  }

  #noInvitation(id: string, inviter: Inviter): string | undefined {
    return this.#deps.book.get(id) ? 'invitation-of-member' : this.#deps.invitations.fault(id, inviter);
  }

  /** CHANNEL, JOIN and LEAVE of a closed channel: entries. */
  async #onTold(verb: string, { data, origin, message, sealed }: Told): Promise<Verdict> {
    const channel = this.#deps.book.get(data.channel_id);
    if (!channel || !data.entries || !sealed) return drop('closed-not-member');
    if (!sealed.toCertificate && sealed.channelId !== channel.id) return drop('closed-channel');
    const isKnown = (): boolean => channel.memberAt(origin) !== undefined;
    // Its invitation may be on its way.
    if (!sealed.toCertificate && channel.mayBeNew(origin, sealed.kid)) await this.#deps.early.introduced(channel, isKnown);
    const sender = channel.memberAt(origin);
    if (!sender) return drop('closed-not-member');
    const entries = await this.#deps.entries.read(channel.id, data.entries);
    if (typeof entries === 'string') return drop(entries);
    if (verb !== CHANNEL.name) {
      // Those who are not in it yet, or no more, speak for themselves, and of now.
      const own = entries.filter(({ signer }) => signer === sender.key);
      const sent = Date.parse(message.auth?.time ?? '');
      if (own.length === 0 || !own.every((entry) => this.#deps.entries.isFresh(entry, sent))) return drop('entry-stale');
    } else if (!sender.joined) return drop('closed-not-member');
    if (!channel.merge(entries)) return entries.every((entry) => channel.has(entry)) ? ACCEPT : drop('entry-without-effect');
    // Sent away.
    if (!channel.member(this.#deps.identity.keyId)) {
      const { keyId } = this.#deps.identity;
      const signer = entries.find((entry) => entry.kind === 'role' && entry.member === keyId)?.signer;
      const by = signer === undefined ? undefined : channel.nodeId(signer);
      const changes = changesFor(channel, this.#deps);
      const done = (): void => this.#deps.watch(this.#deps.endConversation(channel.id, { removed: { by }, changes }));
      return { verdict: 'accept', writes: [this.#deps.book.remove(channel.id)], done };
    }
    const done = (): void => {
      this.#changed(channel);
      const told = this.#alsoTold(channel, verb, { from: sender.key, declines: sealed.toCertificate });
      if (told.length > 0) this.#deps.watch(this.#deps.entries.tell(channel, data.entries ?? [], told));
    };
    return { verdict: 'accept', writes: [this.#deps.book.write(channel)], done };
  }

  /**
   * Who does not hear it from whoever said it. A decline comes to the inviter alone; and whom somebody has invited does not know yet of those who
   * have come in since.
   */
  #alsoTold(channel: ClosedChannel, verb: string, { from, declines }: { readonly from: string; readonly declines: boolean }): string[] {
    const others = [...channel.state.members.values()].filter(
      ({ joined, key }) => joined && key !== from && key !== this.#deps.identity.keyId,
    );
    const nodeIds = (members: readonly MemberState[]): string[] => members.map(({ key }) => channel.nodeId(key));
    if (verb === LEAVE.name && declines) return nodeIds(others);
    const invited = channel.invitationOf(from);
    if (verb !== JOIN.name || invited?.signer !== this.#deps.identity.keyId) return [];
    return nodeIds(others.filter(({ since }) => since > invited.time));
  }

  #onGetKey({ data, origin }: Arrival<DataOf<typeof GETKEY>>): Verdict {
    const channel = this.#deps.book.get(data.channel_id);
    const member = channel?.memberAt(origin);
    if (!channel || !member) return { verdict: 'refuse', reason: 'not invited' };
    if (!this.#deps.exchange.mayAnswer(channel.id, origin)) return drop('key-asked-again');
    const answer = async (): Promise<void> => {
      await this.#deps.rekeying.clean(channel);
      const { sealingKey } = member.sealingKey ? member : await this.#deps.target(origin);
      // It may have gone meanwhile.
      if (!sealingKey || channel.needsEpoch || !channel.memberAt(origin)) return;
      const since = member.joined ? member.since : Number.MAX_SAFE_INTEGER;
      const epochs = epochsFor(channel, since);
      if (epochs.length > 0) await this.#deps.exchange.give(channel.id, { nodeId: origin, sealingKey }, epochs);
    };
    this.#deps.watch(answer());
    return ACCEPT;
  }

  async #onKey({ data, origin }: Arrival<DataOf<typeof KEY>>): Promise<Verdict> {
    if (!this.#wantsKey(data.channel_id)?.memberAt(origin)) return drop('key-not-member');
    const epochs = await this.#deps.exchange.open(data);
    if (!Array.isArray(epochs)) return epochs;
    // As it is now: the user may have declined meanwhile, or left.
    const channel = this.#wantsKey(data.channel_id);
    if (!channel?.memberAt(origin)) return drop('key-not-member');
    // What others made is the word of whoever gives it: one that is not taken is no reason against the rest.
    const taken = epochs.filter(({ by }) => channel.state.came.has(by));
    if (taken.length === 0) return drop(epochs.length === 0 ? 'key-form' : 'key-maker');
    const now = this.#deps.ports.clock.now();
    for (const epoch of taken) channel.add(epoch, now);
    const invitation = this.#deps.invitations.get(data.channel_id);
    if (channel === invitation?.channel) {
      try {
        await this.#deps.own.join(invitation);
      } catch (error) {
        if (errorCode(error) !== 'quota') throw error;
        return drop('channels-full');
      }
      return ACCEPT;
    }
    const done = (): void => {
      this.#deps.rekeying.check(channel);
      this.#deps.early.changed(channel.id);
    };
    return { verdict: 'accept', writes: [this.#deps.book.write(channel)], done };
  }

  /** The channel that a key is for: one that this node is in, or is about to be. */
  #wantsKey(channelId: string): ClosedChannel | undefined {
    const invitation = this.#deps.invitations.get(channelId);
    return this.#deps.book.get(channelId) ?? (invitation?.accepted ? invitation.channel : undefined);
  }

  #changed(channel: ClosedChannel): void {
    this.#deps.rekeying.check(channel);
    this.#deps.early.changed(channel.id);
    this.#deps.watch(this.#deps.own.converse(channel));
  }
}

const drop = (reason: string): Verdict => ({ verdict: 'drop', reason });
