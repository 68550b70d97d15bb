import { utf8 } from '../util/bytes.ts';
import { ParleyError } from '../util/errors.ts';

/**
 * Frames on TLS and other streams (WIRE "Frames"). Every frame begins with 4 bytes, big-endian. Top bit 0: the other 31
 * bits are the length of a JSON message, 0 being a keep-alive. Top bit 1: a data frame, whose length covers a 4-byte
 * transfer number and raw bytes.
 */
export const DEFAULT_MAX_FRAME_BYTES = 1024 * 1024;

/** Bytes in front of a JSON message. */
export const FRAME_HEADER_BYTES = 4;

/** Bytes in front of the payload of a data frame: the frame's header and the transfer number. */
export const DATA_HEADER_BYTES = 8;

const TRANSFER_BYTES = 4;
const DATA_BIT = 0x80000000;
const MAX_LENGTH = 0x7fffffff;
/** What a message that arrives in pieces occupies at first, whatever length its header claims. */
const FIRST_ALLOCATION = 4096;
const NOTHING = new Uint8Array(0);

/** What a decoder found, in the order of the stream. `ConnectionHandler` fits. */
export interface FrameHandler {
  /** One whole JSON message, not validated in any way. Valid during the call: it may lie within the chunk that was pushed. */
  message(json: Uint8Array): void;
  /** Bytes of a data frame, as they come: one frame may take several calls. An empty frame takes one call without bytes. */
  data(transfer: number, bytes: Uint8Array): void;
  keepAlive(): void;
}

export interface FrameDecoderOptions {
  /** Largest length that a header may state. Default 1 MiB. */
  readonly maxFrameBytes?: number;
  readonly handler: FrameHandler;
}

const HEADER = 0;
const TRANSFER = 1;
const DATA = 2;
const MESSAGE = 3;

/**
 * Turns a byte stream into frames, whatever the chunks in which it arrives. Payloads of data frames are never copied.
 * Memory follows the bytes that came, not the length that was claimed.
 */
export class FrameDecoder {
  readonly #handler: FrameHandler;
  readonly #max: number;
  #messages = 0;
  #messageBytes = 0;
  #state = HEADER;
  /** The 4-byte number being read, and how many of its bytes are there. */
  #word = 0;
  #wordBytes = 0;
  /** Bytes that the current frame still owes. */
  #left = 0;
  #transfer = 0;
  /** A message that came in pieces: its bytes so far, in a buffer that grows. */
  #parts = NOTHING;
  #partsLength = 0;
  #stopped = false;
  #error: ParleyError | undefined;

  constructor(options: FrameDecoderOptions) {
    this.#handler = options.handler;
    this.#max = Math.min(options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES, MAX_LENGTH);
  }

  /** JSON messages that came so far. */
  get messages(): number {
    return this.#messages;
  }

  /** What came so far of JSON messages, also of one that is not whole yet. */
  get messageBytes(): number {
    return this.#messageBytes;
  }

  /** Whether the stream may end here: no frame is half read. */
  get idle(): boolean {
    return this.#state === HEADER && this.#wordBytes === 0;
  }

  /** What the message that is half read occupies. */
  get kept(): number {
    return this.#parts.length;
  }

  /** Drops everything from now on, also the rest of the chunk that is being read. */
  stop(): void {
    this.#stopped = true;
    this.#parts = NOTHING;
  }

  /**
   * Takes the next bytes of the stream. Throws `too-large` for a frame above the limit and `bad-frame` for one that
   * cannot be; the stream cannot go on after that, and every later call throws the same.
   */
  push(chunk: Uint8Array): void {
    if (this.#error) throw this.#error;
    let at = 0;
    while (at < chunk.length && !this.#stopped) {
      if (this.#state === DATA) at = this.#data(chunk, at);
      else if (this.#state === MESSAGE) at = this.#message(chunk, at);
      else at = this.#number(chunk, at);
    }
  }

  #number(chunk: Uint8Array, from: number): number {
    let at = from;
    while (this.#wordBytes < 4) {
      if (at === chunk.length) return at;
      this.#word = (this.#word * 256 + (chunk[at++] as number)) >>> 0;
      this.#wordBytes++;
    }
    const word = this.#word;
    this.#word = 0;
    this.#wordBytes = 0;
    if (this.#state === HEADER) this.#header(word);
    else {
      this.#transfer = word;
      this.#state = DATA;
      if (this.#left === 0) {
        this.#state = HEADER;
        this.#handler.data(word, NOTHING);
      }
    }
    return at;
  }

  #header(word: number): void {
    const isData = word >= DATA_BIT;
    const length = isData ? word - DATA_BIT : word;
    if (length > this.#max) this.#fail('too-large', `a frame of ${length} bytes, above the limit of ${this.#max}`);
    if (isData) {
      if (length < TRANSFER_BYTES) this.#fail('bad-frame', 'a data frame without a transfer number');
      this.#left = length - TRANSFER_BYTES;
      this.#state = TRANSFER;
    } else if (length === 0) {
      this.#handler.keepAlive();
    } else {
      this.#left = length;
      this.#state = MESSAGE;
    }
  }

  #data(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#state = HEADER;
    this.#handler.data(this.#transfer, at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
    return end;
  }

  #message(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#left);
    this.#messageBytes += end - at;
    if (this.#partsLength === 0 && end - at === this.#left) {
      this.#state = HEADER;
      this.#left = 0;
      this.#messages++;
      this.#handler.message(chunk.subarray(at, end));
      return end;
    }
    this.#append(chunk, at, end);
    this.#left -= end - at;
    if (this.#left === 0) {
      const json = this.#parts.subarray(0, this.#partsLength);
      this.#parts = NOTHING;
      this.#partsLength = 0;
      this.#state = HEADER;
      this.#messages++;
      this.#handler.message(json);
    }
    return end;
  }

  /** Grows by doubling, so that a message in one-byte chunks costs time in proportion to its length. */
  #append(chunk: Uint8Array, at: number, end: number): void {
    const length = this.#partsLength + end - at;
    if (length > this.#parts.length) {
      const whole = this.#partsLength + this.#left;
      const grown = new Uint8Array(Math.min(whole, Math.max(FIRST_ALLOCATION, 2 * length)));
      grown.set(this.#parts.subarray(0, this.#partsLength));
      this.#parts = grown;
    }
    this.#parts.set(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end), this.#partsLength);
    this.#partsLength = length;
  }

  #fail(code: 'too-large' | 'bad-frame', message: string): never {
    this.#error = new ParleyError(code, message);
    this.#parts = NOTHING;
    throw this.#error;
  }
}

function putUint32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}

/** A JSON message with its header. Throws `bad-argument` when empty (that would be a keep-alive), `too-large` above `maxFrameBytes`. */
export function jsonFrame(text: string, maxFrameBytes: number = DEFAULT_MAX_FRAME_BYTES): Uint8Array<ArrayBuffer> {
  const json = utf8(text);
  if (json.length === 0) throw new ParleyError('bad-argument', 'an empty JSON message');
  if (json.length > maxFrameBytes) throw new ParleyError('too-large', `a message of ${json.length} bytes, above ${maxFrameBytes}`);
  const frame = new Uint8Array(FRAME_HEADER_BYTES + json.length);
  putUint32(frame, 0, json.length);
  frame.set(json, FRAME_HEADER_BYTES);
  return frame;
}

/** The 8 bytes in front of `length` bytes of transfer `transfer`. Throws `bad-argument` for what 4 bytes cannot hold. */
export function dataHeader(transfer: number, length: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(DATA_HEADER_BYTES);
  writeDataHeader(header, 0, transfer, length);
  return header;
}

/** Writes what `dataHeader` returns at `at` of `target`, for those who gather several frames in one buffer. */
export function writeDataHeader(target: Uint8Array, at: number, transfer: number, length: number): void {
  if (!Number.isInteger(transfer) || transfer < 0 || transfer > 0xffffffff) {
    throw new ParleyError('bad-argument', 'a transfer number is an unsigned 32-bit integer');
  }
  if (!Number.isInteger(length) || length < 0 || length > MAX_LENGTH - TRANSFER_BYTES) {
    throw new ParleyError('bad-argument', 'a length that no data frame can state');
  }
  putUint32(target, at, DATA_BIT + length + TRANSFER_BYTES);
  putUint32(target, at + FRAME_HEADER_BYTES, transfer);
}

/** A frame that says only that the sender is there. */
export const KEEP_ALIVE: Uint8Array<ArrayBuffer> = new Uint8Array(FRAME_HEADER_BYTES);
