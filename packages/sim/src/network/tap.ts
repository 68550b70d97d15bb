import type { Frame } from './frames.ts';

/** A frame or a datagram on its way, as an observer between the two hosts sees it. */
export interface TappedFrame {
  readonly kind: 'message' | 'data' | 'keep-alive' | 'datagram';
  /** Names of hosts. */
  readonly from: string;
  readonly to: string;
  readonly fromAddress: string;
  readonly toAddress: string;
  /** Number of the connection; 0 for a datagram. */
  readonly connection: number;
  /** Transfer number of a data frame, else 0. */
  readonly transfer: number;
  /** What it carries. Not to be changed in place: `alter` puts other bytes there. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Virtual milliseconds. */
  readonly at: number;
}

export type FrameVerdict =
  | { readonly drop: true }
  | { readonly alter: Uint8Array | string }
  /** On a stream everything behind it waits too. */
  | { readonly delayMs: number }
  /** So many copies instead of one. */
  | { readonly copies: number }
  /** The connection dies here and now. */
  | { readonly break: true };

/** Undefined lets it pass. */
export type FrameHandler = (frame: TappedFrame) => FrameVerdict | undefined;

export interface Passed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly copies: number;
  readonly delayMs: number;
  readonly broken: boolean;
}

const EMPTY = new Uint8Array(0);

export function frameBytes(frame: Frame): Uint8Array<ArrayBuffer> {
  return frame.kind === 'message' || frame.kind === 'data' ? frame.bytes : EMPTY;
}

export function withBytes(frame: Frame, bytes: Uint8Array<ArrayBuffer>): Frame {
  return frame.kind === 'message' || frame.kind === 'data' ? { ...frame, bytes } : frame;
}

/** Those who watch or tamper with what passes. */
export class Taps {
  readonly #handlers = new Set<FrameHandler>();

  get size(): number {
    return this.#handlers.size;
  }

  /** Returns a function that takes the tap out again. */
  add(handler: FrameHandler): () => void {
    this.#handlers.add(handler);
    return () => {
      this.#handlers.delete(handler);
    };
  }

  /** What becomes of a frame after all of them, in the order in which they were added. */
  pass(frame: TappedFrame): Passed {
    let { bytes } = frame;
    let copies = 1;
    let delayMs = 0;
    for (const handler of [...this.#handlers]) {
      const verdict = handler({ ...frame, bytes });
      if (verdict === undefined) continue;
      if ('drop' in verdict) copies = 0;
      else if ('copies' in verdict) copies *= verdict.copies;
      else if ('delayMs' in verdict) delayMs += verdict.delayMs;
      else if ('alter' in verdict)
        bytes = typeof verdict.alter === 'string' ? new TextEncoder().encode(verdict.alter) : new Uint8Array(verdict.alter);
      else return { bytes, copies: 0, delayMs, broken: true };
      if (copies === 0) break;
    }
    return { bytes, copies, delayMs, broken: false };
  }
}
