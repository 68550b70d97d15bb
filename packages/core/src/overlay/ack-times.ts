import { LruMap } from '../util/bounded.ts';

/** Copies that were given up, of which an ACK may still come. */
const GIVEN_UP = 256;

interface Estimate {
  smoothedMs: number;
  variationMs: number;
}

/**
 * How long an ACK of each neighbour is waited for: as RFC 6298 has it for TCP, from the times that earlier ones took. There is no doubling on silence, which
 * would let a neighbour that says nothing hold up more and more; ACKs that come too late are measured in its place. Pure.
 */
export class AckTimes {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #estimates = new Map<string, Estimate>();
  /** When a copy was sent that was given up, by neighbour and name; undefined where it was sent twice, and an ACK may be of either (Karn's rule). */
  readonly #givenUp = new LruMap<string, number>(GIVEN_UP);

  constructor(bounds: { readonly ackTimeoutMs: number; readonly maxAckTimeoutMs: number }) {
    this.#minMs = bounds.ackTimeoutMs;
    this.#maxMs = bounds.maxAckTimeoutMs;
  }

  /** Milliseconds of silence after which something else is tried. */
  timeoutMs(neighbour: string): number {
    const known = this.#estimates.get(neighbour);
    if (!known) return this.#minMs;
    return Math.min(this.#maxMs, Math.max(this.#minMs, known.smoothedMs + 4 * known.variationMs));
  }

  /** An ACK has come. `name`: of the copy at this neighbour. `sentAt`: when that was sent, undefined where it had been given up. Returns how long it took, if that is known. */
  came(neighbour: string, name: string, sentAt: number | undefined, now: number): number | undefined {
    const before = this.#takeGivenUp(neighbour, name);
    if (before !== undefined && sentAt !== undefined) return undefined;
    const at = sentAt ?? before;
    if (at === undefined) return undefined;
    this.#measured(neighbour, now - at);
    return now - at;
  }

  /** Most ACKs come while nothing was given up: no key is put together for them. */
  #takeGivenUp(neighbour: string, name: string): number | undefined {
    if (this.#givenUp.size === 0) return undefined;
    const key = `${neighbour} ${name}`;
    const sentAt = this.#givenUp.get(key);
    this.#givenUp.delete(key);
    return sentAt;
  }

  /** A copy is not waited for any longer. */
  gaveUp(neighbour: string, name: string, sentAt: number): void {
    this.#givenUp.set(`${neighbour} ${name}`, sentAt);
  }

  /** The link is gone: the next one may be another way. */
  forget(neighbour: string): void {
    this.#estimates.delete(neighbour);
  }

  #measured(neighbour: string, ms: number): void {
    const known = this.#estimates.get(neighbour);
    if (known) {
      known.variationMs += (Math.abs(ms - known.smoothedMs) - known.variationMs) / 4;
      known.smoothedMs += (ms - known.smoothedMs) / 8;
    } else this.#estimates.set(neighbour, { smoothedMs: ms, variationMs: ms / 2 });
  }
}
