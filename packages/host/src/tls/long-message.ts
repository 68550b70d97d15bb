import { FRAME_HEADER_BYTES } from '@parley/core';
import { tooLarge } from './gather.ts';

/** With the header of its frame and what TLS adds it takes little more than one page of memory. */
const PIECE_CHARACTERS = 4000;

/** A long JSON message that becomes bytes piece by piece: as a whole it exists but as a text, which those who get the same share. */
export class LongMessage {
  readonly #text: string;
  #at = 0;
  #left: number;

  /** Throws `too-large`. */
  constructor(text: string, maxBytes: number) {
    const bytes = Buffer.byteLength(text);
    if (bytes > maxBytes) tooLarge(bytes, maxBytes);
    this.#text = text;
    this.#left = FRAME_HEADER_BYTES + bytes;
  }

  /** Bytes that were not taken yet, those of the header among them. */
  get length(): number {
    return this.#left;
  }

  /** Writes the next bytes of the frame, the first with its header, to the beginning of `room` (see `SMALL_STAGE_BYTES`). Returns how many: 0 when all are taken. */
  take(room: Buffer): number {
    const header = this.#at === 0 && this.#left > 0 ? FRAME_HEADER_BYTES : 0;
    const end = this.#pieceEnd();
    if (header > 0) room.writeUInt32BE(this.#left - header);
    const length = header + room.write(this.#text.slice(this.#at, end), header);
    this.#at = end;
    this.#left -= length;
    return length;
  }

  /** All that was not taken yet. */
  rest(): Uint8Array {
    const rest = Buffer.allocUnsafe(this.#left);
    for (let at = 0; at < rest.length; ) at += this.take(rest.subarray(at));
    return rest;
  }

  /** Never between the two halves of a character: each would become something else. */
  #pieceEnd(): number {
    const end = Math.min(this.#text.length, this.#at + PIECE_CHARACTERS);
    const last = this.#text.charCodeAt(end - 1);
    return end < this.#text.length && last >= 0xd800 && last < 0xdc00 ? end - 1 : end;
  }
}
