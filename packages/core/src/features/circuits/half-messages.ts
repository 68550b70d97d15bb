import { Tally } from '../../util/tally.ts';
import type { CircuitConfig } from './config.ts';

/** A circuit, of which a message is not whole yet. */
export interface Listening {
  /** The node that it comes from. */
  readonly neighbour: string;
  readonly end: (reason: string) => void;
}

/** Messages of which not all cells have come, on all circuits that others have with this node. One neighbour has a share of the room, and the oldest gives way. */
export class HalfMessages {
  readonly #limits: Pick<CircuitConfig, 'maxHalfBytes' | 'halfMs' | 'share'>;
  readonly #rejected: () => void;
  /** In the order in which they began; since when in monotonic milliseconds. */
  readonly #half = new Map<Listening, { bytes: number; readonly since: number }>();
  readonly #bytes = new Tally();

  constructor(limits: Pick<CircuitConfig, 'maxHalfBytes' | 'halfMs' | 'share'>, rejected: () => void) {
    this.#limits = limits;
    this.#rejected = rejected;
  }

  get bytes(): number {
    return this.#bytes.total;
  }

  /** So many bytes are kept of a message on a circuit. Circuits that keep too much end, maybe this one. */
  holds(circuit: Listening, bytes: number, now: number): void {
    if (bytes === 0) {
      this.forget(circuit);
      return;
    }
    const half = this.#half.get(circuit) ?? { bytes: 0, since: now };
    this.#bytes.add(circuit.neighbour, bytes - half.bytes);
    half.bytes = bytes;
    this.#half.set(circuit, half);
    const { maxHalfBytes, share } = this.#limits;
    for (const oldest of this.#half.keys()) {
      const isTooMuch = this.#bytes.of(circuit.neighbour) > maxHalfBytes * share;
      if (!isTooMuch && this.#bytes.total <= maxHalfBytes) return;
      if (!isTooMuch || oldest.neighbour === circuit.neighbour) this.#end(oldest, 'quota');
    }
  }

  /** The message is whole, or the circuit has ended. */
  forget(circuit: Listening): void {
    const half = this.#half.get(circuit);
    if (!half) return;
    this.#half.delete(circuit);
    this.#bytes.add(circuit.neighbour, -half.bytes);
  }

  /** Ends circuits of which a message is not whole after its time. */
  sweep(now: number): void {
    for (const [circuit, { since }] of this.#half) {
      if (now - since <= this.#limits.halfMs) return;
      this.#end(circuit, 'timeout');
    }
  }

  #end(circuit: Listening, reason: string): void {
    this.#rejected();
    this.forget(circuit);
    circuit.end(reason);
  }
}
