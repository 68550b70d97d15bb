import { Tally } from '../util/tally.ts';
import type { OverlayConfig } from './config.ts';
import { FOR_OTHERS } from './own-circuits.ts';
import { charge, credit, type Usage } from './usage.ts';

/** A message of which this node has custody: its own, or one that it acknowledged. */
export interface Held {
  /** Digest of origin, verb and content: what is alike to the letter is the same message. */
  readonly uid: string;
  /** Its key on disk: in the order in which messages came, so that they lie together and are read back in that order. */
  readonly key: string;
  readonly type: string;
  readonly origin: string;
  readonly msgId: string;
  /** What an ACK tells it apart by: origin and message id. One string for all copies, so that it is hashed once. */
  readonly name: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly own: boolean;
  /** Own messages: whether recipients are expected to send RECEIPT. */
  readonly receipts: boolean;
  /** The neighbour that handed it to us; it is not handed back. */
  readonly from: string | undefined;
  /** Others' messages: whether a recipient knows the one whom they name as origin. Strangers' are given up first, and what is not proved. */
  readonly favoured: boolean;
  /** What its feature groups messages by: a channel id, or `FOR_OTHERS`. */
  readonly group: string | undefined;
  /** The nodes that it has passed, where that is known. */
  readonly via: readonly string[];
  readonly waiting: Map<string, Waiting>;
  /** As it will be sent on (see `Body`); undefined while it is on disk alone. */
  body: string | undefined;
  /** It is known to be from its origin: what only passes through is not checked. */
  proved: boolean;
  /** Whom it is still for was written apart from it. */
  progressSaved: boolean;
}

/**
 * Where a held message stands for one recipient, until `Custody` forgets it (delivered, failed, expired, or passed on by who only relays).
 *
 * | state | | begins by |
 * |---|---|---|
 * | `queued` | in the window's queue of a next hop, or sent without an ACK | `Carrier.route`, from every other state |
 * | `handed` | the next hop has custody, and we, the origin, wait for the RECEIPT | `Custody.passed`, at the ACK; `Custody.present`, from `stored` |
 * | `stored` | a node that holds it has said so | a RECEIPT `stored`, from `handed`, while ROUTING does not reach the recipient |
 * | `parked` | no candidate is left for now | `Custody.parked`; a start, with what is on disk |
 */
export type WaitingState = 'queued' | 'handed' | 'stored' | 'parked';

/** `no ack`: the next hop did not acknowledge. `no receipt`: it did, and the recipient has not signed for it since. Otherwise what a NACK gave as its reason. */
export type Trouble = 'no ack' | 'no receipt' | (string & {});

/** One recipient of a held message. Times in monotonic milliseconds. */
export interface Waiting {
  readonly held: Held;
  readonly destination: string;
  state: WaitingState;
  via: string | undefined;
  /** The server to which the copy that `via` has is addressed anew. */
  through: string | undefined;
  /** The one to which it was when it came. */
  toward: string | undefined;
  since: number;
  /** Neighbours, and ways by their key, that have had it. */
  readonly tried: Set<string>;
  /** It came back to us while a neighbour had not acknowledged it: that neighbour's ACK no longer frees us. */
  again: boolean;
  failures: number;
  retryAt: number;
  /** The origin has been told that it is stored here. */
  told: boolean;
  /** What was wrong with the way that it took last, for whoever asks where the message stands. */
  trouble: Trouble | undefined;
  /** The custody for this recipient has ended. */
  over: boolean;
}

/** What was not said of a message that comes into custody. */
export function newHeld(about: Pick<Held, 'uid' | 'key' | 'type' | 'origin' | 'msgId' | 'bytes' | 'at'> & Partial<Held>): Held {
  return {
    own: false,
    receipts: false,
    from: undefined,
    favoured: false,
    group: undefined,
    via: [],
    waiting: new Map(),
    body: undefined,
    proved: false,
    progressSaved: false,
    name: `${about.origin} ${about.msgId}`,
    ...about,
  };
}

export type QuotaFault = 'quota-destination' | 'quota-pair' | 'quota-total' | 'quota-own';

interface PairUsage extends Usage {
  /** By message id; of several under one id the first. */
  readonly ids: Map<string, Waiting>;
}

/** The index of what is held, and its quotas (WIRE "Stored"). Pure. */
export class HeldIndex {
  /** Own messages that are sent for others, in the order in which they came. */
  readonly forOthers = new Set<Held>();
  readonly #config: OverlayConfig;
  readonly #byUid = new Map<string, Held>();
  readonly #own = new Map<string, Held>();
  readonly #byDestination = new Map<string, Map<string, Waiting>>();
  /** Others' messages for a destination, proved or not. */
  readonly #transit = new Tally();
  /** Those of them that are proved: what is not uses up no place in the name that it took. */
  readonly #destinationUsage = new Map<string, Usage>();
  readonly #pairUsage = new Map<string, PairUsage>();
  /** Others' messages, in the order in which they came. */
  readonly #favoured = new Set<Held>();
  readonly #strange = new Set<Held>();
  #bytes = 0;
  #recipients = 0;

  constructor(config: OverlayConfig) {
    this.#config = config;
  }

  get size(): number {
    return this.#byUid.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Recipients of others' messages, counted with each message. */
  get recipients(): number {
    return this.#recipients;
  }

  /** Own messages, without what is sent for others. */
  get ownSize(): number {
    return this.#own.size - this.forOthers.size;
  }

  get(uid: string): Held | undefined {
    return this.#byUid.get(uid);
  }

  /** An own message by its id. */
  own(msgId: string): Held | undefined {
    return this.#own.get(msgId);
  }

  /** Of an own message that waits for anybody: for whom, and what was said of it. */
  pending(msgId: string): ({ readonly recipients: readonly string[] } & Pick<Held, 'receipts' | 'group'>) | undefined {
    const held = this.#own.get(msgId);
    return held && { recipients: [...held.waiting.keys()], receipts: held.receipts, group: held.group };
  }

  /** Ids of own messages of a group, in the order in which they came. */
  ownIn(group: string): string[] {
    return [...this.#own.values()].flatMap((held) => (held.group === group ? [held.msgId] : []));
  }

  all(): IterableIterator<Held> {
    return this.#byUid.values();
  }

  for(destination: string): Waiting[] {
    return [...(this.#byDestination.get(destination)?.values() ?? [])];
  }

  destinations(): string[] {
    return [...this.#byDestination.keys()];
  }

  /**
   * Whether one more message may be held. What is for a node that is present is in transit and has a bound of its own; half of what is
   * stored for an absent one is kept for those whom it knows (`favoured`).
   */
  quota(destination: string, origin: string, bytes: number, present: boolean, favoured: () => boolean): QuotaFault | undefined {
    const config = this.#config;
    if (this.isFull(bytes)) return 'quota-total';
    if (present) return this.#transit.of(destination) >= config.transitMessages ? 'quota-destination' : undefined;
    const usage = this.#destinationUsage.get(destination);
    const share = favoured() ? 1 : 0.5;
    if (usage && (usage.messages >= config.destinationMessages * share || usage.bytes + bytes > config.destinationBytes * share))
      return 'quota-destination';
    const pair = this.#pairUsage.get(pairOf(origin, destination));
    if (pair && (pair.messages >= config.pairMessages || pair.bytes + bytes > config.pairBytes)) return 'quota-pair';
    return undefined;
  }

  /** Whether there is no room for so many bytes more. Recipients count too: a short message may have a thousand, and each takes up memory. */
  isFull(bytes: number): boolean {
    const { totalMessages, totalBytes, totalRecipients } = this.#config;
    return this.#byUid.size >= totalMessages || this.#bytes + bytes > totalBytes || this.#recipients >= totalRecipients;
  }

  /** What is held already, and proved, of an origin for a destination under the same id and verb. */
  twin(type: string, origin: string, msgId: string, destination: string): Waiting | undefined {
    const twin = this.#pairUsage.get(pairOf(origin, destination))?.ids.get(msgId);
    return twin?.held.type === type ? twin : undefined;
  }

  /** A message of another turned out to be from its origin: from here on it counts as that one's. */
  prove(held: Held): void {
    if (held.proved || held.own) return;
    held.proved = true;
    if (this.#byUid.get(held.uid) !== held) return;
    for (const waiting of held.waiting.values()) this.#charge(waiting);
    if (held.favoured && this.#strange.delete(held)) this.#favoured.add(held);
  }

  add(held: Held, destinations: Iterable<string>, now: number): Waiting[] {
    this.#byUid.set(held.uid, held);
    if (held.own) this.#own.set(held.msgId, held);
    if (held.own && held.group === FOR_OTHERS) this.forOthers.add(held);
    if (!held.own) (held.favoured && held.proved ? this.#favoured : this.#strange).add(held);
    this.#bytes += held.bytes;
    return [...destinations].map((destination) => this.addRecipient(held, destination, now));
  }

  addRecipient(held: Held, destination: string, now: number): Waiting {
    const waiting: Waiting = {
      held,
      destination,
      state: 'queued',
      via: undefined,
      through: undefined,
      toward: undefined,
      since: now,
      tried: new Set(),
      again: false,
      failures: 0,
      retryAt: 0,
      told: false,
      trouble: undefined,
      over: false,
    };
    held.waiting.set(destination, waiting);
    const all = this.#byDestination.get(destination) ?? new Map<string, Waiting>();
    this.#byDestination.set(destination, all.set(held.uid, waiting));
    if (!held.own) {
      this.#recipients++;
      this.#transit.add(destination);
      if (held.proved) this.#charge(waiting);
    }
    return waiting;
  }

  /** Ends the custody for one recipient. True when it was the last: the message is gone from the index. */
  remove(waiting: Waiting): boolean {
    const { held, destination } = waiting;
    if (held.waiting.get(destination) !== waiting) return false;
    waiting.over = true;
    held.waiting.delete(destination);
    const all = this.#byDestination.get(destination);
    all?.delete(held.uid);
    if (all?.size === 0) this.#byDestination.delete(destination);
    if (!held.own) {
      this.#recipients--;
      this.#transit.add(destination, -1);
      if (held.proved) this.#credit(waiting);
    }
    if (held.waiting.size > 0) return false;
    this.#byUid.delete(held.uid);
    if (held.own) this.#own.delete(held.msgId);
    for (const set of [this.forOthers, this.#favoured, this.#strange]) set.delete(held);
    this.#bytes -= held.bytes;
    return true;
  }

  /**
   * The message to give up for `uid` when all room is taken: the oldest of a stranger, or else, for one that is favoured itself, the oldest of
   * all others'.
   */
  victim(uid: string, favoured: boolean): Held | undefined {
    for (const held of this.#strange) if (held.uid !== uid) return held;
    if (favoured) for (const held of this.#favoured) if (held.uid !== uid) return held;
    return undefined;
  }

  #charge(waiting: Waiting): void {
    const { held, destination } = waiting;
    charge(this.#destinationUsage, destination, held.bytes, () => ({ messages: 0, bytes: 0 }));
    const pair = charge(this.#pairUsage, pairOf(held.origin, destination), held.bytes, () => ({ messages: 0, bytes: 0, ids: new Map() }));
    if (!pair.ids.has(held.msgId)) pair.ids.set(held.msgId, waiting);
  }

  #credit(waiting: Waiting): void {
    const { held, destination } = waiting;
    credit(this.#destinationUsage, destination, held.bytes);
    const pair = credit(this.#pairUsage, pairOf(held.origin, destination), held.bytes);
    if (pair?.ids.get(held.msgId) === waiting) pair.ids.delete(held.msgId);
  }
}

const pairOf = (origin: string, destination: string): string => origin + destination;
