import type { Connection, ConnectionHandler } from '../ports/transport.ts';
import type { ParleyError } from '../util/errors.ts';
import type { Message } from '../wire/message.ts';
import type { AnyVerb, VerbRegistry } from '../wire/verb.ts';
import type { Link } from './link.ts';
import { receive } from './receive.ts';

/** What a session reports to the links of a node. */
export interface SessionOwner {
  readonly verbs: VerbRegistry;
  /** A message that passed all that does not need the origin's signature. */
  message(session: Session, verb: AnyVerb, message: Message, bytes: number): void;
  rejected(session: Session, reason: string, weight: number, detail: string | undefined): void;
  keepAlive(link: Link): void;
  /** Reading should stop for so many milliseconds. */
  rest(link: Link, ms: number): void;
  now(): number;
  closed(session: Session, error: ParleyError | undefined): void;
}

/** Bytes that may have been under way already when reading stopped: more than one frame of the largest size. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

/** Frames before a link is open: HELLO and PROOF, and some patience. */
const MAX_EARLY = 16;

/** One connection from its first byte to its last, before and after it is a link. */
export class Session implements ConnectionHandler {
  readonly connection: Connection;
  /** What was dialled; undefined where the other side did. */
  readonly dialledTo: string | undefined;
  readonly #owner: SessionOwner;
  #link: Link | undefined;
  #helloSeen = false;
  #early = 0;
  /** Whether the link may open is being found out: messages wait. */
  #holding = false;
  #held: (Uint8Array | string)[] | undefined;
  #heldBytes = 0;

  constructor(connection: Connection, owner: SessionOwner, dialledTo?: string) {
    this.connection = connection;
    this.dialledTo = dialledTo;
    this.#owner = owner;
  }

  get link(): Link | undefined {
    return this.#link;
  }

  start(): void {
    this.connection.attach(this);
  }

  /** From here on messages wait, and no more is read than is under way already. */
  hold(): void {
    this.#holding = true;
    this.connection.pause();
  }

  /** Takes what waited, and reads on; until one of the messages makes it hold again. */
  release(): void {
    this.#holding = false;
    const held = this.#held ?? [];
    let taken = 0;
    while (taken < held.length && !this.#holding) this.#take(held[taken++] as Uint8Array | string);
    this.#held = this.#holding ? held.slice(taken) : undefined;
    this.#heldBytes = this.#held?.reduce((sum, json) => sum + json.length, 0) ?? 0;
    if (!this.#holding && !this.#link?.paused) this.connection.resume();
  }

  opened(link: Link): void {
    this.#link = link;
  }

  message(json: Uint8Array | string): void {
    if (!this.#holding) this.#take(json);
    else if (this.#heldBytes + json.length <= MAX_HELD_BYTES) {
      this.#heldBytes += json.length;
      this.#held ??= [];
      // Bytes are a view of what the transport reads into, valid during this call alone.
      this.#held.push(typeof json === 'string' ? json : json.slice());
    } else this.#owner.rejected(this, 'held-too-many', 5, undefined);
  }

  #take(json: Uint8Array | string): void {
    const link = this.#link;
    if (link ? link.state === 'closed' : !this.#mayKnock()) return;
    if (link) this.#heard(link, json.length);
    const received = receive(json, this.#owner.verbs, link ? 'open' : 'opening', (verb) => link?.withinQuota(verb) ?? true);
    if (received.rejected !== undefined) {
      this.#owner.rejected(this, received.rejected, received.weight, received.detail);
      return;
    }
    if (received.verb.name === 'HELLO') {
      if (this.#helloSeen) {
        this.#owner.rejected(this, 'hello-again', 0, undefined);
        return;
      }
      this.#helloSeen = true;
    }
    this.#owner.message(this, received.verb, received.message, json.length);
  }

  data(transfer: number, bytes: Uint8Array): void {
    const link = this.#link;
    if (!link) this.#owner.rejected(this, 'link-not-open', 5, 'data frame');
    else if (bytes.length === 0) {
      this.#heard(link, 0);
      this.#owner.rejected(this, 'data-empty', 1, undefined);
    } else {
      link.lastReceived = this.#owner.now();
      link.transfers.onData(transfer, bytes);
    }
  }

  keepAlive(): void {
    const link = this.#link;
    if (!link) {
      if (!this.#holding) this.#mayKnock();
      return;
    }
    this.#heard(link, 0);
    this.#owner.keepAlive(link);
  }

  drain(): void {
    this.#link?.drained();
  }

  closed(error?: ParleyError): void {
    this.#owner.closed(this, error);
  }

  #heard(link: Link, bytes: number): void {
    link.lastReceived = this.#owner.now();
    this.#owner.rest(link, link.pace(bytes));
  }

  /** Before a link is open nothing is paced: there are few things to say. */
  #mayKnock(): boolean {
    if (++this.#early <= MAX_EARLY) return true;
    this.#owner.rejected(this, 'opening-flood', 5, undefined);
    return false;
  }
}
