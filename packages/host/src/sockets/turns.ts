/** Units, of a message or 4 KiB of it, that all connections of a transport may bring in one turn of the event loop, together: the more of them there are, the less each. */
const UNITS = 256;
/** But each so many: to stop and to begin again costs something too. */
const LEAST = 8;

/** A connection that brought messages in this turn. */
export interface Taker {
  /** The turn is over, and a new one begins. */
  turned(): void;
}

/**
 * Lets connections take turns. libuv reads up to 32 times from a socket that has more before it looks at the next one, which is seconds of work where
 * each message has a signature: whoever sends as fast as it can would be all that a node hears.
 */
export class Turns {
  #takers: Taker[] = [];
  /** Connections that brought something in the last turn that had any. */
  #last = 1;

  /** Units that one connection may bring in a turn. */
  get share(): number {
    return Math.max(LEAST, Math.floor(UNITS / Math.max(this.#last, this.#takers.length)));
  }

  /** A connection brings its first message of this turn. */
  join(taker: Taker): void {
    if (this.#takers.push(taker) === 1) setImmediate(this.#over);
  }

  readonly #over = (): void => {
    const takers = this.#takers;
    this.#takers = [];
    this.#last = takers.length;
    for (const taker of takers) taker.turned();
  };
}
