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
  message(session: Session, verb: AnyVerb, message: Message): void;
  rejected(session: Session, reason: string, weight: number, detail: string | undefined): void;
  keepAlive(link: Link): void;
  /** Reading should stop for so many milliseconds. */
  pause(link: Link, ms: number): void;
  now(): number;
  closed(session: Session, error: ParleyError | undefined): void;
}

/** Messages that arrive while a PROOF is being verified. */
const MAX_HELD = 256;

/** One connection from its first byte to its last, before and after it is a link. */
export class Session implements ConnectionHandler {
  readonly connection: Connection;
  readonly #owner: SessionOwner;
  #link: Link | undefined;
  #helloSeen = false;
  #held: (Uint8Array | string)[] | undefined;

  constructor(connection: Connection, owner: SessionOwner) {
    this.connection = connection;
    this.#owner = owner;
  }

  get link(): Link | undefined {
    return this.#link;
  }

  start(): void {
    this.connection.attach(this);
  }

  /** From here on messages wait: whether the link may open is being found out. */
  hold(): void {
    this.#held ??= [];
  }

  opened(link: Link): void {
    this.#link = link;
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const json of held) this.message(json);
  }

  message(json: Uint8Array | string): void {
    if (this.#held) {
      if (this.#held.length < MAX_HELD) this.#held.push(json);
      else this.#owner.rejected(this, 'held-too-many', 5, undefined);
      return;
    }
    const link = this.#link;
    if (link?.closing) return;
    if (link) {
      link.lastReceived = this.#owner.now();
      const wait = link.pace(json.length);
      if (wait > 0 && !link.paused) this.#owner.pause(link, wait);
    }
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
    this.#owner.message(this, received.verb, received.message);
  }

  data(transfer: number, bytes: Uint8Array): void {
    if (!this.#link) {
      this.#owner.rejected(this, 'link-not-open', 5, 'data frame');
      return;
    }
    this.#link.lastReceived = this.#owner.now();
    this.#link.transfers.onData(transfer, bytes);
  }

  keepAlive(): void {
    if (!this.#link) return;
    this.#link.lastReceived = this.#owner.now();
    this.#owner.keepAlive(this.#link);
  }

  drain(): void {
    this.#link?.transfers.onDrain();
  }

  closed(error?: ParleyError): void {
    this.#owner.closed(this, error);
  }
}
