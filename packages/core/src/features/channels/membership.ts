import type { Identity } from '../../identity/identity.ts';
import type { Link } from '../../link/index.ts';
import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import { LruMap, TokenBucket } from '../../util/bounded.ts';
import { ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import { randomGuid } from '../../util/guid.ts';
import { Scope } from '../../util/scope.ts';
import { parseTimestamp } from '../../wire/message.ts';
import type { DataOf } from '../../wire/verb.ts';
import { comesFromKeys, ownedChannelId } from './channel-id.ts';
import { ChannelStore } from './channel-store.ts';
import type { ChannelConfig } from './config.ts';
import { type Channel, ChannelDirectory, type Ended } from './directory.ts';
import { Replay } from './replay.ts';
import { CHANNEL, JOIN, LEAVE, MAX_MEMBERS } from './verbs.ts';

export interface MembershipEvents {
  /** A channel became known, changed, or was forgotten. */
  channel: { readonly channelId: string };
  member: { readonly channelId: string; readonly nodeId: string; readonly joined: boolean };
}

/** A conversation that is sealed, as those have it who decide on its members. */
export interface Conversation {
  /** Of the channel. */
  readonly id: string;
  readonly kind: 'closed' | 'direct';
  readonly name: string;
  /** Node ids, this node's among them. */
  readonly members: readonly string[];
  /** Conversations that this one may go on from: the first in which anything was said. */
  readonly follows?: readonly string[];
  readonly creator?: string;
  readonly nonce?: string;
}

export interface MembershipDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly overlay: Overlay;
}

const SAVE_MS = 2000;
const NONCE_BYTES = 32;
const SAVE_ALL_MS = 60 * 60_000;
const DENIALS_PER_SECOND = 0.1;
const DENIALS = 20;

/** Throws `bad-argument` for what no channel can be made with. */
export function checkNonce(nonce: string): string {
  if (fromBase64(nonce)?.length === NONCE_BYTES) return nonce;
  throw new ParleyError('bad-argument', 'the nonce of a channel is base64 of 32 bytes');
}

/** Which channels there are and who is in them: CHANNEL, JOIN and LEAVE (S2; WIRE "CHANNEL, JOIN, LEAVE"). */
export class Membership {
  readonly events: Emitter<MembershipEvents>;
  readonly directory: ChannelDirectory;
  readonly #deps: MembershipDeps;
  readonly #config: ChannelConfig;
  readonly #scope: Scope;
  /** When a channel was last answered for, and when CHANNEL for it was last heard or sent (monotonic). */
  readonly #answered = new LruMap<string, number>(5000);
  /** A LEAVE that a stranger asks for, by an announcement of its own invention, is a flood of ours: of so many channels a minute. */
  readonly #denials: TokenBucket;
  /** Channels whose making is under way, by id. */
  readonly #creating = new Map<string, Promise<Channel>>();
  readonly #announced = new LruMap<string, number>(5000);
  readonly #replay: Replay;
  readonly #store: ChannelStore;
  #savedAt = 0;

  constructor(deps: MembershipDeps, config: ChannelConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.ports.clock);
    this.directory = new ChannelDirectory(config);
    this.#store = new ChannelStore(deps.ports.store, this.directory);
    this.events = new Emitter((error) => deps.ports.log.error('a listener failed', { error: String(error) }));
    this.#replay = new Replay(config);
    this.#denials = new TokenBucket(DENIALS_PER_SECOND, DENIALS, deps.ports.clock.monotonic());
    deps.overlay.handle(CHANNEL, (arrival) => this.#onChannel(arrival));
    deps.overlay.handle(JOIN, (arrival) => this.#onMembership(arrival, true));
    deps.overlay.handle(LEAVE, (arrival) => this.#onMembership(arrival, false));
  }

  async start(): Promise<void> {
    await this.#store.load(this.#config.maxChannels);
    // Joined under a key that this one follows: others are told by the next announcement.
    for (const channel of this.directory.joinedPublic())
      if (!this.directory.isMember(channel, this.#self)) await this.#become(channel, true);
    const jitter = (): number => 0.67 + 0.66 * this.#deps.ports.random.number();
    this.#scope.every(
      () => (this.#config.announceMs / 5) * jitter(),
      () => this.#maintain(),
    );
    this.#scope.every(
      () => SAVE_MS,
      () => {
        if (this.#store.isBehind) this.#scope.run(this.#store.save(), (error) => this.#failed(error));
      },
    );
  }

  async close(): Promise<void> {
    await this.#scope.close();
    await this.#store.save();
  }

  /**
   * Makes a channel. `givenNonce`: base64 of 32 bytes that no other was made with; then the same call again makes no second one. Errors:
   * `bad-argument`, `conflict` (that channel has another name), `quota`, those of the store.
   */
  async create(name: string, givenNonce?: string): Promise<Channel> {
    const { ports, identity } = this.#deps;
    const nonce = checkNonce(givenNonce ?? base64(ports.random.bytes(NONCE_BYTES)));
    const id = ownedChannelId(ports.crypto, identity.keyId, nonce);
    const running = this.#creating.get(id);
    const made = running ? await running : this.directory.get(id);
    if (made && made.name !== name) throw new ParleyError('conflict', `this channel was made as #${made.name}`);
    if (made) return made;
    const creating = this.#create(id, name, nonce);
    this.#creating.set(id, creating);
    try {
      return await creating;
    } finally {
      this.#creating.delete(id);
    }
  }

  async #create(id: string, name: string, nonce: string): Promise<Channel> {
    this.checkRoom();
    const { identity } = this.#deps;
    const channel = this.directory.know(id, name, this.#wall());
    if (!channel) throw new ParleyError('quota', `at most ${this.#config.maxChannels} channels are remembered`);
    channel.creator = identity.keyId;
    channel.nonce = nonce;
    await this.#enter(channel);
    await this.#announce(channel);
    await this.#sayMembership(JOIN, channel);
    return channel;
  }

  /**
   * Takes part in a conversation on whose members others decide: kept, with these members, when it resolves. Called again it changes name and
   * members. Errors: `quota`, those of the store.
   */
  async converse(about: Conversation): Promise<Channel> {
    const { id, kind, name, members, creator, nonce, follows = [] } = about;
    const now = this.#wall();
    const known = this.directory.get(id);
    // One that takes the place of another needs no room of its own.
    if (!known?.joined && !follows.some((before) => this.directory.get(before)?.joined)) this.checkRoom();
    // Somebody may have announced a public channel with this id.
    if (known && known.kind !== kind) this.directory.forget(known);
    const channel = this.directory.know(id, name, now, kind);
    if (!channel) throw new ParleyError('quota', `at most ${this.#config.maxChannels} channels are remembered`);
    const entered = !channel.joined;
    Object.assign(channel, { name, creator, nonce, joined: true, ended: undefined });
    const { joined, left } = this.directory.assign(channel, new Set(members), now);
    this.#store.changed(id);
    await this.#store.save();
    if (entered || known?.name !== name) this.events.emit('channel', { channelId: id });
    for (const nodeId of joined) this.events.emit('member', { channelId: id, nodeId, joined: true });
    for (const nodeId of left) this.events.emit('member', { channelId: id, nodeId, joined: false });
    return channel;
  }

  /** Takes part no more. Its history is kept; without `ended` the conversation itself is forgotten. Errors: those of the store. */
  async endConversation(id: string, ended?: Omit<Ended, 'at'>): Promise<void> {
    const channel = this.directory.get(id);
    if (!channel?.joined) return;
    const members = this.directory.members(channel);
    if (ended) this.#end(channel, ended);
    else this.directory.forget(channel);
    this.#store.changed(id);
    await this.#store.save();
    this.events.emit('channel', { channelId: id });
    for (const nodeId of members) this.events.emit('member', { channelId: id, nodeId, joined: false });
  }

  /** A public channel is there, though nobody has announced it here. Errors: `quota`, `conflict` where the id is that of a conversation. */
  know(channelId: string, name: string, { creator, nonce }: Partial<Pick<Channel, 'creator' | 'nonce'>> = {}): void {
    const channel = this.directory.know(channelId, name, this.#wall());
    if (!channel) throw new ParleyError('quota', `at most ${this.#config.maxChannels} channels are remembered`);
    if (channel.kind !== 'public') throw new ParleyError('conflict', 'this is no public channel');
    if (creator === undefined || nonce === undefined) return;
    if (ownedChannelId(this.#deps.ports.crypto, creator, nonce) === channelId) Object.assign(channel, { creator, nonce });
  }

  /** Errors: `not-found`, `quota`, `refused` for one that is not public, `conflict` for a channel of whom nobody has shown who made it, those of the store. */
  async join(channelId: string): Promise<Channel> {
    const channel = this.directory.get(channelId);
    if (!channel) throw new ParleyError('not-found', 'no such channel is known here');
    if (channel.joined) return channel;
    if (channel.kind !== 'public')
      throw new ParleyError('refused', `${channel.name} is not open to everybody: it takes an invitation, or a contact`);
    // Else somebody who knows the keys of two could have others write where the conversation of these two will be.
    if (channel.creator === undefined && comesFromKeys(channelId))
      throw new ParleyError('conflict', 'nobody has shown yet who made this channel');
    this.checkRoom();
    await this.#enter(channel);
    await this.#sayMembership(JOIN, channel);
    return channel;
  }

  /** `kept`: something was said there. Errors: `not-found`, `not-member`, those of the store. */
  async leave(channelId: string, kept: boolean): Promise<void> {
    const channel = this.directory.get(channelId);
    if (!channel) throw new ParleyError('not-found', 'no such channel is known here');
    if (!channel.joined) throw new ParleyError('not-member', `not a member of #${channel.name}`);
    if (kept) this.#end(channel, { removed: false });
    await this.#become(channel, false);
    await this.#sayMembership(LEAVE, channel);
    this.events.emit('member', { channelId, nodeId: this.#self, joined: false });
  }

  /** This key says goodbye everywhere; the next one of the same user stays. Errors: those of the store. */
  async depart(): Promise<void> {
    for (const channel of this.directory.joinedPublic()) {
      this.directory.member(channel, this.#self, false, this.#wall(), this.#wall());
      this.#store.changed(channel.id);
      await this.#sayMembership(LEAVE, channel);
    }
    await this.#store.save();
  }

  /** Hands a new neighbour what it missed of the last minutes, as it was signed; and announces our channels once more. */
  greet(link: Link): void {
    const { overlay, identity } = this.#deps;
    // Who does not pass on others' messages speaks in its own name alone.
    this.#replay.greet(link, this.#wall(), overlay.relays ? undefined : identity.keyId);
    for (const channel of this.directory.joinedPublic()) {
      const last = this.#announced.get(channel.id);
      if (last !== undefined && this.#now() - last < 30_000) continue;
      this.#scope.after(2000 * this.#deps.ports.random.number(), () => this.#announceSoon(channel, 30_000));
    }
  }

  /** Something that a member signed was heard: it is a member, though nobody listed it. */
  heard(channel: Channel, nodeId: string): void {
    if (channel.kind === 'public' && this.directory.hint(channel, nodeId, this.#wall())) this.#memberChanged(channel, nodeId, true);
    else this.directory.heard(channel, nodeId, this.#wall());
  }

  get #self(): string {
    return this.#deps.identity.nodeId;
  }

  /** Errors: `quota` where no conversation more fits in. */
  checkRoom(): void {
    const { maxJoined } = this.#config;
    if (this.directory.joined().length >= maxJoined)
      throw new ParleyError(
        'quota',
        `there are ${maxJoined} channels and conversations here already: leave a channel, or remove a contact, first`,
      );
  }

  async #enter(channel: Channel): Promise<void> {
    await this.#become(channel, true);
    this.events.emit('channel', { channelId: channel.id });
    this.events.emit('member', { channelId: channel.id, nodeId: this.#self, joined: true });
  }

  /** A member from now on, or no more: on disk when it resolves, and as before when that fails. */
  async #become(channel: Channel, joined: boolean): Promise<void> {
    const { ended } = channel;
    const set = (value: boolean): void => {
      channel.joined = value;
      channel.ended = value ? undefined : ended;
      // Later than what we said last, whatever the clock says.
      const time = Math.max(this.#wall(), (channel.members.get(this.#self)?.time ?? 0) + 1);
      this.directory.member(channel, this.#self, value, time, this.#wall());
    };
    set(joined);
    this.#store.changed(channel.id);
    try {
      await this.#store.save();
    } catch (error) {
      set(!joined);
      throw error;
    }
  }

  /** The user knows that they were removed. Errors: those of the store. */
  async takenIn(id: string): Promise<void> {
    const channel = this.directory.get(id);
    if (!channel?.ended) return;
    channel.ended = { at: channel.ended.at, removed: false };
    this.#store.changed(id);
    await this.#store.save();
    this.events.emit('channel', { channelId: id });
  }

  #end(channel: Channel, ended: Omit<Ended, 'at'>): void {
    for (const { id } of this.directory.end(channel, { ...ended, at: this.#wall() })) this.#store.changed(id);
  }

  async #sayMembership(verb: typeof JOIN | typeof LEAVE, channel: Channel): Promise<void> {
    const message = await this.#deps.overlay.flood(verb, {
      msg_id: randomGuid(this.#deps.ports.random),
      channel: channel.name,
      channel_id: channel.id,
    });
    this.#replay.remember(`member ${channel.id} ${this.#self}`, message);
  }

  async #announce(channel: Channel): Promise<void> {
    this.#announced.set(channel.id, this.#now());
    channel.announced = this.#wall();
    const members = this.directory.members(channel);
    const { random } = this.#deps.ports;
    const sample = members.length > this.#config.sampleAbove;
    const start = sample ? Math.floor(random.number() * members.length) : 0;
    const listed = sample ? [...members.slice(start), ...members.slice(0, start)].slice(0, this.#config.sampleAbove) : members;
    const message = await this.#deps.overlay.flood(CHANNEL, {
      msg_id: randomGuid(random),
      channel: channel.name,
      channel_id: channel.id,
      members: listed.slice(0, MAX_MEMBERS).map((nodeId) => ({ node_id: nodeId })),
      ...(sample ? { count: members.length } : {}),
      ...(channel.creator !== undefined && channel.nonce !== undefined ? { creator: channel.creator, nonce: channel.nonce } : {}),
    });
    this.#replay.remember(`channel ${channel.id}`, message);
  }

  #announceSoon(channel: Channel, unlessWithinMs: number): void {
    const last = this.#announced.get(channel.id);
    if (!channel.joined || (last !== undefined && this.#now() - last < unlessWithinMs)) return;
    this.#scope.run(this.#announce(channel), (error) => this.#failed(error));
  }

  #onChannel({ data, origin, message }: Arrival<DataOf<typeof CHANNEL>>): Verdict {
    if (data.closed === true) return { verdict: 'drop', reason: 'closed-channel-in-clear' };
    const owned = data.creator !== undefined && data.nonce !== undefined;
    if (owned && ownedChannelId(this.#deps.ports.crypto, data.creator as string, data.nonce as string) !== data.channel_id) {
      return { verdict: 'drop', reason: 'channel-owner' };
    }
    const now = this.#wall();
    const known = this.directory.get(data.channel_id);
    if (known && known.kind !== 'public') return { verdict: 'drop', reason: 'closed-channel-in-clear' };
    const channel = this.directory.know(data.channel_id, data.channel, now);
    if (!channel) return { verdict: 'drop', reason: 'channels-full' };
    if (owned) {
      channel.creator = data.creator;
      channel.nonce = data.nonce;
      // The owner's word on the name counts; otherwise the first that was heard stays.
      if (message.auth?.key === data.creator) channel.name = data.channel;
    }
    channel.announced = now;
    channel.count = data.count;
    this.#announced.set(channel.id, this.#now());
    if (channel.creator === undefined || message.auth?.key === channel.creator || !this.#hasOwnersWord(channel)) {
      this.#replay.remember(`channel ${channel.id}`, message);
    }
    for (const nodeId of [origin, ...data.members.map((entry) => entry.node_id)]) {
      if (nodeId !== this.#self && this.directory.hint(channel, nodeId, now)) this.#memberChanged(channel, nodeId, true);
    }
    this.directory.heard(channel, origin, now);
    this.#answerTo(channel, data);
    if (!known) this.events.emit('channel', { channelId: channel.id });
    return ACCEPT;
  }

  /** S2: a member that is left out says JOIN, and a stranger that is listed says LEAVE. Rarely, and not all at once. */
  #answerTo(channel: Channel, data: DataOf<typeof CHANNEL>): void {
    const listed = data.members.some((entry) => entry.node_id === this.#self);
    if (listed === channel.joined) return;
    if (!listed && (data.count !== undefined || data.members.length > this.#config.sampleAbove)) return;
    const last = this.#answered.get(channel.id);
    if (last !== undefined && this.#now() - last < this.#config.answerEveryMs) return;
    if (listed && !this.#denials.take(this.#now())) return;
    this.#answered.set(channel.id, this.#now());
    this.#scope.after(this.#config.answerJitterMs * this.#deps.ports.random.number(), () => {
      this.#scope.run(this.#sayMembership(channel.joined ? JOIN : LEAVE, channel), (error) => this.#failed(error));
    });
  }

  #onMembership({ data, origin, message }: Arrival<DataOf<typeof JOIN>>, joined: boolean): Verdict {
    const now = this.#wall();
    const known = this.directory.get(data.channel_id);
    if (known && known.kind !== 'public') return { verdict: 'drop', reason: 'closed-channel-in-clear' };
    // Of a channel that nobody announced only its members' word is there: that is enough to know it.
    const channel = known ?? (joined ? this.directory.know(data.channel_id, data.channel, now) : undefined);
    if (!channel) return joined ? { verdict: 'drop', reason: 'channels-full' } : ACCEPT;
    const time = parseTimestamp(message.auth?.time ?? '') ?? 0;
    if (this.directory.member(channel, origin, joined, time, now)) this.#memberChanged(channel, origin, joined);
    channel.announced = now;
    this.#replay.remember(`member ${channel.id} ${origin}`, message);
    if (!known) this.events.emit('channel', { channelId: channel.id });
    return ACCEPT;
  }

  #memberChanged(channel: Channel, nodeId: string, joined: boolean): void {
    if (channel.joined) this.#store.changed(channel.id);
    this.events.emit('member', { channelId: channel.id, nodeId, joined });
  }

  /** Of an owned channel newcomers are told what the owner itself announced, while that is fresh: others could name it as they please. */
  #hasOwnersWord(channel: Channel): boolean {
    return this.#replay.originOf(`channel ${channel.id}`, this.#wall()) === channel.creator;
  }

  #maintain(): void {
    for (const channelId of this.directory.expire(this.#wall(), (nodeId) => this.#deps.overlay.reaches(nodeId), this.#self)) {
      this.events.emit('channel', { channelId });
    }
    // When members were last heard is not written down each time.
    const isDue = this.#now() - this.#savedAt >= SAVE_ALL_MS;
    if (isDue) this.#savedAt = this.#now();
    for (const channel of this.directory.joined()) {
      if (isDue) this.#store.changed(channel.id);
      if (channel.kind !== 'public') continue;
      this.#announceSoon(channel, this.#config.announceMs * (0.67 + 0.66 * this.#deps.ports.random.number()));
    }
  }

  #failed(error: unknown): void {
    this.#deps.ports.log.error('channels could not be kept up', { error: String(error) });
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }

  #wall(): number {
    return this.#deps.ports.clock.now();
  }
}
