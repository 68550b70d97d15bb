import { concat } from '../../util/bytes.ts';

const LF = 10;

/** Bytes that come in pieces of any size, read in pieces of the reader's. Holds what is asked for, and one piece more. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array();
  #done = 0;
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#pieces = source[Symbol.asyncIterator]();
  }

  /** Bytes that were read so far. */
  get done(): number {
    return this.#done;
  }

  /** So many bytes; fewer where it ends before. */
  async read(length: number): Promise<Uint8Array> {
    await this.#hold(length);
    const read = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(read.length);
    this.#done += read.length;
    return read;
  }

  /** What is there up to the first line feed, that included, without reading it; undefined where there is none in so many bytes. */
  async peekLine(most: number): Promise<Uint8Array | undefined> {
    await this.#hold(most);
    const at = this.#held.subarray(0, most).indexOf(LF);
    return at === -1 ? (this.#ended && this.#held.length <= most ? this.#held : undefined) : this.#held.subarray(0, at + 1);
  }

  /** Tells the source that nothing more will be read. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #hold(length: number): Promise<void> {
    const parts: Uint8Array[] = [this.#held];
    let bytes = this.#held.length;
    while (bytes < length && !this.#ended) {
      const next = await this.#pieces.next();
      if (next.done) this.#ended = true;
      else {
        parts.push(next.value);
        bytes += next.value.length;
      }
    }
    if (parts.length > 1) this.#held = concat(...parts);
  }
}

/** Lines without their ends. The last counts without one too. `tooLong` makes the error for one that is longer than `most` bytes. */
export async function* linesOf(source: AsyncIterable<Uint8Array>, most: number, tooLong: () => Error): AsyncGenerator<Uint8Array, void> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of source) {
    let from = 0;
    for (let at = piece.indexOf(LF); at !== -1; at = piece.indexOf(LF, from)) {
      yield concat(...parts, piece.subarray(from, at));
      parts = [];
      bytes = 0;
      from = at + 1;
    }
    bytes += piece.length - from;
    if (bytes > most) throw tooLong();
    // A copy: the rest of the piece would be kept along.
    parts.push(piece.slice(from));
  }
  if (bytes > 0) yield concat(...parts);
}
