import type { Identity } from '../../../identity/identity.ts';
import type { KeyBook } from '../../../identity/ids.ts';
import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../../overlay/index.ts';
import type { Ports } from '../../../ports/index.ts';
import { ParleyError } from '../../../util/errors.ts';
import { Emitter } from '../../../util/events.ts';
import { Scope } from '../../../util/scope.ts';
import type { SealingTarget } from '../../../wire/jwe.ts';
import type { JwsReader } from '../../../wire/jws.ts';
import type { DataOf } from '../../../wire/verb.ts';
import { ownedChannelId } from '../channel-id.ts';
import type { ChannelConfig } from '../config.ts';
import type { Conversation } from '../membership.ts';
import { CHANNEL, JOIN, LEAVE } from '../verbs.ts';
import { ClosedBook } from './book.ts';
import { ClosedChannel } from './channel.ts';
import { Entries } from './entries.ts';
import { type HistoryPolicy, type Role, signRole, signSettings } from './entry.ts';
import type { Epoch } from './epochs.ts';
import { type Invitation, Invitations } from './invitations.ts';
import { epochsFor, KeyExchange } from './key-exchange.ts';
import { Rekeying } from './rekeying.ts';
import { mayChange } from './roles.ts';
import { ClosedSealing } from './sealing.ts';
import { GETKEY, INVITE, KEY } from './verbs.ts';

/** A member of a closed channel. */
export interface ClosedMember {
  readonly nodeId: string;
  /** Key id. */
  readonly key: string;
  readonly role: Role;
  /** False: invited, and has not accepted yet. */
  readonly joined: boolean;
}

export interface ClosedEvents {
  /** An invitation came, or was settled. */
  invitation: { readonly channelId: string };
  /** Roles, name or history policy changed. */
  changed: { readonly channelId: string };
}

export interface ClosedDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly keys: KeyBook;
  readonly reader: JwsReader;
  readonly overlay: Overlay;
  /** Whom to seal to, by node id. */
  readonly target: (nodeId: string) => Promise<SealingTarget>;
  readonly converse: (about: Conversation) => Promise<unknown>;
  readonly endConversation: (channelId: string) => Promise<void>;
}

const NEWEST_JUMP = 1000;
const AHEAD_MS = 15 * 60_000;
/** Replaced keys are kept for messages that are still under way, then destroyed. */
const KEEP_KEYS_MS = 8 * 24 * 60 * 60_000;
const SWEEP_MS = 60 * 60_000;
/** While an accepted invitation has brought no key, somebody is asked for it this often. */
const ASK_EVERY_MS = 11_000;
/** How long `accept` waits for the key. */
const ACCEPT_WAIT_MS = 20_000;

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

type Told = Arrival<DataOf<typeof JOIN> | DataOf<typeof CHANNEL>>;

/** Closed channels: who is in them by what was signed, keys that follow who is in them, invitations (WIRE "Closed channels"). */
export class Closed {
  readonly events: Emitter<ClosedEvents>;
  readonly sealing: ClosedSealing;
  readonly #deps: ClosedDeps;
  readonly #config: ChannelConfig;
  readonly #scope: Scope;
  readonly #book: ClosedBook;
  readonly #invitations: Invitations;
  readonly #exchange: KeyExchange;
  readonly #rekeying: Rekeying;
  readonly #entries: Entries;
  readonly #accepting = new Map<string, Deferred>();

  constructor(deps: ClosedDeps, config: ChannelConfig) {
    const { ports, identity, overlay, keys, reader } = deps;
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(ports.clock);
    this.events = new Emitter((error) => ports.log.error('a listener failed', { error: String(error) }));
    const book = new ClosedBook(ports, keys, reader);
    this.#book = book;
    this.#invitations = new Invitations(ports.store, ports.clock.monotonic());
    this.#exchange = new KeyExchange({ ports, identity, overlay, reader });
    this.#rekeying = new Rekeying({ ports, identity, book, exchange: this.#exchange });
    this.#entries = new Entries({ ports, self: identity.nodeId, overlay, book, rekeying: this.#rekeying });
    this.sealing = new ClosedSealing({
      ports,
      identity,
      overlay,
      book,
      rekeying: this.#rekeying,
      missing: (channel, nodeId) => this.#watch(this.#askFor(channel, nodeId)),
      differs: (channel, nodeId) => this.#watch(this.#entries.compare(channel, nodeId)),
    });
    overlay.sealed.handle(INVITE, (arrival) => this.#onInvite(arrival));
    for (const verb of [CHANNEL, JOIN, LEAVE]) overlay.sealed.handle(verb as typeof JOIN, (arrival) => this.#onTold(verb.name, arrival));
    overlay.handle(GETKEY, (arrival) => this.#onGetKey(arrival));
    overlay.handle(KEY, (arrival) => this.#onKey(arrival));
  }

  async start(): Promise<void> {
    const { ports, keys } = this.#deps;
    const restoring = { crypto: ports.crypto, keys, entries: this.#book.entries };
    await this.#invitations.load((row) => ClosedChannel.restore(restoring, row));
    for (const channel of await this.#book.load(this.#config.maxJoined)) this.#rekeying.check(channel);
    this.#scope.every(
      () => SWEEP_MS,
      () => this.#watch(this.#sweep()),
    );
    this.#scope.every(
      () => ASK_EVERY_MS,
      () => this.#askForAccepted(),
    );
  }

  async close(): Promise<void> {
    for (const { resolve } of this.#accepting.values()) resolve();
    await this.#rekeying.close();
    await this.#scope.close();
  }

  /** Makes a closed channel; the caller draws the nonce (base64 of 32 bytes). Errors: `quota`, those of the store. */
  async create(name: string, nonce: string, history: HistoryPolicy): Promise<string> {
    const { identity, ports } = this.#deps;
    const id = ownedChannelId(ports.crypto, identity.keyId, nonce);
    const known = this.#book.get(id);
    if (known && known.state.name !== name) throw new ParleyError('conflict', `this channel was made as ${known.state.name}`);
    if (known) return id;
    const channel = this.#book.make({ id, creator: identity.keyId, nonce });
    const time = ports.clock.now();
    const settings = await signSettings(identity, { channelId: id, name, history, time });
    const owner = await this.#signOwn(channel, 'owner', time + 1);
    channel.merge(await this.#read(id, [settings, owner]));
    this.#book.put(channel);
    await this.#rekeying.rekey(channel);
    await this.#converse(channel);
    return id;
  }

  /** Members, those who are only invited among them. Errors: `not-found`. */
  members(channelId: string): ClosedMember[] {
    const channel = this.#channel(channelId);
    return [...channel.state.members.values()].map(({ key, role, joined }) => ({ nodeId: channel.nodeId(key), key, role, joined }));
  }

  history(channelId: string): HistoryPolicy {
    return this.#channel(channelId).state.history;
  }

  /** This node's own role; undefined where it is no member. */
  role(channelId: string): Role | undefined {
    return this.#book.get(channelId)?.member(this.#deps.identity.keyId)?.role;
  }

  /**
   * Invites a node, and tells the others. On disk when it resolves. Errors: `not-found`, `conflict` for a member, `refused` where the own role
   * does not allow it, `unreachable` and `bad-certificate` where nothing can be sealed to it, those of the store.
   */
  async invite(channelId: string, nodeId: string, role: Exclude<Role, 'owner'> = 'member'): Promise<void> {
    const channel = this.#channel(channelId);
    const target = await this.#deps.target(nodeId);
    const known = channel.member(target.keyId);
    if (known?.joined) throw new ParleyError('conflict', 'it is a member already');
    // Whoever was invited and did not answer is asked again.
    if (known?.role !== role) await this.#change(channel, target.keyId, role);
    const data = { channel: channel.state.name, channel_id: channelId, creator: channel.creator, nonce: channel.nonce };
    await this.#deps.overlay.sealed.send(INVITE, { ...data, entries: channel.signed() }, { target });
  }

  invitations(): Invitation[] {
    return this.#invitations.all();
  }

  /**
   * Accepts an invitation. Resolves when this node is a member and has the key. Errors: `not-found`; `timeout` when nobody gave the key yet: it is
   * asked for until somebody does; those of the store.
   */
  async accept(channelId: string): Promise<void> {
    const invitation = this.#invitations.get(channelId);
    if (!invitation) throw new ParleyError('not-found', 'there is no such invitation');
    invitation.accepted = true;
    await this.#deps.ports.store.commit([this.#invitations.put(invitation)]);
    const waiting = this.#accepting.get(channelId) ?? deferred();
    this.#accepting.set(channelId, waiting);
    const timer = this.#scope.after(ACCEPT_WAIT_MS, () => waiting.resolve());
    await this.#exchange.ask(channelId, invitation.by);
    await waiting.promise;
    timer.cancel();
    this.#accepting.delete(channelId);
    if (!this.#book.get(channelId)) {
      throw new ParleyError('timeout', 'accepted; no member has given the key yet, and they are asked for it until one does');
    }
  }

  /** Errors: `not-found`, those of the store. */
  async decline(channelId: string): Promise<void> {
    const invitation = this.#invitations.get(channelId);
    if (!invitation) throw new ParleyError('not-found', 'there is no such invitation');
    const { channel, by } = invitation;
    const signed = await this.#signOwn(channel, 'none');
    await this.#deps.ports.store.commit([this.#invitations.remove(channelId)]);
    this.events.emit('invitation', { channelId });
    const say = async (): Promise<void> => {
      const target = await this.#deps.target(by);
      await this.#deps.overlay.sealed.send(LEAVE, { channel: channel.state.name, channel_id: channelId, entries: [signed] }, { target });
    };
    this.#watch(say());
  }

  /** Gives somebody another role. Errors: `not-found`, `not-member`, `refused`, those of the store. */
  async setRole(channelId: string, nodeId: string, role: Role): Promise<void> {
    const channel = this.#channel(channelId);
    const member = this.#member(channel, nodeId);
    if (member.role !== role) await this.#change(channel, member.key, role);
  }

  /** Sends somebody away: from now on others have another key. Errors: `not-found`, `not-member`, `refused`, those of the store. */
  async remove(channelId: string, nodeId: string): Promise<void> {
    const channel = this.#channel(channelId);
    const { key } = this.#member(channel, nodeId);
    if (key === this.#deps.identity.keyId) throw new ParleyError('bad-argument', 'leave the channel instead');
    const signed = await this.#change(channel, key, 'none');
    const say = async (): Promise<void> => this.#entries.tellStranger(channel, [signed], await this.#deps.target(nodeId));
    this.#watch(say());
  }

  /** Names the channel anew, or says what newcomers may read. Errors: `not-found`, `refused`, those of the store. */
  async settings(channelId: string, changes: { readonly name?: string; readonly history?: HistoryPolicy }): Promise<void> {
    const channel = this.#channel(channelId);
    const { identity } = this.#deps;
    if (channel.member(identity.keyId)?.role !== 'owner') throw new ParleyError('refused', 'only owners change the settings of a channel');
    const { name, history } = channel.state;
    const signed = await signSettings(identity, { channelId, name, history, ...changes, time: this.#time(channel) });
    await this.#apply(channel, signed);
  }

  /** Errors: `not-found`; `conflict` for the only owner while others are there; those of the store. */
  async leave(channelId: string): Promise<void> {
    const channel = this.#channel(channelId);
    const { overlay, identity } = this.#deps;
    const others = [...channel.state.members.values()].filter(({ key, joined }) => joined && key !== identity.keyId);
    const isOwner = channel.member(identity.keyId)?.role === 'owner';
    if (isOwner && others.length > 0 && !others.some(({ role }) => role === 'owner')) {
      throw new ParleyError('conflict', 'make somebody else an owner of the channel before you leave it');
    }
    const entries = [await this.#signOwn(channel, 'none')];
    const { current } = channel;
    if (current) {
      const recipients = others.map(({ key }) => channel.nodeId(key));
      const data = { channel: channel.state.name, channel_id: channelId, entries };
      await overlay.sealed.send(LEAVE, data, { key: current, channelId, recipients });
    }
    await this.#end(channel);
  }

  async #onInvite({ data, origin, sealed }: Arrival<DataOf<typeof INVITE>>): Promise<Verdict> {
    const { ports, identity } = this.#deps;
    const { channel_id: id, creator, nonce } = data;
    if (!sealed?.toCertificate) return drop('invitation-form');
    if (ownedChannelId(ports.crypto, creator, nonce) !== id) return drop('channel-owner');
    const fault = this.#book.get(id) ? 'invitation-of-member' : this.#invitations.fault(id, origin, ports.clock.monotonic());
    if (fault) return drop(fault);
    const entries = await this.#entries.read(id, data.entries);
    if (typeof entries === 'string') return drop(entries);
    const earlier = this.#invitations.get(id);
    const channel = earlier?.channel ?? this.#book.make({ id, creator, nonce });
    channel.merge(entries);
    const own = channel.member(identity.keyId);
    if (!channel.memberAt(origin)?.joined || !own || own.joined) return drop('invitation-unfounded');
    const invitation = { channel, by: origin, received: ports.clock.now(), accepted: earlier?.accepted ?? false };
    const done = (): void => this.events.emit('invitation', { channelId: id });
    return { verdict: 'accept', writes: [this.#invitations.put(invitation)], receipt: true, done };
  }

  /** CHANNEL, JOIN and LEAVE of a closed channel: entries. */
  async #onTold(verb: string, { data, origin, message, sealed }: Told): Promise<Verdict> {
    const channel = this.#book.get(data.channel_id);
    const sender = channel?.memberAt(origin);
    if (!channel || !sender || !data.entries || !sealed) return drop('closed-not-member');
    if (!sealed.toCertificate && sealed.channelId !== channel.id) return drop('closed-channel');
    const entries = await this.#entries.read(channel.id, data.entries);
    if (typeof entries === 'string') return drop(entries);
    if (verb !== CHANNEL.name) {
      // Those who are not in it yet, or no more, speak for themselves, and of now.
      const own = entries.filter(({ signer }) => signer === sender.key);
      const sent = Date.parse(message.auth?.time ?? '');
      if (own.length === 0 || !own.every((entry) => this.#entries.isFresh(entry, sent))) return drop('entry-stale');
    } else if (!sender.joined) return drop('closed-not-member');
    if (!channel.merge(entries)) return ACCEPT;
    // Sent away.
    if (!channel.member(this.#deps.identity.keyId)) {
      const done = (): void => this.#watch(this.#deps.endConversation(channel.id));
      return { verdict: 'accept', writes: [this.#book.remove(channel.id)], done };
    }
    // A decline comes to the inviter alone.
    const passOn = verb === LEAVE.name && sealed.toCertificate;
    const done = (): void => {
      this.#changed(channel);
      if (passOn) this.#watch(this.#entries.tell(channel, data.entries ?? []));
    };
    return { verdict: 'accept', writes: [this.#book.write(channel)], done };
  }

  #onGetKey({ data, origin }: Arrival<DataOf<typeof GETKEY>>): Verdict {
    const channel = this.#book.get(data.channel_id);
    const member = channel?.memberAt(origin);
    if (!channel || !member) return { verdict: 'refuse', reason: 'not invited' };
    if (!this.#exchange.mayAnswer(channel.id, origin)) return drop('key-asked-again');
    const answer = async (): Promise<void> => {
      await this.#rekeying.clean(channel);
      const { sealingKey } = member.sealingKey ? member : await this.#deps.target(origin);
      // It may have gone meanwhile.
      if (!sealingKey || !channel.memberAt(origin)) return;
      const since = member.joined ? member.since : Number.MAX_SAFE_INTEGER;
      await this.#exchange.give(channel.id, { nodeId: origin, sealingKey }, epochsFor(channel, since));
    };
    this.#watch(answer());
    return ACCEPT;
  }

  async #onKey({ data, origin }: Arrival<DataOf<typeof KEY>>): Promise<Verdict> {
    const invitation = this.#invitations.get(data.channel_id);
    const channel = this.#book.get(data.channel_id) ?? (invitation?.accepted ? invitation.channel : undefined);
    if (!channel?.memberAt(origin)?.joined) return drop('key-not-member');
    const epochs = await this.#exchange.open(data);
    if (!Array.isArray(epochs)) return epochs;
    const fault = this.#faultOf(channel, epochs);
    if (fault) return drop(fault);
    const now = this.#deps.ports.clock.now();
    for (const epoch of epochs) channel.add(epoch, now);
    if (invitation && channel === invitation.channel) {
      await this.#join(invitation);
      return ACCEPT;
    }
    return { verdict: 'accept', writes: [this.#book.write(channel)], done: () => this.#rekeying.check(channel) };
  }

  #faultOf(channel: ClosedChannel, epochs: readonly Epoch[]): string | undefined {
    const most = (channel.current?.number ?? Number.MAX_SAFE_INTEGER - NEWEST_JUMP) + NEWEST_JUMP;
    const ahead = this.#deps.ports.clock.now() + AHEAD_MS;
    for (const { by, number, time } of epochs) {
      if (!channel.member(by) && !channel.state.wrote.has(by)) return 'key-maker';
      if (number > most || time > ahead) return 'key-ahead';
    }
    return epochs.length === 0 ? 'key-form' : undefined;
  }

  /** The key of an accepted invitation is here: a member from now on. Errors: those of the store. */
  async #join(invitation: Invitation): Promise<void> {
    const { channel } = invitation;
    const { identity, overlay } = this.#deps;
    const own = channel.member(identity.keyId);
    const { current, id: channelId } = channel;
    if (!own || !current) return;
    const signed = await this.#signOwn(channel, own.role);
    channel.merge(await this.#read(channelId, [signed]));
    this.#book.put(channel);
    await this.#book.save(channel, this.#invitations.remove(channelId));
    await this.#converse(channel);
    const recipients = channel.joined().filter((nodeId) => nodeId !== identity.nodeId);
    await overlay.sealed.send(
      JOIN,
      { channel: channel.state.name, channel_id: channelId, entries: [signed] },
      { key: current, channelId, recipients },
    );
    this.#accepting.get(channelId)?.resolve();
    this.events.emit('invitation', { channelId });
    this.#rekeying.check(channel);
  }

  /** Signs a role of somebody, and does what follows. Returns the entry. Errors: `refused`, those of the store. */
  async #change(channel: ClosedChannel, member: string, role: Role | 'none'): Promise<string> {
    const { identity } = this.#deps;
    const me = channel.member(identity.keyId);
    const from = channel.member(member)?.role ?? 'none';
    // Whether it was sent away is `replay`'s to say.
    if (!me?.joined || !mayChange(me.role, from, role, false))
      throw new ParleyError('refused', 'your role in this channel does not allow it');
    const signed = await signRole(identity, { channelId: channel.id, member, role, time: this.#time(channel) });
    await this.#apply(channel, signed);
    return signed;
  }

  /** Takes an own entry, and tells the others when nobody who is gone can read it. Errors: `refused` when it has no effect, those of the store. */
  async #apply(channel: ClosedChannel, signed: string): Promise<void> {
    if (!channel.merge(await this.#read(channel.id, [signed]))) {
      throw new ParleyError('refused', 'your role in this channel does not allow it');
    }
    if (channel.needsEpoch) await this.#rekeying.rekey(channel);
    else await this.#book.save(channel);
    await this.#converse(channel);
    await this.#entries.tell(channel, [signed]);
  }

  #changed(channel: ClosedChannel): void {
    this.#rekeying.check(channel);
    this.#watch(this.#converse(channel));
  }

  async #converse(channel: ClosedChannel): Promise<void> {
    const { id, creator, nonce, state } = channel;
    if (this.#book.get(id) !== channel) return;
    await this.#deps.converse({ id, kind: 'closed', name: state.name, members: channel.joined(), creator, nonce });
    this.events.emit('changed', { channelId: id });
  }

  /** Takes part no more: the keys are destroyed. */
  async #end(channel: ClosedChannel): Promise<void> {
    await this.#deps.ports.store.commit([this.#book.remove(channel.id)]);
    await this.#deps.endConversation(channel.id);
  }

  async #askFor(channel: ClosedChannel, nodeId: string): Promise<void> {
    const { overlay, identity, ports } = this.#deps;
    const present = channel.joined().filter((id) => id !== identity.nodeId && id !== nodeId && overlay.reaches(id));
    const other = present[Math.floor(ports.random.number() * present.length)];
    for (const id of other === undefined || overlay.reaches(nodeId) ? [nodeId] : [nodeId, other]) await this.#exchange.ask(channel.id, id);
  }

  /** One member of each accepted invitation, the inviter among them: whoever is there. */
  #askForAccepted(): void {
    const { overlay, ports } = this.#deps;
    for (const { accepted, channel } of this.#invitations.all()) {
      if (!accepted) continue;
      const joined = channel.joined();
      const present = joined.filter((nodeId) => overlay.reaches(nodeId));
      const from = present.length > 0 ? present : joined;
      const nodeId = from[Math.floor(ports.random.number() * from.length)];
      if (nodeId !== undefined) this.#watch(this.#exchange.ask(channel.id, nodeId));
    }
  }

  async #sweep(): Promise<void> {
    const before = this.#deps.ports.clock.now() - KEEP_KEYS_MS;
    for (const channel of this.#book.all()) if (channel.destroyReplaced(before)) await this.#book.save(channel);
  }

  #signOwn(channel: ClosedChannel, role: Role | 'none', time = this.#time(channel)) {
    const { identity } = this.#deps;
    const key = role === 'none' ? {} : { sealingKey: identity.sealingKey };
    return signRole(identity, { channelId: channel.id, member: identity.keyId, role, time, ...key });
  }

  /** After all that is known, whatever the clock says: an entry that comes before what it rests on would have no effect. */
  #time({ state }: ClosedChannel): number {
    return Math.max(this.#deps.ports.clock.now(), state.time + 1);
  }

  async #read(channelId: string, signed: readonly string[]) {
    const entries = await this.#entries.read(channelId, signed);
    if (typeof entries === 'string') throw new ParleyError('internal', `an own entry is refused: ${entries}`);
    return entries;
  }

  #channel(channelId: string): ClosedChannel {
    const channel = this.#book.get(channelId);
    if (!channel) throw new ParleyError('not-found', 'this node is in no such closed channel');
    return channel;
  }

  #member(channel: ClosedChannel, nodeId: string) {
    const member = channel.memberAt(nodeId);
    if (!member) throw new ParleyError('not-member', 'it is no member of this channel');
    return member;
  }

  #watch(task: Promise<void>): void {
    this.#scope.run(task, (error) => {
      this.#deps.ports.log.warn('a closed channel could not be kept up', { error: ParleyError.from(error).message });
    });
  }
}

const drop = (reason: string): Verdict => ({ verdict: 'drop', reason });

function deferred(): Deferred {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
