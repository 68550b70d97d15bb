import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../util/metrics.ts';
import type { Carrier } from './carrier.ts';
import type { OverlayConfig } from './config.ts';
import type { HeldIndex, Waiting } from './held.ts';
import type { Reports } from './reports.ts';

export interface SweeperDeps {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly reports: Reports;
  readonly index: HeldIndex;
  readonly carrier: Carrier;
  /** Whether a destination is believed to be there: by ROUTING, or because it has signed so lately. */
  readonly isPresent: (nodeId: string) => boolean;
  /** Nobody took it within its time. */
  readonly expired: (waiting: Waiting) => void;
  /** Whoever answers for it has brought no RECEIPT. */
  readonly unreceipted: (waiting: Waiting) => void;
  /** No way is left for now. */
  readonly parked: (waiting: Waiting) => void;
}

/** Looks through what is held every now and then: for what has expired, is to be tried again, or misses its RECEIPT. */
export class Sweeper {
  readonly #deps: SweeperDeps;
  readonly #config: OverlayConfig;

  constructor(deps: SweeperDeps, config: OverlayConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  sweep(): void {
    const { clock, index, carrier, expired } = this.#deps;
    const now = clock.monotonic();
    const oldest = clock.now() - this.#config.expiryMs;
    const again: Waiting[] = [];
    for (const held of index.all()) {
      if (held.at < oldest) {
        for (const waiting of [...held.waiting.values()]) expired(waiting);
        continue;
      }
      for (const waiting of held.waiting.values()) if (this.#isDue(waiting, now)) again.push(waiting);
    }
    carrier.route(again);
  }

  /** Whether to send it on now. */
  #isDue(waiting: Waiting, now: number): boolean {
    const { carrier } = this.#deps;
    if (waiting.state === 'parked') {
      this.#tellStored(waiting, now);
      if (waiting.retryAt > now) return false;
      waiting.tried.clear();
      if (carrier.nextHop(waiting) !== undefined) return true;
      waiting.retryAt = now + this.#config.retryMinMs;
    } else if (waiting.state === 'handed' && now - waiting.since >= this.#receiptTimeoutMs(waiting)) {
      return this.#isUnreceipted(waiting, now);
    }
    return false;
  }

  /** By circuit the RECEIPT of one who was away comes no more once the circuit has ended: it is said again, less and less often. */
  #receiptTimeoutMs(waiting: Waiting): number {
    const { receiptTimeoutMs, expiryMs } = this.#config;
    if (!this.#deps.carrier.isHidden(waiting)) return receiptTimeoutMs;
    return Math.min(receiptTimeoutMs * 2 ** Math.min(waiting.failures, 16), expiryMs / 28);
  }

  /** What did not find its way on for a while is stored here; what only passes through says nothing, and what is not proved concerns nobody. */
  #tellStored(waiting: Waiting, now: number): void {
    const { held, destination } = waiting;
    if (held.own || !held.proved || waiting.told || now - waiting.since < this.#config.receiptBatchMs) return;
    waiting.told = true;
    this.#deps.reports.receipt(held.origin, destination, held.msgId, 'stored');
  }

  /**
   * No RECEIPT, not even that it is stored: by another way if there is one (WIRE "ACK, NACK, RECEIPT"). Where the recipient is believed present
   * the way has to answer for it.
   */
  #isUnreceipted(waiting: Waiting, now: number): boolean {
    const { metrics, carrier, parked, unreceipted, isPresent } = this.#deps;
    waiting.since = now;
    unreceipted(waiting);
    if (isPresent(waiting.destination)) {
      carrier.measured(waiting, false);
      metrics.count('receipts', 'missing');
    }
    if (carrier.nextHop(waiting) !== undefined) return true;
    parked(waiting);
    return false;
  }
}
