import { LruMap } from '../util/bounded.ts';
import type { Message } from '../wire/message.ts';

export interface LateReport {
  readonly message: Message;
  /** The neighbour that it came from; undefined for one of our own. */
  readonly from: string | undefined;
}

interface Waiting extends LateReport {
  readonly until: number;
  readonly bytes: number;
}

/** Destinations that reports wait for, and reports for each; anybody can write long ones. */
const DESTINATIONS = 1000;
const PER_DESTINATION = 32;
const MAX_BYTES = 4 * 1024 * 1024;
const BYTES_PER_DESTINATION = 256 * 1024;

/**
 * NACKs and RECEIPTs for nodes to which there is no route yet: after a link came up messages overtake the ROUTING that leads their answers
 * back. They wait a short while, in memory: whoever misses one repeats the message. Time in monotonic milliseconds.
 */
export class LateReports {
  readonly #waitMs: number;
  readonly #waiting = new LruMap<string, readonly Waiting[]>(DESTINATIONS, { maxWeight: MAX_BYTES, weigh: bytesOf });

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  hold(destination: string, report: LateReport, now: number): void {
    const latest = { ...report, until: now + this.#waitMs, bytes: JSON.stringify(report.message).length };
    const kept = [...this.#fresh(destination, now).slice(1 - PER_DESTINATION), latest];
    while (bytesOf(kept) > BYTES_PER_DESTINATION) kept.shift();
    this.#waiting.set(destination, kept);
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

function bytesOf(reports: readonly Waiting[]): number {
  return reports.reduce((sum, { bytes }) => sum + bytes, 0);
}
