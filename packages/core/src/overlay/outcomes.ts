import type { Clock } from '../ports/clock.ts';
import type { Emitter } from '../util/events.ts';
import type { Metrics } from '../util/metrics.ts';
import type { Carrier, CarrierDeps } from './carrier.ts';
import type { Held, HeldIndex, Waiting } from './held.ts';
import type { ReceiptState, Reports } from './reports.ts';
import { wayKey } from './ways.ts';

/** What became of an own message, for one recipient. `waiting`: nobody answers for it for now; tried again until it expires. */
export interface Delivery {
  readonly msgId: string;
  readonly recipient: string;
  readonly state: 'sent' | ReceiptState | 'waiting' | 'failed';
  /** The node that said so. */
  readonly by?: string;
  /** Where it failed, waits, or was sent without being receipted in time: why (`Trouble`, `no path`, or `no circuit`). */
  readonly reason?: string;
  /** Nothing waited for it any more. */
  readonly late?: true;
}

export interface OutcomeDeps extends Pick<CarrierDeps, 'routes' | 'circuits'> {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly index: HeldIndex;
  readonly carrier: Carrier;
  readonly reports: Reports;
  readonly events: Emitter<{ delivery: Delivery }>;
  /** Nothing more is to be done for it. */
  readonly forget: (waiting: Waiting) => void;
}

/** Reasons of a NACK that say something of the way and nothing of the recipient's will, whoever signed it. */
const HINTS = new Set([
  'ttl',
  'not-a-relay',
  'unknown destination',
  'no-route',
  'evicted',
  'quota-destination',
  'quota-pair',
  'quota-total',
]);

/** What becomes of held messages by what others say of them, or do not say, and how their origin comes to know. */
export class Outcomes {
  readonly #deps: OutcomeDeps;

  constructor(deps: OutcomeDeps) {
    this.#deps = deps;
  }

  /**
   * A NACK that `by` has signed, or whose origin is not ours to check. Returns whether we hold what it is about: then it has
   * reached the one who answers for the message, and goes no further. Sets, here and in `receipted`: a stranger repeats itself for nothing.
   */
  refused(
    msgIds: ReadonlySet<string>,
    recipients: ReadonlySet<string> | undefined,
    reason: string,
    by: string,
    from: string | undefined,
  ): boolean {
    let ours = false;
    for (const msgId of msgIds) {
      const held = this.#deps.index.own(msgId) ?? (from === undefined ? undefined : this.#deps.carrier.flying(from, msgId));
      if (!held) continue;
      ours = true;
      for (const waiting of [...held.waiting.values()]) {
        if (!recipients || recipients.has(waiting.destination)) this.#refused(waiting, reason, by);
      }
    }
    return ours;
  }

  #refused(waiting: Waiting, reason: string, by: string): void {
    const { held } = waiting;
    if (by === waiting.destination && held.own && !HINTS.has(reason)) this.end(waiting, { state: 'failed', by, reason });
    else if (waiting.state !== 'parked') {
      waiting.trouble = reason;
      if (held.own) this.#tell(waiting, { state: 'waiting', by, reason });
      this.#triedInVain(waiting);
      this.#deps.carrier.recall(waiting);
      this.#deps.carrier.route([waiting]);
    }
  }

  /** The way that it took is no way for it. */
  #triedInVain(waiting: Waiting): void {
    const { via: neighbour, through } = waiting;
    if (neighbour === undefined) return;
    waiting.tried.add(wayKey({ neighbour, through }));
    if (through !== undefined) this.#deps.carrier.measured(waiting, false);
  }

  /** A RECEIPT for own messages, which `by` has signed. Only the recipient's own proves delivery. */
  receipted(msgIds: ReadonlySet<string>, recipients: ReadonlySet<string>, state: ReceiptState, by: string): void {
    // Anybody may say that it expired, or is stored: we hold it for as long ourselves, and send on while the recipient is there.
    if (state === 'expired') return;
    if (state === 'stored') {
      for (const msgId of msgIds) this.#stored(msgId, recipients, by);
      return;
    }
    if (!recipients.has(by) || recipients.size > 1) this.#deps.metrics.reject('receipt-not-by-recipient');
    if (recipients.has(by)) for (const msgId of msgIds) this.#delivered(msgId, by, state);
  }

  #delivered(msgId: string, recipient: string, state: 'delivered' | 'read'): void {
    const { index, carrier, metrics, clock, events, forget } = this.#deps;
    const held = index.own(msgId);
    const waiting = held?.waiting.get(recipient);
    const delivery: Delivery = { msgId, recipient, state, by: recipient };
    if (!waiting || !held) {
      // It may follow when nothing waits any more: it was read, or came another way after it was given up.
      events.emit('delivery', { ...delivery, late: true });
      return;
    }
    carrier.measured(waiting, true);
    metrics.observe('delivery_ms', clock.now() - held.at);
    forget(waiting);
    events.emit('delivery', delivery);
  }

  #stored(msgId: string, recipients: ReadonlySet<string>, by: string): void {
    const held = this.#deps.index.own(msgId);
    if (!held) return;
    for (const recipient of recipients) {
      const waiting = held.waiting.get(recipient);
      if (waiting?.state === 'handed' && !this.#deps.routes.reaches(recipient) && !this.#deps.carrier.isHidden(waiting))
        waiting.state = 'stored';
      if (waiting) this.#tell(waiting, { state: 'stored', by });
    }
  }

  /** The next node has it. */
  sent(waiting: Waiting, by: string): void {
    const { trouble } = waiting;
    this.#tell(waiting, { state: 'sent', by, ...(trouble === undefined ? {} : { reason: trouble }) });
  }

  /** Whoever answers for it has brought no RECEIPT. */
  unreceipted(waiting: Waiting): void {
    waiting.trouble = 'no receipt';
    if (waiting.via === undefined) return;
    this.#deps.circuits.unreceipted(waiting.via);
    this.sent(waiting, waiting.via);
  }

  /** Nobody answers for it for now. */
  parked(waiting: Waiting): void {
    if (!waiting.held.own) return;
    this.#tell(waiting, { state: 'waiting', reason: waiting.trouble ?? (this.#deps.carrier.isHidden(waiting) ? 'no circuit' : 'no path') });
  }

  expired(waiting: Waiting): void {
    const { held, destination } = waiting;
    if (!held.own && held.proved) this.#deps.reports.receipt(held.origin, destination, held.msgId, 'expired');
    this.end(waiting, { state: 'expired', reason: 'nobody took it within its time' });
  }

  /** It is given up. */
  end(waiting: Waiting, outcome: Pick<Delivery, 'by'> & { readonly state: 'failed' | 'expired'; readonly reason: string }): void {
    this.#deps.forget(waiting);
    if (waiting.held.own) this.#tell(waiting, outcome);
  }

  #tell({ held, destination }: { readonly held: Held; readonly destination: string }, said: Omit<Delivery, 'msgId' | 'recipient'>): void {
    this.#deps.events.emit('delivery', { msgId: held.msgId, recipient: destination, ...said });
  }
}
