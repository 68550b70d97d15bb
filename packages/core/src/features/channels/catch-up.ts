import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { LruMap } from '../../util/bounded.ts';
import { randomGuid } from '../../util/guid.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { JsonObject } from '../../wire/json.ts';
import type { DataOf, Verb } from '../../wire/verb.ts';
import type { Attachments } from './attachments.ts';
import type { ChannelConfig } from './config.ts';
import { Contents } from './contents.ts';
import type { Channel } from './directory.ts';
import { Giving } from './giving.ts';
import type { History } from './history.ts';
import type { Holding } from './holdings.ts';
import type { Intake } from './intake.ts';
import { Lacks, type LacksDeps } from './lacks.ts';
import type { Membership } from './membership.ts';
import type { ChannelMessage } from './message.ts';
import { type Offer, offerOf } from './offers.ts';
import { OwnNumbers } from './own-numbers.ts';
import { Pacing } from './pacing.ts';
import type { SealedMessages } from './sealed-messages.ts';
import { HAVE, HISTORY, MAX_SENDERS, WANT } from './verbs.ts';
import { Visible } from './visible.ts';
import { Wanting } from './wanting.ts';

/** A member is asked for the same again only after this long. */
const ASK_AGAIN_MS = 5000;
/** A member that has less is told so only after this long. */
const TELL_AGAIN_MS = 5000;

export interface CatchUpDeps {
  readonly ports: Ports;
  readonly self: string;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
  readonly membership: Membership;
  readonly history: History;
  readonly intake: Intake;
  readonly sealed: SealedMessages;
  readonly attachments: Attachments;
}

/** HAVE, WANT and HISTORY: members tell each other what they hold and fetch what they lack, so that all converge, whoever was away (WIRE). */
export class CatchUp {
  readonly #deps: CatchUpDeps;
  readonly #config: ChannelConfig;
  readonly #scope: Scope;
  /** What a member said it has, by member and channel. */
  readonly #theirs = new LruMap<string, ReadonlyMap<string, Offer>>(500);
  readonly #asked: Pacing;
  readonly #told: Pacing;
  readonly own: OwnNumbers;
  readonly #visible: Visible;
  readonly #contents: Contents;
  readonly #giving: Giving;
  readonly #wanting: Wanting;
  readonly #lacks: Lacks;

  constructor(deps: CatchUpDeps, config: ChannelConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.ports.clock);
    this.#asked = new Pacing(deps.ports.clock, this.#scope, ASK_AGAIN_MS);
    this.#told = new Pacing(deps.ports.clock, this.#scope, TELL_AGAIN_MS);
    this.#visible = new Visible(deps.ports.store, deps.sealed);
    const others = (channelId: string): string[] => this.#others(deps.membership.directory.get(channelId));
    this.own = new OwnNumbers({ store: deps.ports.store, scope: this.#scope, others });
    this.#wanting = new Wanting(config);
    this.#contents = new Contents(deps.attachments, deps.metrics);
    this.#giving = new Giving({ ports: deps.ports, history: deps.history, visible: this.#visible, contents: this.#contents });
    const present = (channelId: string): string[] => {
      const channel = deps.membership.directory.get(channelId);
      return channel?.joined ? this.#present(channel) : [];
    };
    const ask: LacksDeps['ask'] = (channelId, nodeId, theirs) => {
      const channel = deps.membership.directory.get(channelId);
      const held = deps.intake.held(channelId);
      if (channel && held) this.#ask(channel, nodeId, theirs, held);
    };
    this.#lacks = new Lacks(
      { scope: this.#scope, clock: deps.ports.clock, random: deps.ports.random, intake: deps.intake, present, ask },
      config,
    );
    for (const from of [deps.overlay, deps.overlay.sealed]) {
      from.handle(HAVE, (arrival) => this.#onHave(arrival));
      from.handle(WANT, (arrival) => this.#onWant(arrival));
      from.handle(HISTORY, (arrival) => this.#onHistory(arrival));
    }
  }

  start(): void {
    const { random } = this.#deps.ports;
    this.#scope.every(
      () => this.#config.haveEveryMs * (0.67 + 0.66 * random.number()),
      () => {
        for (const channel of this.#deps.membership.directory.joined()) this.#meet(channel, 1);
      },
    );
    this.#scope.add(
      this.#deps.overlay.events.on('presence', ({ nodeId, present }) => {
        if (present) this.met(nodeId);
      }),
    );
    this.#lacks.start();
  }

  close(): Promise<void> {
    this.own.close();
    return this.#scope.close();
  }

  /** A node came into reach: a few members of each channel that we share tell it what they have. */
  met(nodeId: string): void {
    const { membership, overlay, ports } = this.#deps;
    for (const channel of membership.directory.joined()) {
      if (!membership.directory.isMember(channel, nodeId)) continue;
      const present = membership.directory.members(channel).filter((id) => overlay.reaches(id)).length;
      if (ports.random.number() >= this.#config.haveOnMeeting / Math.max(1, present - 1)) continue;
      this.#scope.after(200 + 1800 * ports.random.number(), () => this.#tell(channel, nodeId));
    }
  }

  /** We have just joined: a few members hear what we have, which is nothing, and so tell us. */
  joined(channel: Channel | undefined): void {
    if (channel?.joined) this.#scope.after(200, () => this.#meet(channel, this.#config.haveOnMeeting));
  }

  /** There is something that is not known here: a few members hear what is. */
  ask(channelId: string): void {
    const channel = this.#deps.membership.directory.get(channelId);
    if (channel?.joined) this.#meet(channel, this.#config.haveOnMeeting);
  }

  /** The channel is new: nobody can hold anything of it. */
  made(channel: Channel): void {
    this.own.made(channel.id);
  }

  /** Undefined where there is nothing to wait for before an own message is numbered; else it resolves when that is known. */
  ownNumbers(channel: Channel): Promise<void> | undefined {
    const held = this.#deps.intake.held(channel.id)?.get(this.#deps.self);
    const begun = held !== undefined && held.taken.highest > 0 && !this.own.inDoubt(channel.id);
    if (this.own.isKnown(channel.id) || begun || this.#present(channel).length === 0) return undefined;
    return this.own.wait(channel.id, () => this.#meet(channel, this.#config.haveOnMeeting));
  }

  /** A member has said what it holds, or given it. */
  #compareOwn(channel: Channel, member: string, theirs: ReadonlyMap<string, Offer>, held: ReadonlyMap<string, Holding>): void {
    const { self } = this.#deps;
    if ((theirs.get(self)?.seq ?? 0) <= (held.get(self)?.held.highest ?? 0)) this.own.agrees(channel.id, member);
  }

  #others(channel: Channel | undefined): string[] {
    const { membership, self } = this.#deps;
    return channel ? membership.directory.members(channel).filter((id) => id !== self) : [];
  }

  #present(channel: Channel): string[] {
    return this.#others(channel).filter((id) => this.#deps.overlay.reaches(id));
  }

  #meet(channel: Channel, count: number): void {
    const { ports } = this.#deps;
    const present = this.#present(channel);
    for (let i = 0; i < count && present.length > 0; i++) {
      const [nodeId] = present.splice(Math.floor(ports.random.number() * present.length), 1);
      if (nodeId !== undefined) this.#tell(channel, nodeId);
    }
  }

  #tell(channel: Channel, nodeId: string): void {
    this.#told.done(`${nodeId} ${channel.id}`);
    this.#watch(this.#sayHave(channel, nodeId));
  }

  async #sayHave(channel: Channel, nodeId: string): Promise<void> {
    const held = this.#deps.intake.held(channel.id);
    if (!channel.joined || !held) return;
    // Where own numbers are in doubt they are left out: so whoever holds any answers.
    const silent = this.own.inDoubt(channel.id) ? this.#deps.self : undefined;
    const all = [...held].filter(([id, { held: set }]) => set.highest > 0 && id !== silent);
    const start = all.length > MAX_SENDERS ? Math.floor(this.#deps.ports.random.number() * all.length) : 0;
    const have = await this.#visible.offers(channel, nodeId, [...all.slice(start), ...all.slice(0, start)].slice(0, MAX_SENDERS));
    await this.#say(channel, nodeId, HAVE, { channel_id: channel.id, have });
  }

  #onHave(arrival: Arrival<DataOf<typeof HAVE>>): Verdict {
    const { data, origin } = arrival;
    const channel = this.#channelOf(arrival);
    const held = channel && this.#deps.intake.held(channel.id);
    if (!channel || !held) return { verdict: 'drop', reason: 'not-a-member' };
    this.#deps.membership.heard(channel, origin);
    const theirs = new Map(data.have.map(({ node_id, ...said }) => [node_id, offerOf(said)]));
    const key = `${origin} ${channel.id}`;
    this.#theirs.set(key, theirs);
    const early = this.#ask(channel, origin, theirs, held);
    // What was asked for before may not have been answered: there was no session yet.
    if (early !== undefined) this.#asked.afterwards(early, () => this.#goOn(channel, origin));
    if (data.have.length < MAX_SENDERS || theirs.has(this.#deps.self)) this.#compareOwn(channel, origin, theirs, held);
    // A full HAVE may leave senders out: only what it names can be compared.
    const less = [...held].some(([id, { held: set }]) => {
      return set.highest > (theirs.get(id)?.seq ?? (data.have.length < MAX_SENDERS ? 0 : set.highest));
    });
    const hasNothing = data.have.length === 0;
    // Who has nothing may have lost it, and waits to hear whether there was anything; or was told before it knew of the channel.
    if ((less || hasNothing) && !this.#told.isEarly(key)) this.#tell(channel, origin);
    else if (less && hasNothing) this.#told.afterwards(key, () => this.#tell(channel, origin));
    return ACCEPT;
  }

  /** Asks a member for what it has and we lack. The key of `#asked` when it is too early to ask for that again. */
  #ask(channel: Channel, nodeId: string, theirs: ReadonlyMap<string, Offer>, held: ReadonlyMap<string, Holding>): string | undefined {
    const want = this.#wanting.of(nodeId, channel.id, theirs, held);
    if (want.length === 0) return undefined;
    const key = `${nodeId} ${channel.id} ${want[0]?.node_id} ${want[0]?.from}`;
    if (this.#asked.isEarly(key)) return key;
    this.#asked.done(key);
    this.#watch(this.#say(channel, nodeId, WANT, { channel_id: channel.id, want }));
    return undefined;
  }

  /** Asks for the rest of what a member said it has. */
  #goOn(channel: Channel, nodeId: string): void {
    const theirs = this.#theirs.get(`${nodeId} ${channel.id}`);
    const held = this.#deps.intake.held(channel.id);
    if (!channel.joined || !theirs || !held) return;
    this.#compareOwn(channel, nodeId, theirs, held);
    this.#ask(channel, nodeId, theirs, held);
  }

  async #onWant(arrival: Arrival<DataOf<typeof WANT>>): Promise<Verdict> {
    const { data, origin } = arrival;
    const channel = this.#channelOf(arrival);
    if (!channel || !this.#deps.membership.directory.isMember(channel, origin)) return { verdict: 'drop', reason: 'not-a-member' };
    if (!this.#giving.mayAsk(origin)) return { verdict: 'drop', reason: 'asked-too-often' };
    const given = await this.#giving.answer(channel, origin, data, arrival.sealed !== undefined);
    if (!given) return ACCEPT;
    this.#deps.metrics.count('history_given', '', given.messages.length);
    await this.#say(channel, origin, HISTORY, { channel_id: channel.id, ...given });
    return ACCEPT;
  }

  async #onHistory(arrival: Arrival<DataOf<typeof HISTORY>>): Promise<Verdict> {
    const { data, origin } = arrival;
    const { intake, sealed } = this.#deps;
    const channel = this.#channelOf(arrival);
    if (!channel) return { verdict: 'drop', reason: 'not-a-member' };
    const counts = (message: ChannelMessage): boolean => sealed.vouches(channel, origin, message) || this.#wanting.refused(origin, message);
    const belongs = (message: ChannelMessage): boolean => sealed.belongs(channel, message) && counts(message);
    this.#wanting.gone(origin, channel.id, data.gone ?? []);
    const ingested = await Promise.all(data.messages.map((signed) => intake.ingest(channel.id, signed, origin, belongs)));
    const taken = ingested.filter((message) => message !== undefined);
    for (const msgId of sealed.toSignFor(channel, origin, taken)) this.#deps.overlay.receipt(origin, msgId, 'delivered');
    await this.#contents.lack(origin, channel.id, taken);
    const got = data.attachment !== undefined && (await this.#contents.take(origin, channel.id, data.attachment));
    if (got || data.messages.length > 0) this.#askContents(channel, origin);
    this.#deps.metrics.count('history_taken', '', data.messages.length);
    this.#goOn(channel, origin);
    return ACCEPT;
  }

  /** Asks a member for what is attached inside a message. */
  fetch(channelId: string, nodeId: string, sha256: string): void {
    const channel = this.#deps.membership.directory.get(channelId);
    if (!channel?.joined) return;
    this.#contents.want(nodeId, channelId, sha256);
    this.#askContents(channel, nodeId);
  }

  #askContents(channel: Channel, nodeId: string): void {
    const attachment = this.#contents.next(nodeId, channel.id);
    if (attachment.length > 0) this.#watch(this.#say(channel, nodeId, WANT, { channel_id: channel.id, want: [], attachment }));
  }

  /** The channel that somebody speaks of, where we are in it and they came the way that it asks for. */
  #channelOf(arrival: Arrival<{ readonly channel_id: string }>): Channel | undefined {
    const channel = this.#deps.membership.directory.get(arrival.data.channel_id);
    return channel?.joined && this.#deps.sealed.admits(channel, arrival) ? channel : undefined;
  }

  #say<N extends string, D extends object>(
    channel: Channel,
    nodeId: string,
    verb: Verb<N, D>,
    data: Omit<D, 'node_id' | 'msg_id' | 'recipient_id'>,
  ): Promise<unknown> {
    const { overlay, sealed, ports } = this.#deps;
    const about = { msg_id: randomGuid(ports.random), recipient_id: nodeId };
    return sealed.say(channel, nodeId, verb, data, (clear) => overlay.send(verb as Verb<string, JsonObject>, { ...clear, ...about }));
  }

  #watch(sent: Promise<unknown>): void {
    this.#scope.run(
      sent.then(() => {}),
      (error) => this.#deps.ports.log.warn('catch-up could not be sent', { error: String(error) }),
    );
  }
}
