import { LruMap } from '../../util/bounded.ts';
import type { CircuitConfig } from './config.ts';

const DESTINATIONS = 1000;
/** Circuits of no use to one destination after which the next one waits. */
const IN_VAIN = 2;
const REMEMBERED_HOPS = 12;

/** What became of circuits by destination: when the next one may be made, and which hops it does without where it can. Times in monotonic milliseconds. Pure. */
export class Trials {
  readonly #limits: Pick<CircuitConfig, 'retryMs' | 'maxRetryMs'>;
  readonly #notBefore = new LruMap<string, number>(DESTINATIONS);
  /** Circuits in a row that stood and were of no use. */
  readonly #inVain = new LruMap<string, number>(DESTINATIONS);
  readonly #shunned = new LruMap<string, readonly string[]>(DESTINATIONS);

  constructor(limits: Pick<CircuitConfig, 'retryMs' | 'maxRetryMs'>) {
    this.#limits = limits;
  }

  mayTry(destination: string, now: number): boolean {
    return (this.#notBefore.get(destination) ?? now) <= now;
  }

  /** None could be made. */
  unmade(destination: string, now: number): void {
    this.#wait(destination, now + this.#limits.retryMs);
  }

  /** One stood and was of no use: the next one waits, longer each time. */
  inVain(destination: string, now: number): void {
    const count = (this.#inVain.get(destination) ?? 0) + 1;
    this.#inVain.set(destination, count);
    if (count < IN_VAIN) return;
    const { retryMs, maxRetryMs } = this.#limits;
    this.#wait(destination, now + Math.min(maxRetryMs, retryMs * 2 ** Math.min(count - IN_VAIN, 16)));
  }

  useful(destination: string): void {
    this.#inVain.delete(destination);
    this.#notBefore.delete(destination);
  }

  /** The next circuits are tried at once: all of them, or those of destinations for which none could be made. */
  afresh(all: boolean): void {
    for (const [destination] of [...this.#notBefore.entries()]) {
      if (all) this.#inVain.delete(destination);
      if (!this.#inVain.get(destination)) this.#notBefore.delete(destination);
    }
  }

  /** Nothing is heard of a destination by way of these. It may be away; or one of them has acknowledged, and dropped. */
  shun(destination: string, hops: readonly string[]): void {
    const all = new Set([...hops, ...this.shunned(destination)]);
    this.#shunned.set(destination, [...all].slice(0, REMEMBERED_HOPS));
  }

  /** There is an answer from a destination. */
  answered(destination: string): void {
    this.#shunned.delete(destination);
  }

  shunned(destination: string): readonly string[] {
    return this.#shunned.get(destination) ?? [];
  }

  #wait(destination: string, until: number): void {
    this.#notBefore.set(destination, Math.max(this.#notBefore.get(destination) ?? 0, until));
  }
}
