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

  /** The next bytes of the frame; the header goes with the first. None when all are taken. */
  take(): Uint8Array {
    const header = this.#at === 0 && this.#left > 0 ? FRAME_HEADER_BYTES : 0;
    const end = this.#pieceEnd();
    const text = this.#text.slice(this.#at, end);
    const piece = Buffer.allocUnsafe(header + Buffer.byteLength(text));
    if (header > 0) piece.writeUInt32BE(this.#left - header);
    piece.write(text, header);
    this.#at = end;
    this.#left -= piece.length;
    return piece;
  }

  /** Never between the two halves of a character: each would become something else. */
  #pieceEnd(): number {
    const end = Math.min(this.#text.length, this.#at + PIECE_CHARACTERS);
    const last = this.#text.charCodeAt(end - 1);
    return end < this.#text.length && last >= 0xd800 && last < 0xdc00 ? end - 1 : end;
  }
}
