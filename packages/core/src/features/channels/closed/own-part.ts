import type { Identity } from '../../../identity/identity.ts';
import type { Overlay } from '../../../overlay/index.ts';
import type { Ports } from '../../../ports/index.ts';
import { ParleyError } from '../../../util/errors.ts';
import type { Emitter } from '../../../util/events.ts';
import type { Conversation } from '../membership.ts';
import { JOIN } from '../verbs.ts';
import type { ClosedBook } from './book.ts';
import { changesFor } from './changes.ts';
import type { ClosedChannel } from './channel.ts';
import type { ClosedDeps } from './deps.ts';
import type { Entries } from './entries.ts';
import { type Role, signRole } from './entry.ts';
import type { Invitation, Invitations } from './invitations.ts';
import type { Rekeying } from './rekeying.ts';
import { isBroughtWith, isDeviceOf, mayBring, mayChange, mayRaise } from './roles.ts';

export interface ClosedEvents {
  /** An invitation came, or was settled. */
  invitation: { readonly channelId: string };
  /** Roles, name or history policy changed. */
  changed: { readonly channelId: string };
}

export interface OwnPartDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly overlay: Overlay;
  readonly book: ClosedBook;
  readonly invitations: Invitations;
  readonly entries: Entries;
  readonly rekeying: Rekeying;
  readonly events: Emitter<ClosedEvents>;
  /** Key id of whom this node stands for. */
  readonly person: () => string;
  /** Errors: `quota` where no conversation more fits in, or no entry of this node into the channel. */
  readonly room: (channel: ClosedChannel) => void;
  /** Conversations in closed channels that this node takes part in. */
  readonly conversing: () => readonly Pick<Conversation, 'id' | 'name' | 'members'>[];
  readonly converse: (about: Conversation) => Promise<unknown>;
  readonly endConversation: ClosedDeps['endConversation'];
  readonly isOwn: (nodeId: string) => boolean;
}

/** What this node does in closed channels: its own entries, and what follows from any. */
export class OwnPart {
  readonly #deps: OwnPartDeps;

  constructor(deps: OwnPartDeps) {
    this.#deps = deps;
  }

  /** The key of an accepted invitation is here: a member from now on. Errors: `quota`, those of the store. */
  async join(invitation: Invitation): Promise<void> {
    const { channel } = invitation;
    const { identity, overlay } = this.#deps;
    const own = channel.member(identity.keyId);
    const { current, id: channelId } = channel;
    if (!own || !current) return;
    try {
      this.#deps.room(channel);
    } catch (error) {
      // Others came in between: nothing is half done, and the user may accept once more.
      invitation.accepted = false;
      await this.#deps.ports.store.commit([this.#deps.invitations.put(invitation)]);
      this.#deps.events.emit('invitation', { channelId });
      throw error;
    }
    const signed = await this.signOwn(channel, own.role);
    const entries = await this.read(channelId, [signed]);
    // Another key has come meanwhile and made it a member, or the user has declined.
    if (this.#deps.invitations.get(channelId)?.channel !== channel) return;
    channel.merge(entries);
    this.#deps.book.put(channel);
    const recipients = channel.joined().filter((nodeId) => nodeId !== identity.nodeId);
    // In one step: who is a member by its own disk and by nobody else's would never be heard.
    await overlay.sealed.send(
      JOIN,
      { channel: channel.state.name, channel_id: channelId, entries: [signed] },
      { key: current, channelId, recipients },
      { alongside: [this.#deps.book.write(channel), this.#deps.invitations.remove(channelId)] },
    );
    await this.converse(channel);
    this.#deps.events.emit('invitation', { channelId });
    this.#deps.rekeying.check(channel);
  }

  /** Signs a role of somebody, and does what follows. Returns the entry. Errors: `refused`, `conflict` for a key that was replaced, those of the store. */
  async change(channel: ClosedChannel, member: string, role: Role | 'none'): Promise<string> {
    const { identity } = this.#deps;
    const me = channel.member(identity.keyId);
    const known = channel.member(member);
    // What is said of the old key would be said of the new one.
    if (role !== 'none' && !known && channel.state.heirs.has(member))
      throw new ParleyError('conflict', 'this key has handed on its place in the channel to another');
    const from = known?.role ?? 'none';
    const own = role === 'none' && isDeviceOf(channel.holderOf(member), identity.keyId, channel.state.heirs);
    const raises = me && mayRaise(me, isBroughtWith(channel.state.brought, me.key, member), from, role);
    // Whether it was sent away is `replay`'s to say.
    if (!me?.joined || !(own || raises || mayBring(me.role, from, role) || mayChange(me.role, from, role, false))) throw notAllowed();
    const signed = await signRole(identity, { channelId: channel.id, member, role, time: this.time(channel) });
    await this.apply(channel, signed);
    return signed;
  }

  /** Takes an own entry, and tells the others when nobody who is gone can read it. Errors: `quota`, `refused` when it has no effect, those of the store. */
  async apply(channel: ClosedChannel, signed: string): Promise<void> {
    if (!channel.merge(await this.read(channel.id, [signed]))) {
      channel.checkRoom(this.#deps.identity.keyId);
      throw notAllowed();
    }
    if (channel.needsEpoch) await this.#deps.rekeying.rekey(channel);
    else await this.#deps.book.save(channel);
    await this.converse(channel);
    await this.#deps.entries.tell(channel, [signed]);
  }

  async converse(channel: ClosedChannel): Promise<void> {
    const { id, creator, nonce, state } = channel;
    if (this.#deps.book.get(id) !== channel) return;
    await this.#deps.converse({ id, kind: 'closed', name: state.name, members: channel.joined(), creator, nonce });
    this.#deps.events.emit('changed', { channelId: id });
  }

  /** Brings conversations into line with what was signed: a crash may have come between the two. */
  async resume(): Promise<void> {
    const { book, conversing, endConversation, rekeying } = this.#deps;
    const failed = (error: unknown): void =>
      this.#deps.ports.log.error('a closed channel could not be brought into line', { error: ParleyError.from(error).message });
    const kept = new Map(conversing().map((conversation) => [conversation.id, conversation]));
    for (const channel of book.all()) {
      const known = kept.get(channel.id);
      kept.delete(channel.id);
      const same = known?.name === channel.state.name && String([...known.members].sort()) === String(channel.joined().sort());
      // A node begins all the same where there is no room for it.
      if (!same) await this.converse(channel).catch(failed);
      rekeying.check(channel);
    }
    for (const id of kept.keys()) await endConversation(id).catch(failed);
  }

  /** Takes part no more: the keys are destroyed. */
  async end(channel: ClosedChannel): Promise<void> {
    const changes = changesFor(channel, this.#deps);
    await this.#deps.ports.store.commit([this.#deps.book.remove(channel.id)]);
    await this.#deps.endConversation(channel.id, { changes });
  }

  /** This node's own role, signed by itself. */
  signOwn(channel: ClosedChannel, role: Role | 'none', time = this.time(channel)) {
    const { identity } = this.#deps;
    const person = this.#deps.person();
    const key = role === 'none' ? {} : { sealingKey: identity.sealingKey, ...(person === identity.keyId ? {} : { person }) };
    return signRole(identity, { channelId: channel.id, member: identity.keyId, role, time, ...key });
  }

  /** After all that is known, whatever the clock says: an entry that comes before what it rests on would have no effect. */
  time({ state }: ClosedChannel): number {
    return Math.max(this.#deps.ports.clock.now(), state.time + 1);
  }

  /** Entries that this node has signed. */
  async read(channelId: string, signed: readonly string[]) {
    const entries = await this.#deps.entries.read(channelId, signed);
    if (typeof entries === 'string') throw new ParleyError('internal', `an own entry is refused: ${entries}`);
    return entries;
  }
}

/** What somebody hears who may not do what they asked for. */
export const notAllowed = (): ParleyError => new ParleyError('refused', 'your role in this channel does not allow it');
