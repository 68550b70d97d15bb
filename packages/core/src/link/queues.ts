import type { Link } from './link.ts';

/** The queues are measured whenever this part of their bound was added to them. */
const MEASURED_AT = 1 / 16;

/**
 * Keeps what waits for all neighbours together under a bound: each queue has one of its own, but thousands who do not read would fill the memory of
 * a node with theirs. Over it the longest ends.
 */
export class Queues {
  readonly #most: number;
  readonly #links: () => readonly Link[];
  readonly #overflow: (link: Link) => void;
  /** Characters that were sent since the queues were measured. */
  #added = 0;

  /** `most`: bytes. `overflow`: ends a link. */
  constructor(most: number, links: () => readonly Link[], overflow: (link: Link) => void) {
    this.#most = most;
    this.#links = links;
    this.#overflow = overflow;
  }

  /** Bytes that wait for all. */
  get bytes(): number {
    return this.#links().reduce((sum, { unsent }) => sum + unsent, 0);
  }

  /** So many characters more were queued. */
  add(length: number): void {
    this.#added += length;
    if (this.#added < this.#most * MEASURED_AT) return;
    this.#added = 0;
    this.#measure();
  }

  #measure(): void {
    let all = this.bytes;
    if (all <= this.#most) return;
    for (const link of [...this.#links()].sort((a, b) => b.unsent - a.unsent)) {
      if (all <= this.#most) break;
      all -= link.unsent;
      this.#overflow(link);
    }
  }
}
