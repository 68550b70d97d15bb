import type { Identity } from '../../identity/identity.ts';
import type { KeyBook } from '../../identity/ids.ts';
import type { Link } from '../../link/index.ts';
import type { Arrival, Overlay, Sealing, Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { TableSpec } from '../../ports/store.ts';
import type { Awaitable } from '../../util/awaitable.ts';
import { base64 } from '../../util/base64.ts';
import { ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import { isGuid } from '../../util/guid.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import { JwsReader } from '../../wire/jws.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { ActKind } from './act.ts';
import { Acts, actTables } from './acts.ts';
import { Attached } from './attached.ts';
import { Attachments, attachmentTables } from './attachments.ts';
import { CatchUp } from './catch-up.ts';
import { membershipTables } from './channel-store.ts';
import { Closed, closedTables, type HistoryPolicy } from './closed/index.ts';
import type { ChannelConfig } from './config.ts';
import { Deliveries, type DeliveryState, deliveryTables } from './deliveries.ts';
import type { Channel, ChannelKind } from './directory.ts';
import { History, historyTables } from './history.ts';
import { checkCursor } from './history-keys.ts';
import type { StoredMessage } from './history-row.ts';
import { Intake, type IntakeEvents } from './intake.ts';
import { type Conversation, checkNonce, Membership } from './membership.ts';
import { checkText } from './message.ts';
import { checkName, findChannel } from './names.ts';
import { SealedMessages } from './sealed-messages.ts';
import { Sending, type SendOptions } from './sending.ts';
import { Unread, unreadTables } from './unread.ts';
import { MAX_MEMBERS, MESSAGE } from './verbs.ts';

export interface ChannelInfo {
  readonly id: string;
  readonly name: string;
  readonly kind: ChannelKind;
  readonly joined: boolean;
  /** Key id of the owner, where the channel has one. */
  readonly owner: string | undefined;
  readonly members: number;
  /** Messages of others that the user has not seen, counted up to 10,000; none where the channel is not joined. */
  readonly unread: number;
}

export interface ChannelEvents extends Omit<IntakeEvents, 'unread'> {
  /** The number of unread messages of a channel is another now. */
  read: { readonly channelId: string; readonly unread: number };
  /** A message is not what it was: edited, deleted, reacted to, pinned. */
  changed: { readonly message: StoredMessage };
  delivery: { readonly msgId: string; readonly delivery: DeliveryState };
  channel: { readonly channelId: string };
  /** What is attached to messages of a channel has come. */
  attachment: { readonly channelId: string; readonly sha256: string };
  member: { readonly channelId: string; readonly nodeId: string; readonly joined: boolean };
}

export interface ChannelDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly keys: KeyBook;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
  /** Whom to seal to, by node id. */
  readonly target: (nodeId: string) => Promise<SealingTarget>;
}

export const channelTables: readonly TableSpec[] = [
  ...historyTables,
  ...actTables,
  ...unreadTables,
  ...deliveryTables,
  ...membershipTables,
  ...closedTables,
  ...attachmentTables,
];

const MARK_SAVE_MS = 2000;

/** Channels: membership, messages, history (S2; DESIGN section 6). */
export class Channels {
  readonly events: Emitter<ChannelEvents>;
  /** Channels of invited members. */
  readonly closed: Closed;
  readonly #deps: ChannelDeps;
  readonly #scope: Scope;
  readonly #membership: Membership;
  readonly #history: History;
  readonly #deliveries: Deliveries;
  readonly #catchUp: CatchUp;
  readonly #intake: Intake;
  readonly #sealed: SealedMessages;
  readonly #unread: Unread;
  readonly attached: Attached;
  readonly #attachments: Attachments;
  readonly #acts: Acts;
  readonly #sending: Sending;

  constructor(deps: ChannelDeps, config: ChannelConfig) {
    const { ports, identity, overlay, metrics } = deps;
    this.#deps = deps;
    this.#scope = new Scope(ports.clock);
    this.events = new Emitter((error) => ports.log.error('a listener failed', { error: String(error) }));
    this.#history = new History(ports.store, identity.nodeId);
    this.#unread = new Unread(ports.store);
    this.#attachments = new Attachments({
      store: ports.store,
      crypto: ports.crypto,
      metrics,
      completed: (channelId, sha256) => this.events.emit('attachment', { channelId, sha256 }),
    });
    this.#acts = new Acts({
      store: ports.store,
      history: this.#history,
      attachments: this.#attachments,
      self: identity,
      creatorOf: (channelId) => this.#membership.directory.get(channelId)?.creator,
      moderates: (channelId, keyId) => this.closed.moderates(channelId, keyId),
    });
    this.#deliveries = new Deliveries(ports.store);
    this.#membership = new Membership({ ports, identity, overlay }, config);
    const reader = new JwsReader(ports.crypto, deps.keys);
    const self = identity.nodeId;
    this.#intake = new Intake(
      {
        ports,
        self,
        reader,
        metrics,
        membership: this.#membership,
        history: this.#history,
        unread: this.#unread,
        attachments: this.#attachments,
      },
      config,
    );
    this.#sealed = new SealedMessages(reader, this.#intake);
    this.#catchUp = new CatchUp(
      {
        ports,
        self,
        overlay,
        metrics,
        membership: this.#membership,
        history: this.#history,
        intake: this.#intake,
        sealed: this.#sealed,
        attachments: this.#attachments,
      },
      config,
    );
    this.attached = new Attached({
      attachments: this.#attachments,
      catchUp: this.#catchUp,
      present: (channelId) => this.members(channelId).filter((nodeId) => nodeId !== self && overlay.reaches(nodeId)),
    });
    this.closed = new Closed(
      {
        ports,
        identity,
        keys: deps.keys,
        reader,
        overlay,
        target: deps.target,
        converse: (about) => this.converse(about),
        endConversation: (channelId) => this.endConversation(channelId),
      },
      config,
    );
    this.sealWith('closed', this.closed.sealing);
    this.#sending = new Sending(
      {
        ports,
        identity,
        overlay,
        metrics,
        history: this.#history,
        intake: this.#intake,
        catchUp: this.#catchUp,
        sealed: this.#sealed,
        deliveries: this.#deliveries,
        recipients: (channel) => this.#recipients(channel),
      },
      config,
    );
    overlay.handle(MESSAGE, (arrival) => this.#receive(arrival));
    metrics.gauge('channels', () => this.#membership.directory.size);
  }

  async start(): Promise<void> {
    await this.#membership.start();
    for (const channel of this.#membership.directory.joined()) await this.#open(channel.id);
    this.#catchUp.start();
    await this.closed.start();
    const { events } = this.#membership;
    this.#scope.add(this.#intake.events.on('message', (event) => this.#onMessage(event)));
    this.#scope.add(this.#intake.events.on('gap', (event) => this.events.emit('gap', event)));
    this.#scope.add(this.#intake.events.on('unread', ({ channelId }) => this.#readChanged(channelId)));
    this.#scope.add(events.on('channel', (event) => this.events.emit('channel', event)));
    this.#scope.add(events.on('member', (event) => this.#memberChanged(event)));
    this.#scope.add(this.#deps.overlay.events.on('delivery', (delivery) => this.#watch(this.#onDelivery(delivery))));
    this.#scope.every(
      () => MARK_SAVE_MS,
      () => this.#saveMarks(),
    );
  }

  async close(): Promise<void> {
    await this.closed.close();
    await this.#catchUp.close();
    await this.#intake.close();
    await this.#scope.close();
    await this.#membership.close();
    await this.#deps.ports.store.commit(this.#deliveries.takeWrites());
  }

  /** Brings a new neighbour up to date. */
  greet(link: Link): void {
    this.#membership.greet(link);
  }

  /** Declares how conversations of a kind are sealed. Before `start`. */
  sealWith(kind: 'closed' | 'direct', sealing: Sealing): void {
    this.#sealed.use(kind, sealing);
  }

  /**
   * Takes part in a sealed conversation, on whose members the caller decides; called again it changes name and members. On disk when it
   * resolves. Errors: `quota`, those of the store.
   */
  async converse(about: Conversation): Promise<ChannelInfo> {
    const fresh = !this.#membership.directory.get(about.id)?.joined;
    const channel = await this.#membership.converse(about);
    await this.#open(channel.id);
    if (fresh) this.#catchUp.joined(channel);
    return this.#info(channel);
  }

  /** What the members of a conversation lack they can be told now. */
  meet = (id: string): void => this.#catchUp.joined(this.#membership.directory.get(id));

  /** Takes part no more. What was written is kept. Errors: those of the store. */
  async endConversation(id: string): Promise<void> {
    this.#intake.forget(id);
    await this.#membership.endConversation(id);
  }

  list(): ChannelInfo[] {
    return this.#membership.directory
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
    return findChannel(this.#membership.directory, idOrName);
  }

  /** Of a channel that is known here. */
  kindOf = (channelId: string): ChannelKind | undefined => this.#membership.directory.get(channelId)?.kind;

  /** Members of a channel, by node id. */
  members(channelId: string): string[] {
    const channel = this.#membership.directory.get(channelId);
    if (!channel) throw new ParleyError('not-found', 'no such channel is known here');
    return this.#membership.directory.members(channel);
  }

  /**
   * Makes a channel and joins it. With a `nonce` (base64 of 32 bytes) of the caller's the same call again changes nothing: the channel that it
   * made is the answer. Errors: `bad-argument`, `conflict`, `quota`, those of the store.
   */
  async create(name: string, nonce?: string): Promise<ChannelInfo> {
    const channel = await this.#membership.create(checkName(name), nonce);
    this.#catchUp.made(channel);
    if (channel.joined) await this.#open(channel.id);
    return this.#info(channel);
  }

  /** The same of a closed channel. `history`: what those who come later may read of the time before. */
  async createClosed(name: string, history: HistoryPolicy = 'all', nonce?: string): Promise<ChannelInfo> {
    const drawn = nonce ?? base64(this.#deps.ports.random.bytes(32));
    const id = await this.closed.create(checkName(name), checkNonce(drawn), history);
    const channel = this.#find(id);
    this.#catchUp.made(channel);
    return this.#info(channel);
  }

  /** Errors: `not-found`, `conflict`, `quota`, those of the store. */
  async join(idOrName: string): Promise<ChannelInfo> {
    const { id } = this.#find(idOrName);
    const channel = await this.#membership.join(id);
    await this.#open(channel.id);
    this.#catchUp.joined(channel);
    return this.#info(channel);
  }

  /** Errors: `not-found`, `conflict`, `not-member`, `bad-argument`, those of the store. */
  async leave(idOrName: string): Promise<void> {
    const { id, kind } = this.#find(idOrName);
    if (kind === 'direct') throw new ParleyError('bad-argument', 'a conversation between two is not left: remove or block the contact');
    if (kind === 'closed') return this.closed.leave(id);
    await this.#membership.leave(id);
    this.#intake.forget(id);
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
    return this.#sending.send(channel, { text, replyTo, ...this.#attachments.prepare(attached) }, msgId);
  }

  /**
   * Does something to a message that is here: its author edits or deletes it, whoever owns the channel deletes or pins it, anybody reacts to it.
   * `text`: what it says from now on, or the emoji. On disk when it resolves, with the message as it stands then. Errors: `bad-argument`, `too-large`,
   * `not-found`, `not-member`, `refused`, `conflict` (it is deleted), `quota`, those of the store.
   */
  async act(idOrName: string, kind: ActKind, msgId: string, given = ''): Promise<StoredMessage> {
    const channel = this.#find(idOrName);
    const text = given.replace(/\r\n?/g, '\n');
    const target = await this.#acts.target(channel.id, kind, msgId, text);
    const { sender, seq } = target;
    await this.#sending.send(channel, { text, act: { kind, msgId, sender, seq } });
    return (await this.#acts.settle(channel.id, sender, seq)) ?? target;
  }

  /** The pinned messages of a channel, in the order in which they were pinned. Errors: `not-found`, `conflict`, those of the store. */
  pinned(idOrName: string): Promise<StoredMessage[]> {
    return this.#acts.pinned(this.#find(idOrName).id);
  }

  /**
   * The user has seen everything up to a place (`cursor` of a message). On disk when it resolves. Errors: `not-found`, `conflict`,
   * `bad-argument`, those of the store.
   */
  async markRead(idOrName: string, cursor: string): Promise<void> {
    const { id } = this.#find(idOrName);
    checkCursor(id, cursor);
    if (await this.#unread.read(id, cursor)) this.#readChanged(id);
  }

  /** A page of history, oldest first; see `History.page`. Errors: `not-found`, `conflict`, those of the store. */
  history(idOrName: string, options: { before?: string; after?: string; limit: number }): Promise<StoredMessage[]> {
    return this.#history.page(this.#find(idOrName).id, options).then((page) => this.#acts.dress(page));
  }

  /** The message of a channel with this id, if this node holds it. Errors: `not-found` for the channel, `conflict`, those of the store. */
  async message(idOrName: string, msgId: string): Promise<StoredMessage | undefined> {
    const found = await this.#history.find(this.#find(idOrName).id, msgId);
    return found && !found.act ? (await this.#acts.dress([found]))[0] : undefined;
  }

  /** Full-text search of what this node holds. */
  async search(query: string, options: { channel?: string; limit: number }): Promise<StoredMessage[]> {
    const where = options.channel === undefined ? {} : { channelId: this.#find(options.channel).id };
    const found = await this.#acts.dress(await this.#history.search(query, { ...where, limit: options.limit }));
    return found.filter(({ standing }) => !standing?.deleted);
  }

  /** How many numbers of its sender are missing before a message. Acts are not shown, and not missing; what is older than all that is held neither. */
  missingBefore({ channelId, sender, seq }: StoredMessage): number {
    const before = this.#intake.held(channelId)?.get(sender)?.held.below(seq) ?? 0;
    return before === 0 ? 0 : seq - 1 - before;
  }

  /** Where an own message stands; undefined for others'. */
  delivery(msgId: string): Promise<DeliveryState | undefined> {
    return this.#deliveries.of(msgId);
  }

  /** Channels that two nodes share, by id. */
  shared(a: string, b: string): string[] {
    return this.#membership.directory.shared(a, b);
  }

  isJoined(channelId: string): boolean {
    return this.#intake.isOpen(channelId);
  }

  isMember(channelId: string, nodeId: string): boolean {
    const channel = this.#membership.directory.get(channelId);
    return channel !== undefined && this.#membership.directory.isMember(channel, nodeId);
  }

  /** Whether two nodes share a channel. */
  share(a: string, b: string): boolean {
    return this.#membership.directory.share(a, b);
  }

  async #open(channelId: string): Promise<void> {
    if (this.#intake.isOpen(channelId)) return;
    await this.#acts.open(channelId);
    await this.#intake.open(channelId);
  }

  #onMessage(event: IntakeEvents['message']): void {
    const { message } = event;
    const { act, channelId } = message;
    if (act) this.#acts.kept(channelId);
    else this.events.emit('message', event);
    if (!this.#acts.any(channelId)) return;
    const about = act ?? message;
    const settled = this.#acts.settle(channelId, about.sender, about.seq).then((target) => {
      if (target && (act ? act.msgId === target.msgId : target.standing)) this.events.emit('changed', { message: target });
    });
    this.#watch(settled);
  }

  #receive(arrival: Arrival<DataOf<typeof MESSAGE>>): Awaitable<Verdict> {
    const { data, message, jws } = arrival;
    const channel = this.#membership.directory.get(data.channel_id);
    if (jws) {
      if (channel && channel.kind !== 'public') return { verdict: 'drop', reason: 'closed-channel-in-clear' };
      return this.#intake.receive(jws, data.message, message.via || [], data.attachment ?? []);
    }
    return channel?.joined ? this.#sealed.receive(channel, arrival) : { verdict: 'refuse', reason: 'not a member' };
  }

  #recipients(channel: Channel): string[] {
    const { identity, overlay } = this.#deps;
    const all = this.#membership.directory.recipients(channel, (nodeId) => overlay.reaches(nodeId));
    return all.filter((nodeId) => nodeId !== identity.nodeId).slice(0, MAX_MEMBERS);
  }

  #info(channel: Channel): ChannelInfo {
    const members = this.#membership.directory.members(channel).length;
    return {
      id: channel.id,
      name: channel.name,
      kind: channel.kind,
      joined: channel.joined,
      owner: channel.creator,
      members: Math.max(members, channel.count ?? 0),
      unread: channel.joined ? this.#unread.count(channel.id) : 0,
    };
  }

  async #onDelivery(delivery: Parameters<Deliveries['apply']>[0]): Promise<void> {
    const state = await this.#deliveries.apply(delivery);
    if (state) this.events.emit('delivery', { msgId: delivery.msgId, delivery: state });
  }

  #readChanged(channelId: string): void {
    this.events.emit('read', { channelId, unread: this.#unread.count(channelId) });
  }

  #memberChanged(event: ChannelEvents['member']): void {
    const { channelId, nodeId, joined } = event;
    if (!joined) {
      this.#deps.overlay.abandon(nodeId, channelId);
    } else if (this.#intake.isOpen(channelId) && nodeId !== this.#deps.identity.nodeId && this.#deps.overlay.reaches(nodeId)) {
      this.#catchUp.met(nodeId);
    }
    this.events.emit('member', event);
  }

  #saveMarks(): void {
    const writes = this.#deliveries.takeWrites();
    if (writes.length > 0) this.#watch(this.#deps.ports.store.commit(writes));
  }

  #watch(task: Promise<void>): void {
    this.#scope.run(task, (error) => this.#deps.ports.log.error('a mark could not be kept', { error: String(error) }));
  }
}
