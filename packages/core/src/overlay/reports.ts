import type { Scope } from '../util/scope.ts';
import type { JsonObject } from '../wire/json.ts';
import { MAX_ALSO, MAX_RECIPIENTS } from './verbs.ts';

export type ReceiptState = 'stored' | 'delivered' | 'read' | 'expired';

type Outcome = { readonly state: ReceiptState } | { readonly reason: string };

interface Batch {
  readonly origin: string;
  readonly outcome: Outcome;
  /** Message ids, and the recipients that the outcome is about. */
  readonly messages: Map<string, Set<string>>;
}

/** What a NACK or a RECEIPT says, without the sender's name. */
export interface Report {
  readonly verb: 'RECEIPT' | 'NACK';
  readonly data: JsonObject;
}

/** Batches that are open at once: one for each origin and outcome. */
const CAPACITY = 10_000;

/**
 * Gathers NACKs and RECEIPTs: what is to be said to an origin in one instant goes together and at once, and what follows within `batchMs` goes
 * together too. So a stream of messages costs one report a batch, a message for many recipients one for all of them, and a single one is
 * answered without delay (WIRE: "RECEIPTs are cumulative, batched for 2 s"). Where only one followed there is no stream, and the next is a first one again.
 */
export class Reports {
  readonly #scope: Scope;
  readonly #batchMs: number;
  readonly #send: (report: Report) => void;
  readonly #open = new Map<string, Batch>();

  constructor(scope: Scope, batchMs: number, send: (report: Report) => void) {
    this.#scope = scope;
    this.#batchMs = batchMs;
    this.#send = send;
  }

  /** With a `proof` it is about this one message, and goes by itself. */
  receipt(origin: string, recipient: string, msgId: string, state: ReceiptState, proof?: string): void {
    if (proof === undefined) this.#add(`${origin}${state}`, origin, recipient, { state }, msgId);
    else this.#report({ origin, outcome: { state } }, [recipient], [msgId], proof);
  }

  nack(origin: string, recipient: string, msgId: string, reason: string, proof?: string): void {
    if (proof === undefined) this.#add(`${origin}!${reason}`, origin, recipient, { reason }, msgId);
    else this.#report({ origin, outcome: { reason } }, [recipient], [msgId], proof);
  }

  #add(key: string, origin: string, recipient: string, outcome: Outcome, msgId: string): void {
    const open = this.#open.get(key);
    const batch = open ?? { origin, outcome, messages: new Map() };
    const recipients = batch.messages.get(msgId);
    if (recipients) recipients.add(recipient);
    else batch.messages.set(msgId, new Set([recipient]));
    if (open) {
      if (batch.messages.size > MAX_ALSO) this.#flush(batch);
    } else if (this.#open.size >= CAPACITY) {
      // So many at once come from strangers alone: theirs go one by one.
      this.#flush(batch);
    } else {
      this.#open.set(key, batch);
      this.#arm(key, batch, 0);
    }
  }

  #arm(key: string, batch: Batch, ms: number): void {
    this.#scope.after(ms, () => {
      if (batch.messages.size === 0) {
        this.#open.delete(key);
        return;
      }
      const isAlone = ms > 0 && batch.messages.size === 1;
      this.#flush(batch);
      if (isAlone) this.#open.delete(key);
      else this.#arm(key, batch, this.#batchMs);
    });
  }

  /** One report for all messages that are about the same recipients. */
  #flush(batch: Batch): void {
    const alike = new Map<string, { recipients: string[]; ids: string[] }>();
    for (const [msgId, set] of batch.messages) {
      const recipients = [...set].sort();
      const group = alike.get(recipients.join());
      if (group) group.ids.push(msgId);
      else alike.set(recipients.join(), { recipients, ids: [msgId] });
    }
    batch.messages.clear();
    for (const { recipients, ids } of alike.values()) {
      // A list is no longer than that of a message, but a stranger may have made two of one message.
      for (let at = 0; at < recipients.length; at += MAX_RECIPIENTS) {
        this.#report(batch, recipients.slice(at, at + MAX_RECIPIENTS), ids);
      }
    }
  }

  #report(
    { origin, outcome }: Pick<Batch, 'origin' | 'outcome'>,
    recipients: readonly string[],
    [first, ...also]: readonly string[],
    proof?: string,
  ): void {
    if (first === undefined) return;
    const data: JsonObject = {
      msg_id: first,
      recipient_id: origin,
      recipient: recipients.map((nodeId) => ({ node_id: nodeId })),
      ...outcome,
    };
    if (also.length > 0) data.also = also;
    if (proof !== undefined) data.proof = proof;
    this.#send({ verb: 'state' in outcome ? 'RECEIPT' : 'NACK', data });
  }
}
