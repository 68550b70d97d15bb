import type { Scope } from '../util/scope.ts';
import type { JsonObject } from '../wire/json.ts';
import { MAX_ALSO } from './verbs.ts';

export type ReceiptState = 'stored' | 'delivered' | 'read' | 'expired';

interface Batch {
  readonly origin: string;
  readonly recipient: string;
  readonly outcome: { readonly state: ReceiptState } | { readonly reason: string };
  readonly ids: string[];
}

/** What a NACK or a RECEIPT says, without the sender's name. */
export interface Report {
  readonly verb: 'RECEIPT' | 'NACK';
  readonly data: JsonObject;
}

/**
 * Gathers NACKs and RECEIPTs: the first of a kind goes at once, what follows within `batchMs` goes together, so that a stream of messages
 * costs one report a batch and a single one is answered without delay (WIRE: "RECEIPTs are cumulative, batched for 2 s").
 */
export class Reports {
  readonly #scope: Scope;
  readonly #batchMs: number;
  readonly #send: (report: Report) => void;
  readonly #open = new Map<string, Batch>();
  readonly #capacity = 10_000;

  constructor(scope: Scope, batchMs: number, send: (report: Report) => void) {
    this.#scope = scope;
    this.#batchMs = batchMs;
    this.#send = send;
  }

  receipt(origin: string, recipient: string, msgId: string, state: ReceiptState): void {
    this.#add(`${origin}${recipient}${state}`, origin, recipient, { state }, msgId);
  }

  nack(origin: string, recipient: string, msgId: string, reason: string): void {
    this.#add(`${origin}${recipient}!${reason}`, origin, recipient, { reason }, msgId);
  }

  #add(key: string, origin: string, recipient: string, outcome: Batch['outcome'], msgId: string): void {
    const open = this.#open.get(key);
    if (open) {
      open.ids.push(msgId);
      if (open.ids.length > MAX_ALSO) this.#flush(open);
      return;
    }
    const batch: Batch = { origin, recipient, outcome, ids: [msgId] };
    this.#flush(batch);
    // So many at once come from strangers alone: theirs go one by one.
    if (this.#open.size >= this.#capacity) return;
    this.#open.set(key, batch);
    this.#arm(key, batch);
  }

  #arm(key: string, batch: Batch): void {
    this.#scope.after(this.#batchMs, () => {
      if (batch.ids.length === 0) {
        this.#open.delete(key);
        return;
      }
      this.#flush(batch);
      this.#arm(key, batch);
    });
  }

  #flush(batch: Batch): void {
    const [first, ...also] = batch.ids.splice(0, MAX_ALSO + 1);
    if (first === undefined) return;
    const data: JsonObject = { msg_id: first, recipient_id: batch.origin, recipient: [{ node_id: batch.recipient }], ...batch.outcome };
    if (also.length > 0) data.also = also;
    this.#send({ verb: 'state' in batch.outcome ? 'RECEIPT' : 'NACK', data });
  }
}
