import { TRAFFIC_KINDS, type TrafficKind } from '../wire/verb.ts';

/** What waits behind a link whose queue is long, of each kind in order; bounded, and the least urgent kind gives way first. Pure. */
export class Backlog {
  readonly #queues = new Map<TrafficKind, Set<{ readonly json: string }>>(TRAFFIC_KINDS.map((kind) => [kind, new Set()]));
  readonly #maxBytes: number;
  readonly #shed: (kind: TrafficKind) => void;
  #bytes = 0;

  /** `shed` is told of each message that is given up. Bytes are counted as characters of JSON. */
  constructor(maxBytes: number, shed: (kind: TrafficKind) => void) {
    this.#maxBytes = maxBytes;
    this.#shed = shed;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False when there is no room even without what is less urgent: of its own kind the latest is given up. */
  push(kind: TrafficKind, json: string): boolean {
    for (let rank = TRAFFIC_KINDS.length - 1; this.#bytes + json.length > this.#maxBytes; rank--) {
      const other = TRAFFIC_KINDS[rank];
      if (other === undefined || other === kind) {
        this.#shed(kind);
        return false;
      }
      this.#giveUp(other, json.length);
    }
    this.#queues.get(kind)?.add({ json });
    this.#bytes += json.length;
    return true;
  }

  /** The next message: the most urgent kind first, of one kind the oldest. */
  take(): string | undefined {
    for (const queue of this.#queues.values()) {
      for (const entry of queue) {
        queue.delete(entry);
        this.#bytes -= entry.json.length;
        return entry.json;
      }
    }
    return undefined;
  }

  /** Oldest first, which are out of date the soonest, until there is room for so many bytes. */
  #giveUp(kind: TrafficKind, room: number): void {
    const queue = this.#queues.get(kind) ?? new Set();
    for (const entry of queue) {
      if (this.#bytes + room <= this.#maxBytes) return;
      queue.delete(entry);
      this.#bytes -= entry.json.length;
      this.#shed(kind);
    }
  }
}
