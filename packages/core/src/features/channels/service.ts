import type { Identity } from '../../identity/identity.ts';
import type { Link } from '../../link/index.ts';
import type { Arrival, Sealing, Verdict } from '../../overlay/index.ts';
import type { Awaitable } from '../../util/awaitable.ts';
import { base64 } from '../../util/base64.ts';
import { ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import { isGuid } from '../../util/guid.ts';
import { Scope } from '../../util/scope.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { ActKind } from './act.ts';
import type { Archive } from './archive.ts';
import type { Attached } from './attached.ts';
import { type Ending, MAX_KEPT_CHANGES } from './change.ts';
import type { Closed, HistoryPolicy } from './closed/index.ts';
import type { ChannelConfig } from './config.ts';
import type { DeliveryState } from './deliveries.ts';
import type { Channel, ChannelKind, Ended } from './directory.ts';
import { checkCursor } from './history-keys.ts';
import type { StoredMessage } from './history-row.ts';
import type { IntakeEvents } from './intake.ts';
import { type MessageTimer, remaining } from './lifetime.ts';
import { type Conversation, checkNonce } from './membership.ts';
import { checkText } from './message.ts';
import { checkName, findChannel } from './names.ts';
import { assembleParts, type ChannelDeps, type Parts } from './parts.ts';
import type { SendOptions } from './sending.ts';
import { checkLifetime, timerAct } from './timers.ts';
import type { Typing } from './typing.ts';
import { MESSAGE } from './verbs.ts';

export interface ChannelInfo {
  readonly id: string;
  readonly name: string;
  readonly kind: ChannelKind;
  readonly joined: boolean;
  /** Key id of the owner, where the channel has one. */
  readonly owner: string | undefined;
  /** With which the id shows that. */
  readonly nonce: string | undefined;
  readonly members: number;
  /** Messages of others that the user has not seen, counted up to 10,000; none where the channel is not joined. */
  readonly unread: number;
  /** How long messages last that are written now, where that was ever said. */
  readonly timer: MessageTimer | undefined;
  /** Since when the user is in it no more, where they were. */
  readonly ended: Ended | undefined;
}

export interface ChannelEvents extends Omit<IntakeEvents, 'unread' | 'missing'> {
  /** The number of unread messages of a channel is another now. */
  read: { readonly channelId: string; readonly unread: number };
  /** The user has seen everything up to a place. */
  seen: { readonly channelId: string; readonly cursor: string };
  /** The user has left a channel. */
  left: { readonly channelId: string };
  /** A message is not what it was: edited, deleted, reacted to, pinned. */
  changed: { readonly message: StoredMessage };
  delivery: { readonly msgId: string; readonly delivery: DeliveryState };
  channel: { readonly channelId: string };
  /** The time of messages is over: they are gone from here. */
  expired: { readonly channelId: string; readonly messages: readonly StoredMessage[] };
  /** What is attached to messages of a channel has come. */
  attachment: { readonly channelId: string; readonly sha256: string };
  member: { readonly channelId: string; readonly nodeId: string; readonly joined: boolean };
}

/** Channels: membership, messages, history (S2; DESIGN section 6). */
export class Channels {
  readonly events: Emitter<ChannelEvents>;
  /** Channels of invited members. */
  readonly closed: Closed;
  /** What was written. */
  readonly archive: Archive;
  /** What is attached to it. */
  readonly attached: Attached;
  /** Who is typing. */
  readonly typing: Typing;
  readonly #deps: ChannelDeps;
  readonly #scope: Scope;
  readonly #parts: Parts;

  constructor(deps: ChannelDeps, config: ChannelConfig) {
    const { ports, overlay, metrics } = deps;
    this.#deps = deps;
    this.#scope = new Scope(ports.clock);
    this.events = new Emitter((error) => ports.log.error('a listener failed', { error: String(error) }));
    this.#parts = assembleParts(deps, config, {
      converse: (about) => this.converse(about),
      endConversation: (channelId, how) => this.endConversation(channelId, how),
      news: (msgId, delivery) => this.events.emit('delivery', { msgId, delivery }),
      gone: (channelId, messages) => this.#gone(channelId, messages),
      attached: (channelId, sha256) => this.events.emit('attachment', { channelId, sha256 }),
    });
    this.closed = this.#parts.closed;
    this.archive = this.#parts.archive;
    this.attached = this.#parts.attached;
    this.typing = this.#parts.typing;
    overlay.handle(MESSAGE, (arrival) => this.#receive(arrival));
    metrics.gauge('channels', () => this.#parts.membership.directory.size);
  }

  /** `restored`: the store came out of a backup. */
  async start(restored = false): Promise<void> {
    await this.#parts.lineage.start();
    await this.#parts.catchUp.own.open(restored);
    await this.#parts.expiry.start();
    await this.#parts.membership.start();
    for (const channel of this.#parts.membership.directory.joined()) await this.#open(channel.id);
    await this.#parts.waiting.start();
    this.#parts.catchUp.start();
    await this.closed.start();
    this.#parts.readMarks.start();
    this.typing.start();
    const { events } = this.#parts.membership;
    this.#scope.add(this.#parts.intake.events.on('message', (event) => this.#onMessage(event)));
    this.#scope.add(this.#parts.intake.events.on('coming', (event) => this.events.emit('coming', event)));
    this.#scope.add(this.#parts.intake.events.on('lost', (event) => this.events.emit('lost', event)));
    this.#scope.add(this.#parts.intake.events.on('gap', (event) => this.events.emit('gap', event)));
    this.#scope.add(this.#parts.intake.events.on('unread', ({ channelId }) => this.#readChanged(channelId)));
    this.#scope.add(events.on('channel', (event) => this.events.emit('channel', event)));
    this.#scope.add(events.on('member', (event) => this.#memberChanged(event)));
    this.#scope.add(this.#deps.overlay.events.on('delivery', (delivery) => this.#parts.deliveries.apply(delivery)));
    this.#parts.deliveries.start();
  }

  async close(): Promise<void> {
    await this.closed.close();
    await this.typing.close();
    await this.#parts.readMarks.close();
    await this.#parts.expiry.close();
    await this.#parts.waiting.close();
    await this.#parts.catchUp.close();
    await this.#parts.intake.close();
    await this.#scope.close();
    await this.#parts.membership.close();
    await this.#parts.deliveries.close();
  }

  /** Brings a new neighbour up to date. */
  greet(link: Link): void {
    this.#parts.membership.greet(link);
  }

  /** Declares how conversations of a kind are sealed. Before `start`. */
  sealWith(kind: 'closed' | 'direct', sealing: Sealing): void {
    this.#parts.sealed.use(kind, sealing);
  }

  /**
   * Takes part in a sealed conversation, on whose members the caller decides; called again it changes name and members. On disk when it
   * resolves. Errors: `quota`, those of the store.
   */
  async converse(about: Conversation): Promise<ChannelInfo> {
    const fresh = !this.#parts.membership.directory.get(about.id)?.joined;
    const channel = await this.#parts.membership.converse(about);
    await this.archive.follow(about.id, about.follows ?? []);
    await this.#open(channel.id);
    if (fresh) this.#parts.catchUp.joined(channel);
    this.ready(channel.id);
    return this.#info(channel);
  }

  /** What could not be sealed before can be now. */
  ready = (id: string): void => this.#parts.waiting.flush(id);

  /** What the members of a conversation lack they can be told now. */
  meet = (id: string): void => this.#parts.catchUp.joined(this.#parts.membership.directory.get(id));

  /** Errors: `quota` where no channel or conversation more fits in. */
  checkRoom(): void {
    this.#parts.membership.checkRoom();
  }

  /**
   * Takes part no more, or was `removed` by somebody. What was written is kept; what waits goes on in the conversation that takes the place of this one, or
   * fails for a reason. Errors: those of the store.
   */
  async endConversation(id: string, { reason, removed, changes = [] }: Ending & { readonly reason?: string } = {}): Promise<void> {
    const next = this.#parts.membership.directory.get(this.archive.home(id));
    const home = next?.id !== id && next?.joined ? next : undefined;
    await this.#parts.moving.end(id, home, reason);
    this.#parts.intake.forget(id);
    const isOver = !home && (removed !== undefined || (await this.#isKept(id)));
    const told = changes.length > 0 ? { changes: changes.slice(-MAX_KEPT_CHANGES) } : {};
    await this.#parts.membership.endConversation(id, isOver ? { removed: removed !== undefined, ...removed, ...told } : undefined);
  }

  /** Whether anything is kept of what was said in a channel. */
  async #isKept(id: string): Promise<boolean> {
    return this.kindOf(id) !== undefined && (await this.archive.history(id, { limit: 1 })).length > 0;
  }

  /** Another key of the user takes the place of this one in all channels. On disk when it resolves. Errors: those of the store. */
  async succeed(next: Identity): Promise<void> {
    await this.closed.succeed(next);
    await this.#parts.membership.depart();
  }

  list(): ChannelInfo[] {
    return this.#parts.membership.directory
      .all()
      .map((channel) => this.#info(channel))
      .sort((a, b) => Number(b.joined) - Number(a.joined) || (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1));
  }

  /**
   * The channel that a person means: by id, or by name with or without `#`. Errors: `not-found`; `conflict` where several bear the
   * name, with their ids in `data.ids`.
   */
  find(idOrName: string): ChannelInfo {
    return this.#info(this.#find(idOrName));
  }

  #find(idOrName: string): Channel {
    return findChannel(this.#parts.membership.directory, idOrName);
  }

  /** Of a channel that is known here. */
  kindOf = (channelId: string): ChannelKind | undefined => this.#parts.membership.directory.get(channelId)?.kind;

  /** Members of a channel, by node id. */
  members(channelId: string): string[] {
    const channel = this.#parts.membership.directory.get(channelId);
    if (!channel) throw new ParleyError('not-found', 'no such channel is known here');
    return this.#parts.membership.directory.members(channel);
  }

  /**
   * Makes a channel and joins it. With a `nonce` (base64 of 32 bytes) of the caller's the same call again changes nothing: the channel that it
   * made is the answer. Errors: `bad-argument`, `conflict`, `quota`, those of the store.
   */
  async create(name: string, nonce?: string): Promise<ChannelInfo> {
    const channel = await this.#parts.membership.create(checkName(name), nonce);
    this.#parts.catchUp.made(channel);
    if (channel.joined) await this.#open(channel.id);
    return this.#info(channel);
  }

  /** The same of a closed channel. `history`: what those who come later may read of the time before. */
  async createClosed(name: string, history: HistoryPolicy = 'all', nonce?: string): Promise<ChannelInfo> {
    const drawn = nonce ?? base64(this.#deps.ports.random.bytes(32));
    const id = await this.closed.create(checkName(name), checkNonce(drawn), history);
    const channel = this.#find(id);
    this.#parts.catchUp.made(channel);
    return this.#info(channel);
  }

  /** Errors: `not-found`, `conflict`, `quota`, those of the store. */
  async join(idOrName: string): Promise<ChannelInfo> {
    const { id } = this.#find(idOrName);
    const channel = await this.#parts.membership.join(id);
    await this.#open(channel.id);
    this.#parts.catchUp.joined(channel);
    return this.#info(channel);
  }

  /** One that somebody removed the user from counts as left then. Errors: `not-found`, `conflict`, `not-member`, `bad-argument`, those of the store. */
  async leave(idOrName: string): Promise<void> {
    const { id, kind, joined, name, ended } = this.#find(idOrName);
    if (ended?.removed) return this.#parts.membership.takenIn(id);
    if (!joined) throw new ParleyError('not-member', `not a member of #${name}`);
    if (kind === 'direct') throw new ParleyError('bad-argument', 'a conversation between two is not left: remove or block the contact');
    if (kind === 'closed') await this.closed.leave(id);
    else {
      await this.#parts.membership.leave(id, await this.#isKept(id));
      this.#parts.intake.forget(id);
    }
    this.events.emit('left', { channelId: id });
  }

  /** Joins a public channel that another device of this user is in, whether or not it is known here yet. Errors: `quota`, `conflict`, those of the store. */
  async follow(id: string, name: string, made?: Partial<Pick<Channel, 'creator' | 'nonce'>>): Promise<void> {
    this.#parts.membership.know(id, checkName(name), made);
    await this.join(id);
  }

  /**
   * Signs and sends. On disk when it resolves. With the `msgId` of an own message that is kept already, that one is the answer and nothing is
   * sent. Errors: `bad-argument`, `too-large`, `not-found`, `not-member`, `quota`, `conflict` (the id belongs to a message that says something
   * else), those of the store.
   */
  async send(idOrName: string, given: string, { replyTo, msgId, attachments: attached = [] }: SendOptions = {}): Promise<StoredMessage> {
    // Line ends of other systems are line ends.
    const text = given.replace(/\r\n?/g, '\n');
    checkText(text, attached.length);
    for (const id of [replyTo, msgId]) {
      if (id !== undefined && !isGuid(id)) throw new ParleyError('bad-argument', 'the id of a message is a GUID in lower case');
    }
    const channel = this.#find(idOrName);
    const lifetime = this.#parts.timers.lifetime(channel);
    return this.#parts.sending.send(channel, { text, replyTo, lifetime, ...this.#parts.attachments.prepare(attached) }, msgId);
  }

  /**
   * Does something to a message that is here: its author edits or deletes it, whoever owns the channel deletes or pins it, anybody reacts to it.
   * `which`: its id, or its cursor. `text`: what it says from now on, or the emoji. On disk when it resolves, with the message as it stands then. Errors:
   * `bad-argument`, `too-large`, `not-found`, `not-member`, `refused`, `conflict` (it is deleted, or several bear the id), `quota`, those of the store.
   */
  async act(idOrName: string, kind: ActKind, which: string, given = ''): Promise<StoredMessage> {
    const channel = this.#find(idOrName);
    const text = given.replace(/\r\n?/g, '\n');
    const target = await this.#parts.acts.target(channel.id, kind, which, text);
    const { msgId, sender, seq } = target;
    const lifetime = remaining(target, this.#deps.ports.clock.now());
    await this.#parts.sending.send(channel, { text, lifetime, act: { kind, msgId, sender, seq } });
    return (await this.#parts.acts.settle(channel.id, sender, seq)) ?? target;
  }

  /**
   * Messages that are written from now on go after so many seconds; 0: they stay. On disk when it resolves. Errors: `bad-argument`, also for public
   * channels; `not-found`, `refused` where the own role does not allow it, those of `send`.
   */
  async setTimer(idOrName: string, seconds: number): Promise<ChannelInfo> {
    const channel = this.#find(idOrName);
    checkLifetime(seconds);
    if (channel.kind === 'public') throw new ParleyError('bad-argument', 'in a public channel nothing disappears: anybody may have a copy');
    if (channel.kind === 'closed') await this.closed.timer.set(channel.id, seconds);
    else await this.#parts.sending.send(channel, timerAct(channel, seconds));
    return this.#info(channel);
  }

  /**
   * The user has seen everything up to a place (`cursor` of a message). On disk when it resolves. Errors: `not-found`, `conflict`,
   * `bad-argument`, those of the store.
   */
  async markRead(idOrName: string, cursor: string): Promise<void> {
    const { id } = this.#find(idOrName);
    // What was said under an earlier key counts as read.
    if (!cursor.startsWith(`${id}/`) && this.archive.isIn(id, cursor)) return;
    checkCursor(id, cursor);
    // It may be seen before it is on disk, and with it that it is unread.
    await this.#parts.intake.settled(id);
    if (await this.#parts.unread.read(id, cursor)) this.#readChanged(id);
    this.events.emit('seen', { channelId: id, cursor });
  }

  /** The user shares more, or less, of what they do than before. */
  sharingChanged(): void {
    this.typing.sharingChanged();
    if (!this.#deps.shares().readMarks) this.#watch(this.#parts.readMarks.forgetAll());
  }

  /** Where an own message stands; undefined for others'. */
  delivery(msgId: string): Promise<DeliveryState | undefined> {
    return this.#parts.deliveries.of(msgId);
  }

  /** Channels that two nodes share, by id. */
  shared(a: string, b: string): string[] {
    return this.#parts.membership.directory.shared(a, b);
  }

  isJoined(channelId: string): boolean {
    return this.#parts.intake.isOpen(channelId);
  }

  isMember(channelId: string, nodeId: string): boolean {
    const channel = this.#parts.membership.directory.get(channelId);
    return channel !== undefined && this.#parts.membership.directory.isMember(channel, nodeId);
  }

  /** Whether two nodes share a channel, of any kind or of one. */
  share(a: string, b: string, kind?: ChannelKind): boolean {
    return this.#parts.membership.directory.share(a, b, kind);
  }

  async #open(channelId: string): Promise<void> {
    if (this.#parts.intake.isOpen(channelId)) return;
    await this.#parts.acts.open(channelId);
    await this.#parts.timers.open(channelId);
    await this.#parts.rewritten.open(channelId);
    await this.#parts.intake.open(channelId);
  }

  #onMessage(event: IntakeEvents['message']): void {
    const { message } = event;
    const { act, channelId } = message;
    this.#parts.expiry.kept(message);
    this.#watch(this.#parts.rewritten.kept(message));
    if (this.#parts.timers.heard(message)) this.events.emit('channel', { channelId });
    if (act) this.#parts.acts.kept(channelId);
    else this.events.emit('message', event);
    if (!this.#parts.acts.any(channelId)) return;
    const about = act ?? message;
    const settled = this.#parts.acts.settle(channelId, about.sender, about.seq, act && message).then((target) => {
      if (target && (act ? act.msgId === target.msgId : target.standing)) this.events.emit('changed', { message: target });
    });
    this.#watch(settled);
  }

  #receive(arrival: Arrival<DataOf<typeof MESSAGE>>): Awaitable<Verdict> {
    const { data, message, jws } = arrival;
    const channel = this.#parts.membership.directory.get(data.channel_id);
    if (jws) {
      if (channel && channel.kind !== 'public') return { verdict: 'drop', reason: 'closed-channel-in-clear' };
      return this.#parts.intake.receive(jws, data.message, message.via || [], data.attachment ?? []);
    }
    return channel?.joined ? this.#parts.sealed.receive(channel, arrival) : { verdict: 'refuse', reason: 'not a member' };
  }

  #info(channel: Channel): ChannelInfo {
    const members = this.#parts.membership.directory.members(channel).length;
    return {
      id: channel.id,
      name: channel.name,
      kind: channel.kind,
      joined: channel.joined,
      owner: channel.creator,
      nonce: channel.nonce,
      members: Math.max(members, channel.count ?? 0),
      unread: channel.joined ? this.#parts.unread.count(channel.id) : 0,
      timer: this.#parts.timers.of(channel),
      ended: channel.ended,
    };
  }

  #gone(channelId: string, messages: readonly StoredMessage[]): void {
    this.events.emit('expired', { channelId, messages });
    this.#readChanged(channelId);
  }

  #readChanged(channelId: string): void {
    this.events.emit('read', { channelId, unread: this.#parts.unread.count(channelId) });
  }

  #memberChanged(event: ChannelEvents['member']): void {
    const { channelId, nodeId, joined } = event;
    if (!joined) {
      this.#deps.overlay.abandon(nodeId, channelId);
    } else if (this.#parts.intake.isOpen(channelId) && nodeId !== this.#deps.identity.nodeId && this.#deps.overlay.reaches(nodeId)) {
      this.#parts.catchUp.met(nodeId);
    }
    this.events.emit('member', event);
  }

  #watch(task: Promise<void>): void {
    this.#scope.run(task, (error) => this.#deps.ports.log.error('a mark could not be kept', { error: String(error) }));
  }
}
