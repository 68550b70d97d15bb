import { LruMap } from '../util/bounded.ts';
import type { Message } from '../wire/message.ts';

export interface LateReport {
  readonly message: Message;
  /** The neighbour that it came from; undefined for one of our own. */
  readonly from: string | undefined;
}

interface Waiting extends LateReport {
  readonly until: number;
}

/** Destinations that reports wait for, and reports for each. */
const DESTINATIONS = 1000;
const PER_DESTINATION = 32;

/**
 * NACKs and RECEIPTs for nodes to which there is no route yet: after a link came up messages overtake the ROUTING that leads their answers
 * back. They wait a short while, in memory: whoever misses one repeats the message. Time in monotonic milliseconds.
 */
export class LateReports {
  readonly #waitMs: number;
  readonly #waiting = new LruMap<string, Waiting[]>(DESTINATIONS);

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  hold(destination: string, report: LateReport, now: number): void {
    const others = this.#fresh(destination, now);
    this.#waiting.set(destination, [...others.slice(1 - PER_DESTINATION), { ...report, until: now + this.#waitMs }]);
  }

  /** What waited for a node, which is there now. */
  take(destination: string, now: number): LateReport[] {
    const found = this.#fresh(destination, now);
    this.#waiting.delete(destination);
    return found;
  }

  #fresh(destination: string, now: number): Waiting[] {
    return (this.#waiting.get(destination) ?? []).filter(({ until }) => until > now);
  }
}
