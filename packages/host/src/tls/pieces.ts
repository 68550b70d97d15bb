import type { ConnectionSettings } from '../sockets/settings.ts';
import { STAGE_BYTES, type Stages } from '../sockets/stages.ts';
import { LongMessage } from './long-message.ts';

/** What a TLS record holds. A record that is not full costs both sides as much as a full one. */
export const RECORD_BYTES = 16 * 1024;
/** Written at a time: few enough to stay in the processor's cache on its way through TLS. */
export const PIECE_BYTES = STAGE_BYTES;
/** At most so much is written from where it lies. */
const DIRECT_BYTES = 2 * PIECE_BYTES;

/**
 * What waits to be written to a TLS socket, one piece at a time, so that records are full: handed to the socket one by one, each header of a frame
 * would be a record, and a queue of them would be copied at once into as much memory as it has, which TLS would keep for as long as the
 * connection lives.
 */
export class Pieces {
  readonly #stages: Stages;
  readonly #small: Stages;
  #waiting: (Uint8Array | LongMessage)[] = [];
  #length = 0;
  /** Holds the piece that was taken last. */
  #stage: Buffer | undefined;

  constructor(settings: Pick<ConnectionSettings, 'stages' | 'smallStages'>) {
    this.#stages = settings.stages;
    this.#small = settings.smallStages;
  }

  /** Bytes that wait. */
  get length(): number {
    return this.#length;
  }

  /** What is longer than a record is not to be changed until it was taken. */
  push(what: Uint8Array | LongMessage): void {
    this.#waiting.push(what);
    this.#length += what.length;
  }

  /** The next piece; undefined when nothing waits. The one before must have left: its memory is used again. */
  next(): Uint8Array | undefined {
    if (this.#stage) (this.#stage.length === STAGE_BYTES ? this.#stages : this.#small).give(this.#stage);
    this.#stage = undefined;
    const first = this.#waiting[0];
    if (first === undefined) return undefined;
    const piece = first instanceof LongMessage ? this.#text(first) : first.length >= PIECE_BYTES ? this.#direct(first) : this.#gather();
    this.#length -= piece.length;
    return piece;
  }

  /** Everything that waits, for who cannot wait any longer. */
  takeAll(): Uint8Array[] {
    const all = this.#waiting.map((what) => (what instanceof LongMessage ? what.rest() : what));
    this.clear();
    return all;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
    this.#length = 0;
    // The last piece may still be on its way.
    this.#stage = undefined;
  }

  #text(message: LongMessage): Uint8Array {
    this.#stage = this.#small.take();
    const piece = this.#stage.subarray(0, message.take(this.#stage));
    if (message.length === 0) this.#waiting.shift();
    return piece;
  }

  #direct(bytes: Uint8Array): Uint8Array {
    const length = Math.min(DIRECT_BYTES, bytes.length - (bytes.length % RECORD_BYTES));
    this.#shorten(bytes, length);
    return bytes.subarray(0, length);
  }

  /** Copies what is short; of what is long only as much as fills a record. */
  #gather(): Uint8Array {
    this.#stage = this.#stages.take();
    let filled = 0;
    for (;;) {
      const bytes = this.#waiting[0];
      if (bytes === undefined || bytes instanceof LongMessage) break;
      const goal = bytes.length < PIECE_BYTES ? PIECE_BYTES : Math.ceil(filled / RECORD_BYTES) * RECORD_BYTES;
      if (filled === goal) break;
      const length = Math.min(bytes.length, goal - filled);
      this.#stage.set(length === bytes.length ? bytes : bytes.subarray(0, length), filled);
      this.#shorten(bytes, length);
      filled += length;
    }
    return this.#stage.subarray(0, filled);
  }

  #shorten(first: Uint8Array, by: number): void {
    if (by === first.length) this.#waiting.shift();
    else this.#waiting[0] = first.subarray(by);
  }
}
