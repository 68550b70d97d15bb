import type { Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { Awaitable } from '../../util/awaitable.ts';
import { Emitter } from '../../util/events.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { JwsReader, VerifiedJws } from '../../wire/jws.ts';
import { type Attachments, NOTHING_TAKEN, type Taken } from './attachments.ts';
import type { ChannelConfig } from './config.ts';
import type { History } from './history.ts';
import { cursorOf } from './history-keys.ts';
import type { StoredMessage, Way } from './history-row.ts';
import type { Holding, Holdings } from './holdings.ts';
import { deadlineOf } from './lifetime.ts';
import type { Membership } from './membership.ts';
import { type ChannelMessage, messageIn, readMessage, staying } from './message.ts';
import { begin, goneBy, type Slot, type Storing } from './places.ts';
import { Showing, type ShowingEvents } from './showing.ts';
import { Trimming } from './trimming.ts';
import type { Unread } from './unread.ts';
import { type InlineContent, MESSAGE } from './verbs.ts';

export interface IntakeEvents extends ShowingEvents {
  /** A message of somebody else is on its way to disk, and is the next to be shown: `message` follows, or `lost`. */
  coming: { readonly message: StoredMessage };
  /** It could not be kept, and comes again. */
  lost: { readonly message: StoredMessage };
  /** A message of somebody else is on disk, and unread. */
  unread: { readonly channelId: string };
}

export interface IntakeDeps {
  readonly ports: Ports;
  readonly self: string;
  /** Whether a node is one of this user's devices. */
  readonly isOwn: (nodeId: string) => boolean;
  readonly reader: JwsReader;
  readonly metrics: Metrics;
  readonly membership: Membership;
  readonly history: History;
  readonly unread: Unread;
  readonly attachments: Attachments;
}

/** What is held in memory of a joined channel. */
interface Open {
  readonly holdings: Holdings;
  /** By sender and number. */
  readonly storing: Map<string, Storing>;
  lastTimestamp: number;
}

/** Nobody passed on what was written here. */
const OWN: Way = { via: [] };
/** How far ahead of our clock a message may be dated (as for `auth`). */
const AHEAD_MS = 15 * 60_000;

/** Messages of joined channels on their way to disk and to the user: each once, and in the order of its sender's numbers (WIRE "MESSAGE"). */
export class Intake {
  readonly events: Emitter<IntakeEvents>;
  readonly #deps: IntakeDeps;
  readonly #config: ChannelConfig;
  readonly #scope: Scope;
  readonly #open = new Map<string, Open>();
  readonly #trimming: Trimming;
  readonly #showing: Showing;

  constructor(deps: IntakeDeps, config: ChannelConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.ports.clock);
    this.#trimming = new Trimming({ ...deps, scope: this.#scope }, config);
    this.events = new Emitter((error) => deps.ports.log.error('a listener failed', { error: String(error) }));
    this.#showing = new Showing({ clock: deps.ports.clock, scope: this.#scope, isOwn: deps.isOwn, events: this.events }, config);
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  /** Reads back which messages of a channel are held, and takes more from then on. */
  async open(channelId: string): Promise<void> {
    if (this.#open.has(channelId)) return;
    await this.#deps.unread.open(channelId);
    const holdings = await this.#deps.history.held(channelId);
    if (this.#open.has(channelId)) return;
    this.#open.set(channelId, { holdings, storing: new Map(), lastTimestamp: 0 });
    // The limits may be lower than they were.
    this.#trimming.check(channelId, holdings);
  }

  /** Resolves when what is on its way to disk in a channel is there, or is not kept. */
  async settled(channelId: string): Promise<void> {
    await Promise.all([...(this.#open.get(channelId)?.storing.values() ?? [])].map(({ settled }) => settled));
  }

  forget(channelId: string): void {
    this.#open.delete(channelId);
    this.#showing.forget(channelId);
  }

  isOpen(channelId: string): boolean {
    return this.#open.has(channelId);
  }

  /** What is held of each sender in a joined channel. */
  held(channelId: string): ReadonlyMap<string, Holding> | undefined {
    return this.#open.get(channelId)?.holdings.senders;
  }

  holdings = (channelId: string): Holdings | undefined => this.#open.get(channelId)?.holdings;

  /** The next place for an own message, behind so many that are left free; undefined where the channel is not joined. */
  slot(channelId: string, leftFree = 0): Slot | undefined {
    const { history, self, ports, attachments } = this.#deps;
    const open = this.#open.get(channelId);
    if (!open) return undefined;
    const now = ports.clock.now();
    const { holdings } = open;
    const holding = holdings.of(self);
    const after = holding.taken.highest;
    const seq = after + leftFree + 1;
    // Taken before it is signed, so that messages sent together keep their order; weighed when its size is known.
    holdings.take(self, seq, 0);
    let bytes = 0;
    let taken: Taken = NOTHING_TAKEN;
    // A clock that is set back must not put the next message before the last.
    open.lastTimestamp = Math.max(now, open.lastTimestamp);
    return {
      seq,
      ...(leftFree > 0 ? { after } : {}),
      timestamp: open.lastTimestamp,
      writes: (message, signed, contents) => {
        taken = attachments.take(message, contents);
        bytes = signed.length + taken.bytes;
        holdings.weigh(self, bytes);
        return [...history.writes(message, signed, holding, now, OWN, taken.bytes), ...taken.writes];
      },
      kept: (message) => {
        taken.settled();
        holding.held.add(seq);
        const stored = history.stored(message, now, OWN);
        this.events.emit('message', { message: stored, own: true, late: false });
        this.#trimming.kept(channelId, holdings, self);
        return stored;
      },
      failed: () => {
        taken.settled();
        holdings.untake(self, seq, bytes);
      },
    };
  }

  /** A MESSAGE that reached us, its signature checked: what is in it, and as it was signed. */
  receive(jws: VerifiedJws, signed: string, via: readonly string[], contents: readonly InlineContent[]): Awaitable<Verdict> {
    const read = messageIn(jws);
    return typeof read === 'string' ? { verdict: 'drop', reason: read } : this.admit(read, signed, { via }, contents);
  }

  /**
   * Takes a signed message of a channel that a member gave by catch-up, where it `belongs` there. Resolves when it is on disk, or refused:
   * with the message if it is new. Errors: those of the store.
   */
  async ingest(
    channelId: string,
    signed: string,
    givenBy: string,
    belongs: (message: ChannelMessage) => boolean,
  ): Promise<ChannelMessage | undefined> {
    const read = await readMessage(this.#deps.reader, signed);
    let verdict: Verdict = { verdict: 'drop', reason: typeof read === 'string' ? read : 'message-fields' };
    if (typeof read !== 'string' && read.channelId === channelId) {
      verdict = belongs(read) ? await this.admit(read, signed, { givenBy }) : { verdict: 'drop', reason: 'message-author' };
    }
    if (verdict.verdict !== 'accept') {
      this.#deps.metrics.reject(verdict.reason);
      return undefined;
    }
    if (!verdict.writes) return undefined;
    try {
      await this.#deps.ports.store.commit(verdict.writes);
    } catch (error) {
      verdict.failed?.();
      throw error;
    }
    verdict.done?.();
    return typeof read === 'string' ? undefined : read;
  }

  /** Decides on a message whose signature fits. */
  admit(said: ChannelMessage, signed: string, way: Way, contents: readonly InlineContent[] = []): Awaitable<Verdict> {
    const { metrics, ports, membership, history, unread, attachments, isOwn } = this.#deps;
    const channel = membership.directory.get(said.channelId);
    if (!channel?.joined) return { verdict: 'refuse', reason: 'not a member' };
    const message = channel.kind === 'public' ? staying(said) : said;
    const open = this.#open.get(channel.id);
    // Just joined: what is held is being read.
    if (!open) return this.open(channel.id).then(() => this.admit(message, signed, way, contents));
    const now = ports.clock.now();
    if (message.timestamp > now + AHEAD_MS) return { verdict: 'refuse', reason: 'dated ahead' };
    const receipt = membership.directory.members(channel).length <= this.#config.receiptsUpTo;
    const { holdings } = open;
    const holding = holdings.of(message.sender);
    if (holding.held.has(message.seq)) return this.#again(message, receipt);
    if (message.seq <= holding.floor) return { verdict: 'refuse', reason: 'older than what is kept' };
    const place = `${message.sender}/${message.seq}`;
    const under = open.storing.get(place);
    if (under) {
      if (under.msgId !== message.msgId) return { verdict: 'drop', reason: 'message-number-taken' };
      // It came another way at the same time: whether it can be kept is being found out.
      return under.settled.then(() => this.admit(message, signed, way, contents));
    }
    if (!holding.taken.fits(message.seq)) return { verdict: 'later', reason: 'message-gaps' };
    // Many authors of one message each write faster than theirs can be found and deleted.
    if (holdings.isFull(this.#config)) return { verdict: 'later', reason: 'channel-full' };
    const over = (deadlineOf(message, now) ?? now + 1) <= now;
    const taken = over ? NOTHING_TAKEN : attachments.take(message, contents);
    const bytes = over ? 0 : signed.length + taken.bytes;
    holdings.take(message.sender, message.seq, bytes);
    const gone = goneBy(message, holding);
    if (gone !== undefined) holding.taken.add(gone);
    const writes = [...history.writes(message, signed, holding, now, way, taken.bytes), ...taken.writes];
    const marks = over || isOwn(message.sender) || message.act ? [] : unread.writes(channel.id, cursorOf(message));
    writes.push(...marks);
    const storing = begin(message.msgId);
    open.storing.set(place, storing);
    let announced: StoredMessage | undefined;
    return {
      verdict: 'accept',
      writes,
      receipt,
      coming: () => {
        // What acts on another message, or has something attached, is put together with what is on disk.
        if (marks.length === 0 || taken !== NOTHING_TAKEN || message.attachments.length > 0) return;
        if (!this.#showing.isNext(message, holding.held.below(message.seq))) return;
        announced = history.stored(message, now, way);
        this.events.emit('coming', { message: announced });
      },
      failed: () => {
        if (announced) this.events.emit('lost', { message: announced });
        open.storing.delete(place);
        holdings.untake(message.sender, message.seq, bytes);
        if (gone !== undefined) holding.taken.delete(gone);
        taken.settled();
        storing.settle();
      },
      done: () => {
        open.storing.delete(place);
        taken.settled();
        metrics.count('messages_received');
        membership.heard(channel, message.sender);
        const before = holding.held.below(message.seq);
        holding.held.add(message.seq);
        if (gone !== undefined) holding.held.add(gone);
        if (marks.length > 0) unread.arrived(channel.id);
        if (this.#open.get(channel.id) === open) {
          this.#showing.show(history.stored(message, now, way), before);
          this.#trimming.kept(channel.id, holdings, message.sender);
        }
        if (marks.length > 0) this.events.emit('unread', { channelId: channel.id });
        storing.settle();
      },
    };
  }

  /** One with a number that is held: the same, or another with which its sender has used the number twice. */
  async #again(message: ChannelMessage, receipt: boolean): Promise<Verdict> {
    const held = await this.#deps.history.idOf(message.channelId, message.sender, message.seq);
    // What was deleted since cannot be compared any more.
    if (held !== undefined && held !== message.msgId) return { verdict: 'refuse', reason: 'number taken' };
    this.#deps.metrics.count('duplicates', MESSAGE.name);
    return { verdict: 'accept', receipt };
  }
}
