import type { Timer } from '../ports/clock.ts';
import type { Connection } from '../ports/transport.ts';
import { TokenBucket } from '../util/bounded.ts';
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

/** An open link: an authenticated, encrypted, framed connection to a neighbour. */
export class Link {
  readonly peer: Peer;
  readonly connection: Connection;
  /** What both sides know of the dial: of two links dialled by the same side it says which is the newer. */
  readonly dial: Dial | undefined;
  /** The address that this side dialled, as it was given; undefined where the neighbour dialled. */
  readonly dialledTo: string | undefined;
  readonly openedAt: number;
  readonly transfers: Transfers;
  /** Our address as the neighbour sees it. */
  readonly seenAddress: string | undefined;
  /** Smoothed round-trip time in milliseconds. */
  latencyMs: number;
  lastReceived: number;
  lastSent: number;
  #state: LinkState = 'open';
  readonly #config: LinkConfig;
  readonly #metrics: Metrics;
  readonly #now: () => number;
  readonly #pace: TokenBucket;
  readonly #verbQuotas = new Map<string, TokenBucket>();
  readonly #kindQuotas = new Map<TrafficKind, TokenBucket>();
  readonly #rate: number;
  /** What waits while the queue is long. */
  #backlog: Backlog | undefined;
  readonly #overflow: (link: Link) => void;
  readonly #sent: (link: Link, json: string) => void;
  #pauseTimer: Timer | undefined;

  constructor(options: {
    peer: Peer;
    connection: Connection;
    dial: Dial | undefined;
    dialledTo: string | undefined;
    transfers: Transfers;
    seenAddress: string | undefined;
    latencyMs: number;
    config: LinkConfig;
    metrics: Metrics;
    now: () => number;
    overflow: (link: Link) => void;
    sent: (link: Link, json: string) => void;
  }) {
    this.peer = options.peer;
    this.connection = options.connection;
    this.dial = options.dial;
    this.dialledTo = options.dialledTo;
    this.transfers = options.transfers;
    this.seenAddress = options.seenAddress;
    this.latencyMs = options.latencyMs;
    this.#config = options.config;
    this.#metrics = options.metrics;
    this.#now = options.now;
    this.#overflow = options.overflow;
    this.#sent = options.sent;
    const now = options.now();
    this.openedAt = now;
    this.lastReceived = now;
    this.lastSent = now;
    const rate = options.peer.relays ? options.config.relayRate : options.config.clientRate;
    this.#rate = rate;
    this.#pace = new TokenBucket(rate, rate * options.config.burstSeconds, now);
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Whether nothing can be sent any more. */
  get closing(): boolean {
    return this.#state !== 'open';
  }

  /** Bytes that wait while the queue is long. */
  get waiting(): number {
    return this.#backlog?.bytes ?? 0;
  }

  /**
   * Sends one JSON message. False when it was not sent: what is less urgent than direct messages is shed when the queue is long, and a link may
   * be closing. A queue over its bound closes the link (DESIGN section 4 "Back-pressure").
   */
  send(json: string, kind: TrafficKind = 'direct'): boolean {
    if (this.closing) return false;
    const { queued } = this.connection;
    if (kind !== 'direct' && this.#mustWait(queued)) return this.#hold(json, kind);
    if (queued > this.#config.maxQueuedBytes) {
      this.#overflow(this);
      return false;
    }
    this.#put(json);
    return true;
  }

  /** There is room again: what waited goes on, the most urgent first. `all`: without regard to room, when nothing is to follow. */
  flush(all = false): void {
    const backlog = this.#backlog;
    while (backlog && !this.closing && (all || this.connection.queued <= this.#config.holdBytes)) {
      const json = backlog.take();
      if (json === undefined) {
        this.#backlog = undefined;
        return;
      }
      this.#put(json);
    }
  }

  #hold(json: string, kind: TrafficKind): boolean {
    this.#backlog ??= new Backlog(this.#config.shedBytes, (shed) => this.#metrics.count('shed', shed));
    return this.#backlog.push(kind, json);
  }

  /** Whether what is not direct comes too early, or has others before it. */
  #mustWait(queued: number): boolean {
    if (queued > this.#config.holdBytes) return true;
    this.flush();
    return this.waiting > 0;
  }

  #put(json: string): void {
    this.lastSent = this.#now();
    this.connection.send(json);
    this.#sent(this, json);
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
    return this.#pace.debit(this.#now(), 1 + bytes / 4096);
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
    return verb.spec.reach === 'directed' || this.#quota(verb).take(this.#now());
  }

  /** One kind of traffic must not take all that a link may send us. */
  #withinShare(kind: Exclude<TrafficKind, 'direct'>): boolean {
    let bucket = this.#kindQuotas.get(kind);
    if (!bucket) {
      const rate = this.#rate * this.#config.kindShares[kind];
      bucket = new TokenBucket(rate, rate * this.#config.burstSeconds, this.#now());
      this.#kindQuotas.set(kind, bucket);
    }
    if (bucket.take(this.#now())) return true;
    this.#metrics.count('traffic_refused', kind);
    return false;
  }

  /** The origin is proved, and charged in place of the link. */
  refundQuota(verb: AnyVerb): void {
    this.#quota(verb).refund();
  }

  #quota(verb: AnyVerb): TokenBucket {
    let bucket = this.#verbQuotas.get(verb.name);
    if (!bucket) {
      const share = verb.spec.reach === 'flood' && this.peer.relays ? RELAY_SHARE : 1;
      bucket = new TokenBucket(verb.spec.rate.perSecond * share, verb.spec.rate.burst * share, this.#now());
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
