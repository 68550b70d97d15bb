import { ParleyError } from '../util/errors.ts';

/** What the sending end of a transfer needs of its link. */
export interface OutgoingPath {
  /** Bytes in one data frame. */
  readonly frameBytes: number;
  /** Whether the link takes data now. */
  readonly writable: boolean;
  sendData(transfer: number, bytes: Uint8Array): void;
  closeOutgoing(transfer: number, error?: string): void;
}

const SENT = Promise.resolve();

/** The sending end of a transfer. */
export class OutgoingTransfer {
  readonly number: number;
  readonly #path: OutgoingPath;
  #credit = 0;
  #error: ParleyError | undefined;
  #wake: (() => void) | undefined;
  /** The last write that was asked for: writes follow one another. */
  #writing: Promise<void> = SENT;
  /** Writes that are not done. */
  #waiting = 0;

  constructor(number: number, path: OutgoingPath) {
    this.number = number;
    this.#path = path;
  }

  /**
   * Sends bytes behind those of earlier calls, waiting for credit and for room on the link. The bytes are the link's from then on. Errors:
   * `closed`, `refused`, `aborted`.
   */
  write(bytes: Uint8Array): Promise<void> {
    // What fits is gone at once: a film is tens of thousands of writes.
    if (this.#waiting === 0 && this.#fits(bytes.length)) {
      this.#send(bytes);
      return SENT;
    }
    this.#waiting++;
    const turn = this.#writing.then(() => this.#write(bytes));
    this.#writing = turn.catch(() => {
      // Whoever asked for that write hears of it; those behind it fail by themselves.
    });
    return turn;
  }

  /** All is sent. Throws what ended the transfer before. */
  end(): void {
    if (this.#error) throw this.#error;
    this.fail(new ParleyError('closed', 'the transfer has ended'));
    this.#path.closeOutgoing(this.number);
  }

  abort(reason: string): void {
    if (this.#error) return;
    this.fail(new ParleyError('aborted', reason));
    this.#path.closeOutgoing(this.number, reason);
  }

  credit(bytes: number): void {
    this.#credit += bytes;
    this.wake();
  }

  fail(error: ParleyError): void {
    this.#error ??= error;
    this.wake();
  }

  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Whether so many bytes are one frame, and can go. */
  #fits(length: number): boolean {
    return !this.#error && length > 0 && length <= Math.min(this.#credit, this.#path.frameBytes) && this.#path.writable;
  }

  #send(bytes: Uint8Array): void {
    this.#credit -= bytes.length;
    this.#path.sendData(this.number, bytes);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      let at = 0;
      while (at < bytes.length) {
        while (!this.#error && (this.#credit === 0 || !this.#path.writable)) await this.#wait();
        if (this.#error) throw this.#error;
        const length = Math.min(bytes.length - at, this.#credit, this.#path.frameBytes);
        this.#send(bytes.subarray(at, at + length));
        at += length;
      }
      if (this.#error) throw this.#error;
    } finally {
      this.#waiting--;
    }
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
