import type { Identity } from '../../identity/identity.ts';
import type { KeyBook } from '../../identity/ids.ts';
import type { Link } from '../../link/index.ts';
import type { Arrival, Overlay, Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { TableSpec } from '../../ports/store.ts';
import { type Awaitable, chain } from '../../util/awaitable.ts';
import { ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import { timeGuid } from '../../util/guid.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import { JwsReader } from '../../wire/jws.ts';
import { timestamp } from '../../wire/message.ts';
import type { DataOf } from '../../wire/verb.ts';
import { CatchUp } from './catch-up.ts';
import type { ChannelConfig } from './config.ts';
import { Deliveries, type DeliveryState, deliveryTables } from './deliveries.ts';
import type { Channel } from './directory.ts';
import { History, historyTables, type StoredMessage } from './history.ts';
import { Membership, membershipTables } from './membership.ts';
import { type ChannelMessage, checkText, readMessage, signMessage } from './message.ts';
import { SenderOrder, type Shown } from './sender-order.ts';
import { SeqSet } from './seq-set.ts';
import { MAX_MEMBERS, MESSAGE } from './verbs.ts';

export interface ChannelInfo {
  readonly id: string;
  readonly name: string;
  readonly joined: boolean;
  readonly closed: boolean;
  /** Key id of the owner, where the channel has one. */
  readonly owner: string | undefined;
  readonly members: number;
}

export interface ChannelEvents {
  /** A message to show, in order for each sender; `late` when it fills a gap that was shown already. */
  message: { readonly message: StoredMessage; readonly own: boolean; readonly late: boolean };
  /** Numbers of a sender that did not come in time. */
  gap: { readonly channelId: string; readonly sender: string; readonly from: number; readonly to: number };
  delivery: { readonly msgId: string; readonly delivery: DeliveryState };
  channel: { readonly channelId: string };
  member: { readonly channelId: string; readonly nodeId: string; readonly joined: boolean };
}

export interface ChannelDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly keys: KeyBook;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
}

export const channelTables: readonly TableSpec[] = [...historyTables, ...deliveryTables, ...membershipTables];

/** How far ahead of our clock a message may be dated (as for `auth`). */
const AHEAD_MS = 15 * 60_000;
const MARK_SAVE_MS = 2000;

/** What is held in memory of a joined channel. */
interface Open {
  /** Numbers on disk, by sender. */
  readonly held: Map<string, SeqSet>;
  /** The same, with those whose commit is under way. */
  readonly taken: Map<string, SeqSet>;
  readonly orders: Map<string, SenderOrder<StoredMessage>>;
  /** Messages whose commit is under way, by sender and number. */
  readonly storing: Map<string, string>;
  nextSeq: number;
  lastTimestamp: number;
}

/** Public channels: membership, messages, history (S2; DESIGN section 6). */
export class Channels {
  readonly events: Emitter<ChannelEvents>;
  readonly #deps: ChannelDeps;
  readonly #config: ChannelConfig;
  readonly #scope: Scope;
  readonly #membership: Membership;
  readonly #history: History;
  readonly #deliveries: Deliveries;
  readonly #catchUp: CatchUp;
  readonly #reader: JwsReader;
  readonly #open = new Map<string, Open>();

  constructor(deps: ChannelDeps, config: ChannelConfig) {
    const { ports, identity, overlay, metrics } = deps;
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(ports.clock);
    this.events = new Emitter((error) => ports.log.error('a listener failed', { error: String(error) }));
    this.#reader = new JwsReader(ports.crypto, deps.keys);
    this.#history = new History(ports.store);
    this.#deliveries = new Deliveries(ports.store);
    this.#membership = new Membership({ ports, identity, overlay }, config);
    this.#catchUp = new CatchUp(
      {
        ports,
        self: identity.nodeId,
        overlay,
        metrics,
        membership: this.#membership,
        history: this.#history,
        held: (channelId) => this.#open.get(channelId)?.held,
        ingest: (channelId, signed) => this.#ingest(channelId, signed),
      },
      config,
    );
    overlay.handle(MESSAGE, (arrival) => this.#onMessage(arrival));
    metrics.gauge('channels', () => this.#membership.directory.size);
  }

  async start(): Promise<void> {
    await this.#membership.start();
    for (const channel of this.#membership.directory.joined()) await this.#openChannel(channel);
    this.#catchUp.start();
    const { events } = this.#membership;
    this.#scope.add(events.on('channel', (event) => this.events.emit('channel', event)));
    this.#scope.add(events.on('member', (event) => this.#memberChanged(event)));
    this.#scope.add(this.#deps.overlay.events.on('delivery', (delivery) => this.#watch(this.#onDelivery(delivery))));
    this.#scope.every(
      () => MARK_SAVE_MS,
      () => this.#saveMarks(),
    );
  }

  async close(): Promise<void> {
    await this.#catchUp.close();
    await this.#scope.close();
    await this.#membership.close();
    await this.#deps.ports.store.commit(this.#deliveries.takeWrites());
  }

  /** Brings a new neighbour up to date. */
  greet(link: Link): void {
    this.#membership.greet(link);
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
    const { directory } = this.#membership;
    const direct = directory.get(idOrName);
    if (direct) return direct;
    const name = idOrName.replace(/^#/, '');
    const named = directory.all().filter((channel) => channel.name === name);
    const joined = named.filter((channel) => channel.joined);
    const [only, ...others] = joined.length > 0 ? joined : named;
    if (!only) throw new ParleyError('not-found', `no channel #${name} is known here`);
    if (others.length > 0) {
      throw new ParleyError('conflict', `several channels are called #${name}: use the id`, {
        data: { ids: named.map((channel) => channel.id) },
      });
    }
    return only;
  }

  /** Members of a channel, by node id. */
  members(channelId: string): string[] {
    const channel = this.#membership.directory.get(channelId);
    if (!channel) throw new ParleyError('not-found', 'no such channel is known here');
    return this.#membership.directory.members(channel);
  }

  /** Errors: `bad-argument`, `quota`, those of the store. */
  async create(name: string): Promise<ChannelInfo> {
    const clean = name.replace(/^#/, '');
    if (!/^[^#\s\p{C}]{1,64}$/u.test(clean)) {
      throw new ParleyError('bad-argument', 'a channel name has 1 to 64 characters, without spaces, control characters and #');
    }
    const channel = await this.#membership.create(clean);
    await this.#openChannel(channel);
    return this.#info(channel);
  }

  /** Errors: `not-found`, `conflict`, `quota`, those of the store. */
  async join(idOrName: string): Promise<ChannelInfo> {
    const { id } = this.#find(idOrName);
    const channel = await this.#membership.join(id);
    await this.#openChannel(channel);
    this.#catchUp.joined(channel);
    return this.#info(channel);
  }

  /** Errors: `not-found`, `conflict`, `not-member`, those of the store. */
  async leave(idOrName: string): Promise<void> {
    const { id } = this.#find(idOrName);
    await this.#membership.leave(id);
    this.#open.delete(id);
  }

  /** Signs and sends. On disk when it resolves. Errors: `bad-argument`, `too-large`, `not-found`, `not-member`, `quota`, those of the store. */
  async send(idOrName: string, given: string): Promise<StoredMessage> {
    // Line ends of other systems are line ends.
    const text = given.replace(/\r\n?/g, '\n');
    checkText(text);
    const channel = this.#find(idOrName);
    const { id } = channel;
    const open = this.#open.get(id);
    if (!channel.joined || !open) throw new ParleyError('not-member', `join #${channel.name} before sending to it`);
    const { identity, overlay, ports } = this.#deps;
    const now = ports.clock.now();
    // Number and time are taken before anything is awaited: messages sent together keep their order.
    const seq = open.nextSeq++;
    // A clock that is set back must not put the next message before the last.
    open.lastTimestamp = Math.max(now, open.lastTimestamp);
    const unsigned = { channelId: id, msgId: timeGuid(ports.random, now), seq, timestamp: open.lastTimestamp, text, attachments: [] };
    const signed = await signMessage(identity, unsigned);
    const message: ChannelMessage = { ...unsigned, sender: identity.nodeId, keyId: identity.keyId };
    const recipients = this.#recipients(channel);
    const receipts = recipients.length < this.#config.receiptsUpTo;
    const taken = setOf(open.taken, identity.nodeId);
    taken.add(seq);
    const writes = this.#history.writes(message, signed, taken, now, []);
    this.#deliveries.begin(message.msgId, recipients, receipts);
    const sent = overlay.entrust(
      MESSAGE,
      {
        msg_id: message.msgId,
        recipient: recipients.map((nodeId) => ({ node_id: nodeId })),
        timestamp: timestamp(message.timestamp),
        channel: channel.name,
        channel_id: id,
        message: signed,
      },
      { msgId: message.msgId, recipients, receipts, group: id, alongside: writes },
    );
    try {
      await sent;
    } catch (error) {
      taken.delete(seq);
      if (open.nextSeq === seq + 1) open.nextSeq = seq;
      throw error;
    }
    setOf(open.held, identity.nodeId).add(seq);
    this.#deps.metrics.count('messages_sent');
    const stored = this.#stored(message, writes[0]?.key ?? '', now, []);
    this.events.emit('message', { message: stored, own: true, late: false });
    return stored;
  }

  /** A page of history, oldest first; see `History.page`. Errors: `not-found`, `conflict`, those of the store. */
  history(idOrName: string, options: { before?: string; after?: string; limit: number }): Promise<StoredMessage[]> {
    return this.#history.page(this.#find(idOrName).id, options);
  }

  /** Full-text search of what this node holds. */
  search(query: string, options: { channel?: string; limit: number }): Promise<StoredMessage[]> {
    const where = options.channel === undefined ? {} : { channelId: this.#find(options.channel).id };
    return this.#history.search(query, { ...where, limit: options.limit });
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
    return this.#open.has(channelId);
  }

  /** Whether two nodes share a channel. */
  share(a: string, b: string): boolean {
    return this.#membership.directory.share(a, b);
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
      joined: channel.joined,
      closed: channel.closed,
      owner: channel.creator,
      members: Math.max(members, channel.count ?? 0),
    };
  }

  async #openChannel(channel: Channel): Promise<void> {
    if (this.#open.has(channel.id)) return;
    const held = await this.#history.held(channel.id);
    const taken = new Map([...held].map(([sender, set]) => [sender, new SeqSet(set.toJSON())]));
    if (this.#open.has(channel.id)) return;
    const own = held.get(this.#deps.identity.nodeId)?.highest ?? 0;
    this.#open.set(channel.id, { held, taken, orders: new Map(), storing: new Map(), nextSeq: own + 1, lastTimestamp: 0 });
  }

  #onMessage({ data, message }: Arrival<DataOf<typeof MESSAGE>>): Awaitable<Verdict> {
    return chain(readMessage(this.#reader, data.message), (read) => {
      if (typeof read === 'string') return { verdict: 'drop', reason: read };
      const agrees =
        read.msgId === data.msg_id &&
        read.sender === data.node_id &&
        read.channelId === data.channel_id &&
        timestamp(read.timestamp) === data.timestamp;
      if (!agrees) return { verdict: 'drop', reason: 'message-fields' };
      return this.#admit(read, data.message, message.via || []);
    });
  }

  async #ingest(channelId: string, signed: string): Promise<void> {
    const read = await readMessage(this.#reader, signed);
    const verdict: Verdict =
      typeof read === 'string'
        ? { verdict: 'drop', reason: read }
        : read.channelId === channelId
          ? this.#admit(read, signed, [])
          : { verdict: 'drop', reason: 'message-fields' };
    if (verdict.verdict !== 'accept') {
      this.#deps.metrics.reject(verdict.reason);
      return;
    }
    if (!verdict.writes) return;
    try {
      await this.#deps.ports.store.commit(verdict.writes);
    } catch (error) {
      verdict.failed?.();
      throw error;
    }
    verdict.done?.();
  }

  /** Decides on a message whose signature fits. */
  #admit(message: ChannelMessage, signed: string, via: readonly string[]): Verdict {
    const { metrics, ports } = this.#deps;
    const channel = this.#membership.directory.get(message.channelId);
    const open = this.#open.get(message.channelId);
    if (!channel?.joined || !open) return { verdict: 'refuse', reason: 'not a member' };
    const now = ports.clock.now();
    if (message.timestamp > now + AHEAD_MS) return { verdict: 'refuse', reason: 'dated ahead' };
    const receipt = this.#membership.directory.members(channel).length <= this.#config.receiptsUpTo;
    const held = setOf(open.held, message.sender);
    if (message.seq <= held.floor) return { verdict: 'drop', reason: 'message-too-old' };
    if (held.has(message.seq)) {
      metrics.count('duplicates', MESSAGE.name);
      return { verdict: 'accept', receipt };
    }
    const place = `${message.sender}/${message.seq}`;
    const under = open.storing.get(place);
    if (under !== undefined && under !== message.msgId) return { verdict: 'drop', reason: 'message-number-taken' };
    const taken = setOf(open.taken, message.sender);
    taken.add(message.seq);
    const writes = this.#history.writes(message, signed, taken, now, via);
    if (under !== undefined) return { verdict: 'accept', writes, receipt };
    open.storing.set(place, message.msgId);
    return {
      verdict: 'accept',
      writes,
      receipt,
      failed: () => {
        open.storing.delete(place);
        taken.delete(message.seq);
      },
      done: () => {
        open.storing.delete(place);
        held.add(message.seq);
        if (message.sender === this.#deps.identity.nodeId) open.nextSeq = Math.max(open.nextSeq, message.seq + 1);
        metrics.count('messages_received');
        this.#membership.heard(channel, message.sender);
        this.#show(open, this.#stored(message, writes[0]?.key ?? '', now, via));
      },
    };
  }

  #stored(message: ChannelMessage, cursor: string, received: number, via: readonly string[]): StoredMessage {
    return { ...message, cursor, received, via };
  }

  /** Shows in the order of each sender's numbers. */
  #show(open: Open, message: StoredMessage): void {
    let order = open.orders.get(message.sender);
    if (!order) {
      order = new SenderOrder({ waitMs: this.#config.gapWaitMs, capacity: this.#config.gapCapacity, next: this.#nextShown(open, message) });
      open.orders.set(message.sender, order);
    }
    this.#emit(message, order.add(message.seq, message, this.#now()));
    if (order.deadline !== undefined) this.#wakeAt(order, message);
  }

  /** The number to show first after a start: the one after those that were held before this one came. */
  #nextShown(open: Open, message: StoredMessage): number {
    const before = open.held.get(message.sender)?.below(message.seq) ?? 0;
    return before === 0 ? message.seq : before + 1;
  }

  #wakeAt(order: SenderOrder<StoredMessage>, message: StoredMessage): void {
    const wait = (order.deadline ?? 0) - this.#now();
    this.#scope.after(Math.max(0, wait), () => {
      this.#emit(message, order.due(this.#now()));
      if (order.deadline !== undefined) this.#wakeAt(order, message);
    });
  }

  #emit({ channelId, sender }: StoredMessage, shown: readonly Shown<StoredMessage>[]): void {
    const own = sender === this.#deps.identity.nodeId;
    for (const next of shown) {
      if ('gap' in next) this.events.emit('gap', { channelId, sender, ...next.gap });
      else this.events.emit('message', { message: next.item, own, late: next.late });
    }
  }

  async #onDelivery(delivery: Parameters<Deliveries['apply']>[0]): Promise<void> {
    const state = await this.#deliveries.apply(delivery);
    if (state) this.events.emit('delivery', { msgId: delivery.msgId, delivery: state });
  }

  #memberChanged(event: ChannelEvents['member']): void {
    const { channelId, nodeId, joined } = event;
    if (!joined) {
      this.#deps.overlay.abandon(nodeId, channelId);
    } else if (this.#open.has(channelId) && nodeId !== this.#deps.identity.nodeId && this.#deps.overlay.reaches(nodeId)) {
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

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}

function setOf(sets: Map<string, SeqSet>, sender: string): SeqSet {
  let set = sets.get(sender);
  if (!set) {
    set = new SeqSet();
    sets.set(sender, set);
  }
  return set;
}
