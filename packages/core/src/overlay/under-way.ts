import type { Link } from '../link/index.ts';

/** So long a link is not read while too much is under way. */
const PAUSE_MS = 100;

/**
 * Counts what messages take up in memory from when they came until they are on disk, or refused: neighbours can bring more than a disk takes. Above a
 * bound whoever brings more is read slowly; not never, since what is under way may wait for what a link brings.
 */
export class UnderWay {
  readonly #most: number;
  readonly #pause: (link: Link, ms: number) => void;
  #bytes = 0;

  /** `most`: bytes. */
  constructor(most: number, pause: (link: Link, ms: number) => void) {
    this.#most = most;
    this.#pause = pause;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** A message of so many bytes came by a link, and is done with when the task is. Settles as that does. */
  async add(link: Link, bytes: number, task: Promise<void>): Promise<void> {
    this.#bytes += bytes;
    if (this.#bytes > this.#most) this.#pause(link, PAUSE_MS);
    try {
      await task;
    } finally {
      this.#bytes -= bytes;
    }
  }
}
