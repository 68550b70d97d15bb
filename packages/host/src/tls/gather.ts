import { DATA_HEADER_BYTES, FRAME_HEADER_BYTES, ParleyError, writeDataHeader } from '@parley/core';

/** Above this an exact measure of a text costs less than room for its worst case, 3 bytes a character. */
const WORST_CASE_CHARACTERS = 1024;
const FIRST_BYTES = 512;
const GROWTH = 4;

export function tooLarge(length: number, limit: number): never {
  throw new ParleyError('too-large', `a message of ${length} bytes, above ${limit}`);
}

/** Frames of one turn, encoded one behind the other in one buffer. Holds no memory while it is empty. */
export class Gather {
  #buffer: Buffer | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A JSON message with its header. Throws `too-large`, and `bad-argument` for an empty text. */
  json(text: string, maxBytes: number): void {
    if (text.length === 0) throw new ParleyError('bad-argument', 'an empty JSON message');
    const bound = text.length <= WORST_CASE_CHARACTERS ? 3 * text.length : Buffer.byteLength(text);
    if (text.length > WORST_CASE_CHARACTERS && bound > maxBytes) tooLarge(bound, maxBytes);
    const buffer = this.#reserve(FRAME_HEADER_BYTES + bound);
    const start = this.#length;
    const length = buffer.write(text, start + FRAME_HEADER_BYTES);
    if (length > maxBytes) tooLarge(length, maxBytes);
    buffer.writeUInt32BE(length, start);
    this.#length = start + FRAME_HEADER_BYTES + length;
  }

  keepAlive(): void {
    const buffer = this.#reserve(FRAME_HEADER_BYTES);
    buffer.writeUInt32BE(0, this.#length);
    this.#length += FRAME_HEADER_BYTES;
  }

  /** The header of a data frame whose payload of `length` bytes follows by itself. */
  dataHeader(transfer: number, length: number): void {
    writeDataHeader(this.#reserve(DATA_HEADER_BYTES), this.#length, transfer, length);
    this.#length += DATA_HEADER_BYTES;
  }

  /** A whole data frame, copied. */
  data(transfer: number, bytes: Uint8Array): void {
    this.#reserve(DATA_HEADER_BYTES + bytes.length);
    this.dataHeader(transfer, bytes.length);
    this.#buffer?.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What was gathered; from then on it belongs to the caller. */
  take(): Buffer | undefined {
    const all = this.#buffer?.subarray(0, this.#length);
    this.#buffer = undefined;
    this.#length = 0;
    return all;
  }

  #reserve(bytes: number): Buffer {
    const needed = this.#length + bytes;
    const buffer = this.#buffer;
    if (buffer && needed <= buffer.length) return buffer;
    const grown = Buffer.allocUnsafe(buffer ? Math.max(needed, GROWTH * buffer.length) : Math.max(needed, FIRST_BYTES));
    if (buffer) buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
    return grown;
  }
}
