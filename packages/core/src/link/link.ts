import type { Timer } from '../ports/clock.ts';
import type { Connection } from '../ports/transport.ts';
import { TokenBucket } from '../util/bounded.ts';
import { ParleyError } from '../util/errors.ts';
import type { Metrics } from '../util/metrics.ts';
import type { JsonObject } from '../wire/json.ts';
import type { AnyVerb, TrafficKind } from '../wire/verb.ts';
import { Backlog } from './backlog.ts';
import type { LinkConfig } from './config.ts';
import type { Transfers } from './transfers.ts';
import type { Dial } from './verbs.ts';

/** Who is at the other end of a link, as proved when it was opened. */
export interface Peer {
  readonly nodeId: string;
  readonly keyId: string;
  readonly publicKey: Uint8Array;
  /** DER; undefined where only a key was proved. */
  readonly certificate: Uint8Array | undefined;
  readonly name: string;
  readonly nodeType: 'client' | 'server';
  /** Whether it passes on others' messages. */
  readonly relays: boolean;
  readonly version: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** How many origins a neighbour that passes on others' messages may speak for at once, before any of them is proved. */
const RELAY_SHARE = 10;

/** `retired`: another link with the neighbour has taken its place; nothing is sent any more, and what is still under way is taken. */
export type LinkState = 'open' | 'retired' | 'closed';

/** What all links of a node have in common. */
export interface LinkOwner {
  readonly config: LinkConfig;
  readonly metrics: Metrics;
  now(): number;
  /** Its queue is over the bound: the link is to be closed. */
  overflow(link: Link): void;
  sent(link: Link, json: string): void;
  /** Makes what a link needs once there is a transfer. */
  transfersOf(link: Link): Transfers;
}

/** What is known of a link when it opens. */
export interface LinkFacts {
  readonly peer: Peer;
  readonly connection: Connection;
  readonly dial: Dial | undefined;
  readonly dialledTo: string | undefined;
  readonly seenAddress: string | undefined;
  readonly latencyMs: number;
}

/**
 * An open link: an authenticated, encrypted, framed connection to a neighbour. Thousands may be idle: what only a busy one needs is made when it
 * is needed.
 */
export class Link {
  readonly peer: Peer;
  readonly connection: Connection;
  /** What both sides know of the dial: of two links dialled by the same side it says which is the newer. */
  readonly dial: Dial | undefined;
  /** The address that this side dialled, as it was given; undefined where the neighbour dialled. */
  readonly dialledTo: string | undefined;
  readonly openedAt: number;
  /** Our address as the neighbour sees it. */
  readonly seenAddress: string | undefined;
  /** Smoothed round-trip time in milliseconds. */
  latencyMs: number;
  lastReceived: number;
  lastSent: number;
  #state: LinkState = 'open';
  readonly #owner: LinkOwner;
  readonly #pace: TokenBucket;
  #verbQuotas: Map<string, TokenBucket> | undefined;
  #kindQuotas: Map<TrafficKind, TokenBucket> | undefined;
  #transfers: Transfers | undefined;
  /** What waits while the queue is long. */
  #backlog: Backlog | undefined;
  #pauseTimer: Timer | undefined;

  constructor(owner: LinkOwner, facts: LinkFacts) {
    this.#owner = owner;
    this.peer = facts.peer;
    this.connection = facts.connection;
    this.dial = facts.dial;
    this.dialledTo = facts.dialledTo;
    this.seenAddress = facts.seenAddress;
    this.latencyMs = facts.latencyMs;
    const now = owner.now();
    this.openedAt = now;
    this.lastReceived = now;
    this.lastSent = now;
    this.#pace = new TokenBucket(this.#rate, this.#rate * owner.config.burstSeconds, now);
  }

  get state(): LinkState {
    return this.#state;
  }

  get transfers(): Transfers {
    this.#transfers ??= this.#owner.transfersOf(this);
    return this.#transfers;
  }

  /** Units a second that the neighbour may send. */
  get #rate(): number {
    const { relayRate, clientRate } = this.#owner.config;
    return this.peer.relays ? relayRate : clientRate;
  }

  /** Whether nothing can be sent any more. */
  get closing(): boolean {
    return this.#state !== 'open';
  }

  /** Bytes that wait while the queue is long. */
  get waiting(): number {
    return this.#backlog?.bytes ?? 0;
  }

  /** Bytes that wait, in the queue of the connection and for it. */
  get unsent(): number {
    return this.connection.queued + this.waiting;
  }

  /**
   * Sends one JSON message. False when it was not sent: what is less urgent than direct messages is shed when the queue is long, and a link may
   * be closing. A queue over its bound closes the link (DESIGN section 4 "Back-pressure").
   */
  send(json: string, kind: TrafficKind = 'direct'): boolean {
    if (this.closing) return false;
    const { queued } = this.connection;
    if (kind !== 'direct' && this.#mustWait(queued)) return this.#hold(json, kind);
    if (queued > this.#owner.config.maxQueuedBytes) {
      this.#owner.overflow(this);
      return false;
    }
    this.#put(json);
    return true;
  }

  /** There is room again: what waited goes on, the most urgent first. `all`: without regard to room, when nothing is to follow. */
  flush(all = false): void {
    const backlog = this.#backlog;
    while (backlog && !this.closing && (all || this.connection.queued <= this.#owner.config.holdBytes)) {
      const json = backlog.take();
      if (json === undefined) {
        this.#backlog = undefined;
        return;
      }
      this.#put(json);
    }
  }

  /** There may be room again: for what waited, and for transfers. */
  drained(): void {
    this.flush();
    this.#transfers?.onDrain();
  }

  /** The link is gone, and with it what its transfers were for. */
  endTransfers(reason: string): void {
    this.#transfers?.closeAll(new ParleyError('closed', reason));
  }

  #hold(json: string, kind: TrafficKind): boolean {
    this.#backlog ??= new Backlog(this.#owner.config.shedBytes, (shed) => this.#owner.metrics.count('shed', shed));
    return this.#backlog.push(kind, json);
  }

  /** Whether what is not direct comes too early, or has others before it. */
  #mustWait(queued: number): boolean {
    if (queued > this.#owner.config.holdBytes) return true;
    this.flush();
    return this.waiting > 0;
  }

  #put(json: string): void {
    this.lastSent = this.#owner.now();
    this.connection.send(json);
    this.#owner.sent(this, json);
  }

  /** Sends a verb of the link itself. */
  say(verb: AnyVerb, data: JsonObject): boolean {
    return this.send(JSON.stringify({ ttl: 1, flood: false, msg_type: verb.name, msg_data: data }), verb.kind);
  }

  sampleLatency(ms: number): void {
    this.latencyMs += (ms - this.latencyMs) / 8;
  }

  /** Charges the link for what it sent us. Returns for how many milliseconds we should stop reading from it. */
  pace(bytes: number): number {
    return this.#pace.debit(this.#owner.now(), 1 + bytes / 4096);
  }

  pauseFor(timer: Timer): void {
    this.connection.pause();
    this.#pauseTimer = timer;
  }

  get paused(): boolean {
    return this.#pauseTimer !== undefined;
  }

  resume(): void {
    this.#pauseTimer = undefined;
    if (this.#state !== 'closed') this.connection.resume();
  }

  /**
   * The verb's own quota on this link: floods are charged to it until their origin is proved (WIRE "auth"). Directed verbs of
   * many origins come over a relay's link: they are paced, not refused.
   */
  withinQuota(verb: AnyVerb): boolean {
    if (verb.kind !== 'direct' && !this.#withinShare(verb.kind)) return false;
    return verb.spec.reach === 'directed' || this.#quota(verb).take(this.#owner.now());
  }

  /** One kind of traffic must not take all that a link may send us. */
  #withinShare(kind: Exclude<TrafficKind, 'direct'>): boolean {
    let bucket = this.#kindQuotas?.get(kind);
    if (!bucket) {
      const rate = this.#rate * this.#owner.config.kindShares[kind];
      bucket = new TokenBucket(rate, rate * this.#owner.config.burstSeconds, this.#owner.now());
      this.#kindQuotas ??= new Map();
      this.#kindQuotas.set(kind, bucket);
    }
    if (bucket.take(this.#owner.now())) return true;
    this.#owner.metrics.count('traffic_refused', kind);
    return false;
  }

  /** The origin is proved, and charged in place of the link. */
  refundQuota(verb: AnyVerb): void {
    this.#quota(verb).refund();
  }

  #quota(verb: AnyVerb): TokenBucket {
    let bucket = this.#verbQuotas?.get(verb.name);
    if (!bucket) {
      const share = verb.spec.reach === 'flood' && this.peer.relays ? RELAY_SHARE : 1;
      bucket = new TokenBucket(verb.spec.rate.perSecond * share, verb.spec.rate.burst * share, this.#owner.now());
      this.#verbQuotas ??= new Map();
      this.#verbQuotas.set(verb.name, bucket);
    }
    return bucket;
  }

  /** Says nothing more, and goes on listening. */
  retire(): void {
    if (this.#state === 'open') this.#state = 'retired';
  }

  stop(): void {
    this.#state = 'closed';
    this.#pauseTimer?.cancel();
    this.#pauseTimer = undefined;
  }
}
