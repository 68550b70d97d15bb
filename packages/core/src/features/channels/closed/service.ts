import type { Identity } from '../../../identity/identity.ts';
import { ParleyError } from '../../../util/errors.ts';
import { Emitter } from '../../../util/events.ts';
import { Scope } from '../../../util/scope.ts';
import type { ChannelChange } from '../change.ts';
import { ownedChannelId } from '../channel-id.ts';
import type { ChannelConfig } from '../config.ts';
import { checkName } from '../names.ts';
import { LEAVE } from '../verbs.ts';
import { Acceptances } from './acceptances.ts';
import { ClosedBook } from './book.ts';
import { changesFor } from './changes.ts';
import { ClosedChannel } from './channel.ts';
import type { ClosedDeps } from './deps.ts';
import { Early } from './early.ts';
import { Entries } from './entries.ts';
import { type HistoryPolicy, type Role, signSettings } from './entry.ts';
import { inParts } from './founding.ts';
import { Inbox } from './inbox.ts';
import { type Invitation, Invitations } from './invitations.ts';
import { KeyExchange } from './key-exchange.ts';
import { type ClosedMember, membersIn } from './members.ts';
import { type ClosedEvents, notAllowed, OwnPart } from './own-part.ts';
import { Rekeying } from './rekeying.ts';
import { moderatedAt } from './roles.ts';
import { ClosedSealing } from './sealing.ts';
import { succeed } from './succession.ts';
import { ClosedTimer } from './timer.ts';
import { INVITE } from './verbs.ts';

/** Replaced keys are kept for messages that are still under way, then destroyed. */
const [KEEP_KEYS_MS, SWEEP_MS] = [8 * 24 * 60 * 60_000, 60 * 60_000];

/** Closed channels: who is in them by what was signed, keys that follow who is in them, invitations (WIRE "Closed channels"). */
export class Closed {
  readonly events: Emitter<ClosedEvents>;
  readonly sealing: ClosedSealing;
  readonly timer: ClosedTimer;
  readonly #deps: ClosedDeps;
  readonly #config: ChannelConfig;
  readonly #scope: Scope;
  readonly #book: ClosedBook;
  readonly #invitations: Invitations;
  readonly #exchange: KeyExchange;
  readonly #rekeying: Rekeying;
  readonly #entries: Entries;
  readonly #early: Early;
  readonly #own: OwnPart;
  readonly #acceptances: Acceptances;

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
    this.#early = new Early({ ports, self: identity.nodeId, overlay, exchange: this.#exchange, meet: deps.meet, watch: this.#watch });
    this.sealing = new ClosedSealing({
      ports,
      identity,
      overlay,
      book,
      rekeying: this.#rekeying,
      early: this.#early,
      differs: (channel, nodeId) => this.#watch(this.#entries.compare(channel, nodeId)),
    });
    const { conversing, converse, endConversation, target, person, isKnown, isOwn, blocked } = deps;
    const room = (channel: ClosedChannel): void => {
      deps.room();
      channel.checkRoom(identity.keyId);
    };
    const parts = { ports, identity, overlay, book, invitations: this.#invitations, entries: this.#entries, rekeying: this.#rekeying };
    this.#own = new OwnPart({ ...parts, events: this.events, person, room, conversing, converse, endConversation, isOwn });
    this.timer = new ClosedTimer(identity, book, this.#own);
    new Inbox({
      ...parts,
      exchange: this.#exchange,
      early: this.#early,
      own: this.#own,
      target,
      isKnown,
      blocked,
      endConversation,
      isOwn,
      invited: (channelId) => this.events.emit('invitation', { channelId }),
      watch: this.#watch,
    });
    this.#acceptances = new Acceptances({ ...parts, exchange: this.#exchange, events: this.events, room });
  }

  async start(): Promise<void> {
    const restoring = { crypto: this.#deps.ports.crypto, keys: this.#deps.keys, entries: this.#book.entries };
    await this.#invitations.load((row) => ClosedChannel.restore(restoring, row));
    await this.#book.load(this.#config.maxJoined);
    await this.#own.resume();
    this.#scope.every(
      () => SWEEP_MS,
      () => this.#watch(this.#sweep()),
    );
    this.#acceptances.start();
  }

  async close(): Promise<void> {
    await this.#acceptances.close();
    await this.#early.close();
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
    this.#deps.room();
    const channel = this.#book.make({ id, creator: identity.keyId, nonce });
    const time = ports.clock.now();
    const settings = await signSettings(identity, { channelId: id, name, history, time });
    const owner = await this.#own.signOwn(channel, 'owner', time + 1);
    channel.merge(await this.#own.read(id, [settings, owner]));
    this.#book.put(channel);
    await this.#rekeying.rekey(channel);
    await this.#own.converse(channel);
    return id;
  }

  /** Whether somebody may delete what others wrote, and pin, or might at a time. Undefined where the channel is not one of these. */
  moderates(channelId: string, keyId: string, at?: number): boolean | undefined {
    const channel = this.#book.get(channelId);
    return channel && moderatedAt(channel.state, keyId, at);
  }

  /** Members, those who are only invited among them. Errors: `not-found`. */
  members(channelId: string): ClosedMember[] {
    return membersIn(this.#channel(channelId), this.#deps.identity.keyId);
  }

  /** Whether a key is, or was, of a member. */
  hasBeen(channelId: string, keyId: string): boolean {
    return this.#book.get(channelId)?.state.effective.some((entry) => entry.kind === 'role' && entry.member === keyId) === true;
  }

  /** What was changed since the user was invited, by node ids. Nothing is known here of a channel that the user is in no more. */
  changes(channelId: string): ChannelChange[] {
    const channel = this.#book.get(channelId);
    return channel ? changesFor(channel, this.#deps) : [];
  }

  history(channelId: string): HistoryPolicy {
    return this.#channel(channelId).state.history;
  }

  /** Says whose device this node is, where that is another than it said. Errors: those of the store. */
  async standFor(channelId: string): Promise<void> {
    const channel = this.#book.get(channelId);
    const me = channel?.member(this.#deps.identity.keyId);
    const person = this.#deps.person();
    if (!channel || !me?.joined || (me.person ?? me.key) === person) return;
    await this.#own.apply(channel, await this.#own.signOwn(channel, me.role));
  }

  /** This node's own role; undefined where it is no member. */
  role(channelId: string): Role | undefined {
    return this.#book.get(channelId)?.member(this.#deps.identity.keyId)?.role;
  }

  /**
   * Invites a node, and tells the others. On disk when it resolves. Errors: `not-found`, `conflict` for a member, `refused` where the own role
   * does not allow it, `quota` in a channel that is full, `unreachable` and `bad-certificate` where nothing can be sealed to it, those of the store.
   */
  async invite(channelId: string, nodeId: string, role: Exclude<Role, 'owner'> = 'member'): Promise<void> {
    const channel = this.#channel(channelId);
    if (this.role(channelId) === 'observer' && !this.#deps.isOwn(nodeId))
      throw new ParleyError('refused', 'observers of a channel invite nobody but their own devices');
    const target = await this.#deps.target(nodeId);
    const known = channel.member(target.keyId);
    if (known?.joined) throw new ParleyError('conflict', 'it is a member already');
    // What it could not accept is not offered.
    channel.checkRoom(target.keyId);
    if (known?.role !== role) await this.#own.change(channel, target.keyId, role);
    const data = { channel: channel.state.name, channel_id: channelId, creator: channel.creator, nonce: channel.nonce };
    for (const entries of inParts(channel.state.effective, [this.#deps.identity.keyId, target.keyId]))
      await this.#deps.overlay.sealed.send(INVITE, { ...data, entries: entries.map(({ signed }) => signed) }, { target });
  }

  invitations(): Invitation[] {
    return this.#invitations.all();
  }

  /**
   * Accepts an invitation. Resolves when this node is a member and has the key. Errors: `not-found`; `timeout` when nobody gave the key yet: it is
   * asked for until somebody does; those of the store.
   */
  accept(channelId: string): Promise<void> {
    return this.#acceptances.accept(channelId);
  }

  /** Errors: `not-found`, those of the store. */
  async decline(channelId: string): Promise<void> {
    const invitation = this.#invitations.get(channelId);
    if (!invitation) throw new ParleyError('not-found', 'there is no such invitation');
    const { channel, by } = invitation;
    const signed = await this.#own.signOwn(channel, 'none');
    if (!this.#invitations.get(channelId)) throw new ParleyError('not-found', 'it was answered meanwhile');
    await this.#deps.ports.store.commit([this.#invitations.remove(channelId)]);
    this.events.emit('invitation', { channelId });
    const { overlay, target } = this.#deps;
    const data = { channel: channel.state.name, channel_id: channelId, entries: [signed] };
    this.#watch(target(by).then(async (to) => void (await overlay.sealed.send(LEAVE, data, { target: to }))));
  }

  /** Gives somebody another role; whoever may give none hears so also where they have it already. Errors: `not-found`, `not-member`, `refused`, those of the store. */
  async setRole(channelId: string, nodeId: string, role: Role): Promise<void> {
    const channel = this.#channel(channelId);
    const member = this.#member(channel, nodeId);
    if (member.role !== role) await this.#own.change(channel, member.key, role);
    else if (!['owner', 'moderator'].includes(this.role(channelId) ?? '')) throw notAllowed();
  }

  /** Sends somebody away, or whoever has their place now, with the devices that they brought as an observer: from now on others have another key. Errors: `not-found`, `not-member`, `refused`, those of the store. */
  async remove(channelId: string, nodeId: string): Promise<void> {
    const channel = this.#channel(channelId);
    const { key } = this.#member(channel, nodeId, channel.holderAt(nodeId));
    if (key === this.#deps.identity.keyId) throw new ParleyError('bad-argument', 'leave the channel instead');
    const members = [...channel.state.members.keys()];
    const signed = await this.#own.change(channel, key, 'none');
    const tell = async (gone: string) => this.#entries.tellStranger(channel, [signed], await this.#deps.target(channel.nodeId(gone)));
    for (const gone of members.filter((one) => !channel.member(one))) this.#watch(tell(gone));
  }

  /** Names the channel anew, or says what newcomers may read. Errors: `not-found`, `refused`, those of the store. */
  async settings(channelId: string, changes: { readonly name?: string; readonly history?: HistoryPolicy }): Promise<void> {
    const channel = this.#channel(channelId);
    if (this.role(channelId) !== 'owner') throw new ParleyError('refused', 'only owners change the settings of a channel');
    const name = changes.name === undefined ? channel.state.name : checkName(changes.name);
    const said = { channelId, name, history: changes.history ?? channel.state.history, time: this.#own.time(channel) };
    await this.#own.apply(channel, await signSettings(this.#deps.identity, said));
  }

  /** Errors: `not-found`; `conflict` for the only owner while others are there; those of the store. */
  async leave(channelId: string): Promise<void> {
    const channel = this.#channel(channelId);
    const { overlay, identity } = this.#deps;
    const others = [...channel.state.members.values()].filter(({ key, joined }) => joined && key !== identity.keyId);
    if (this.role(channelId) === 'owner' && others.length > 0 && !others.some(({ role }) => role === 'owner')) {
      throw new ParleyError('conflict', 'make somebody else an owner of the channel before you leave it');
    }
    const entries = [await this.#own.signOwn(channel, 'none')];
    // Before it is on disk that we are gone: from then on nothing is waited for that could write the channel anew.
    const read = await this.#own.read(channelId, entries);
    const { current } = channel;
    if (current) {
      const recipients = others.map(({ key }) => channel.nodeId(key));
      const data = { channel: channel.state.name, channel_id: channelId, entries };
      await overlay.sealed.send(LEAVE, data, { key: current, channelId, recipients }, { alongside: [this.#book.removal(channelId)] });
    }
    channel.merge(read);
    await this.#own.end(channel);
  }

  /** Another key of the user takes the place of this one. On disk when it resolves. Errors: those of the store. */
  async succeed(next: Identity): Promise<void> {
    for (const channel of this.#book.all()) await succeed({ ...this.#deps, book: this.#book, own: this.#own }, channel, next);
  }

  async #sweep(): Promise<void> {
    for (const channel of this.#book.all())
      if (channel.destroyReplaced(this.#deps.ports.clock.now(), KEEP_KEYS_MS)) await this.#book.save(channel);
  }

  #channel(channelId: string): ClosedChannel {
    const channel = this.#book.get(channelId);
    if (!channel) throw new ParleyError('not-found', 'this node is in no such closed channel');
    return channel;
  }

  #member(channel: ClosedChannel, nodeId: string, member = channel.memberAt(nodeId)) {
    if (!member) throw new ParleyError('not-member', 'it is no member of this channel');
    return member;
  }

  readonly #watch = (task: Promise<void>): void => {
    this.#scope.run(task, (error) => {
      this.#deps.ports.log.warn('a closed channel could not be kept up', { error: ParleyError.from(error).message });
    });
  };
}
