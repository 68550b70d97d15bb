import type { Link } from '../link/index.ts';
import type { JsonObject } from '../wire/json.ts';
import { ACK, MAX_ALSO } from './verbs.ts';

/** Messages of one origin that are acknowledged alike. */
interface Batch {
  readonly origin: string;
  /** Of a verb with a list of recipients: those whom the ACK is about. */
  readonly recipients: readonly string[] | undefined;
  readonly msgIds: string[];
}

/**
 * Gathers ACKs: what one commit has put on disk is acknowledged together, with one ACK for all messages of an origin (ADR 0043). Nothing waits for
 * that: what comes in the same step of the program goes at its end.
 */
export class Acks {
  readonly #self: string;
  #open = new Map<Link, Map<string, Batch>>();

  /** `self`: node id. */
  constructor(self: string) {
    this.#self = self;
  }

  /** `recipients`: undefined for verbs without a list of them. */
  add(link: Link, origin: string, msgId: string, recipients: readonly string[] | undefined): void {
    if (this.#open.size === 0) void Promise.resolve().then(() => this.#flush());
    let batches = this.#open.get(link);
    if (!batches) {
      batches = new Map();
      this.#open.set(link, batches);
    }
    const key = recipients === undefined ? origin : `${origin} ${recipients.join(' ')}`;
    const batch = batches.get(key);
    if (!batch) batches.set(key, { origin, recipients, msgIds: [msgId] });
    else if (batch.msgIds.push(msgId) > MAX_ALSO) {
      this.#say(link, batch);
      batches.delete(key);
    }
  }

  #flush(): void {
    const open = this.#open;
    this.#open = new Map();
    for (const [link, batches] of open) for (const batch of batches.values()) this.#say(link, batch);
  }

  #say(link: Link, { origin, recipients, msgIds: [first = '', ...also] }: Batch): void {
    const ack: JsonObject = { node_id: this.#self, msg_id: first, origin_id: origin };
    if (recipients) ack.recipient = recipients.map((nodeId) => ({ node_id: nodeId }));
    if (also.length > 0) ack.also = also;
    link.say(ACK, ack);
  }
}
