import type { Connection } from '../ports/transport.ts';
import { ParleyError } from '../util/errors.ts';
import type { JsonObject } from '../wire/json.ts';
import type { DataOf, AnyVerb } from '../wire/verb.ts';
import type { LinkConfig } from './config.ts';
import { TRANSFER_CLOSE, TRANSFER_CREDIT, TRANSFER_OPEN } from './verbs.ts';

/** What the receiver of a transfer does with it. */
export interface TransferSink {
  /** Bytes, in order. Credit goes back to the sender when the returned promise resolves, at once if there is none. */
  data(bytes: Uint8Array): undefined | Promise<void>;
  /** Once, last; with an error when it was given up. */
  closed(error?: ParleyError): void;
}

export interface IncomingTransfer {
  readonly kind: string;
  readonly size: number | undefined;
  readonly meta: JsonObject;
  /** Gives it up. */
  abort(reason: string): void;
}

/** Takes a transfer of a kind, or refuses it by returning undefined. */
export type TransferHandler = (transfer: IncomingTransfer) => TransferSink | undefined;

interface Receiving {
  sink: TransferSink;
  /** Bytes that the sender may still send. */
  credit: number;
  /** Bytes taken by the sink for which no credit has been given back yet. */
  owed: number;
}

/** The sending end of a transfer. */
export class OutgoingTransfer {
  readonly number: number;
  readonly #transfers: Transfers;
  #credit = 0;
  #error: ParleyError | undefined;
  #wake: (() => void) | undefined;

  constructor(number: number, transfers: Transfers) {
    this.number = number;
    this.#transfers = transfers;
  }

  /** Sends bytes, waiting for credit and for room on the link. The bytes are the link's from then on. Errors: `closed`, `refused`. */
  async write(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      while (!this.#error && (this.#credit === 0 || !this.#transfers.writable)) await this.#wait();
      if (this.#error) throw this.#error;
      const length = Math.min(bytes.length - at, this.#credit, this.#transfers.frameBytes);
      this.#credit -= length;
      this.#transfers.sendData(this.number, bytes.subarray(at, at + length));
      at += length;
    }
  }

  /** All is sent. */
  end(): void {
    if (this.#error) throw this.#error;
    this.#error = new ParleyError('closed', 'the transfer has ended');
    this.#transfers.closeOutgoing(this.number);
  }

  abort(reason: string): void {
    if (this.#error) return;
    this.fail(new ParleyError('aborted', reason));
    this.#transfers.closeOutgoing(this.number, reason);
  }

  credit(bytes: number): void {
    this.#credit += bytes;
    this.wake();
  }

  fail(error: ParleyError): void {
    this.#error = error;
    this.wake();
  }

  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/**
 * The transfers of one link: streams of bytes beside its messages, opened, credited and closed by verbs (WIRE "Frames"). The side that
 * dialled uses even numbers, the other odd ones.
 */
export class Transfers {
  readonly #connection: Connection;
  readonly #config: LinkConfig;
  readonly #handlers: ReadonlyMap<string, TransferHandler>;
  readonly #say: (verb: AnyVerb, data: JsonObject) => void;
  readonly #offend: (reason: string) => void;
  readonly #outgoing = new Map<number, OutgoingTransfer>();
  readonly #incoming = new Map<number, Receiving>();
  #next: number;
  #lastRefused = -1;

  constructor(deps: {
    connection: Connection;
    config: LinkConfig;
    handlers: ReadonlyMap<string, TransferHandler>;
    say: (verb: AnyVerb, data: JsonObject) => void;
    offend: (reason: string) => void;
  }) {
    this.#connection = deps.connection;
    this.#config = deps.config;
    this.#handlers = deps.handlers;
    this.#say = deps.say;
    this.#offend = deps.offend;
    this.#next = deps.connection.dialled ? 0 : 1;
  }

  get frameBytes(): number {
    return this.#config.dataFrameBytes;
  }

  /** Whether the link takes data now: messages must not wait behind more than this. */
  get writable(): boolean {
    return this.#connection.queued < this.#config.shedBytes;
  }

  /** Errors: `quota` when too many are open. */
  open(kind: string, options: { size?: number; meta?: JsonObject } = {}): OutgoingTransfer {
    if (this.#outgoing.size >= this.#config.maxTransfers) throw new ParleyError('quota', `at most ${this.#config.maxTransfers} transfers a link`);
    const number = this.#next;
    this.#next = (this.#next + 2) % 0x1_0000_0000;
    const transfer = new OutgoingTransfer(number, this);
    this.#outgoing.set(number, transfer);
    this.#say(TRANSFER_OPEN, { transfer: number, kind, ...options });
    return transfer;
  }

  sendData(number: number, bytes: Uint8Array): void {
    this.#connection.sendData(number, bytes);
  }

  closeOutgoing(number: number, error?: string): void {
    if (this.#outgoing.delete(number)) this.#say(TRANSFER_CLOSE, error === undefined ? { transfer: number } : { transfer: number, error });
  }

  onOpen(data: DataOf<typeof TRANSFER_OPEN>): void {
    const number = data.transfer;
    const ours = number % 2 === (this.#connection.dialled ? 0 : 1);
    if (ours || this.#incoming.has(number)) {
      this.#offend('transfer-number');
      return;
    }
    const refuse = (reason: string): void => {
      this.#lastRefused = number;
      this.#say(TRANSFER_CLOSE, { transfer: number, error: reason });
    };
    const handler = this.#handlers.get(data.kind);
    if (!handler) return refuse('unsupported');
    if (this.#incoming.size >= this.#config.maxTransfers) return refuse('quota');
    const sink = handler({
      kind: data.kind,
      size: data.size,
      meta: (data.meta ?? {}) as JsonObject,
      abort: (reason) => {
        if (this.#incoming.delete(number)) refuse(reason);
      },
    });
    if (!sink) return refuse('refused');
    this.#incoming.set(number, { sink, credit: this.#config.transferWindowBytes, owed: 0 });
    this.#say(TRANSFER_CREDIT, { transfer: number, bytes: this.#config.transferWindowBytes });
  }

  onCredit(data: DataOf<typeof TRANSFER_CREDIT>): void {
    // One that has just ended may still be credited: that is no fault.
    this.#outgoing.get(data.transfer)?.credit(data.bytes);
  }

  onClose(data: DataOf<typeof TRANSFER_CLOSE>): void {
    const outgoing = this.#outgoing.get(data.transfer);
    if (outgoing) {
      this.#outgoing.delete(data.transfer);
      outgoing.fail(new ParleyError('refused', `the other side ended the transfer: ${data.error ?? 'no reason given'}`));
      return;
    }
    const incoming = this.#incoming.get(data.transfer);
    if (!incoming) return;
    this.#incoming.delete(data.transfer);
    incoming.sink.closed(data.error === undefined ? undefined : new ParleyError('aborted', `the sender gave up: ${data.error}`));
  }

  onData(number: number, bytes: Uint8Array): void {
    const transfer = this.#incoming.get(number);
    if (!transfer) {
      // What was under way when we refused still arrives.
      if (number !== this.#lastRefused) this.#offend('transfer-unknown');
      return;
    }
    if (bytes.length > transfer.credit) {
      this.#incoming.delete(number);
      this.#lastRefused = number;
      this.#offend('transfer-overrun');
      this.#say(TRANSFER_CLOSE, { transfer: number, error: 'overrun' });
      transfer.sink.closed(new ParleyError('quota', 'the sender sent more than it was allowed'));
      return;
    }
    transfer.credit -= bytes.length;
    const taken = transfer.sink.data(bytes);
    if (taken) taken.then(() => this.#taken(number, transfer, bytes.length), (error: unknown) => this.#fail(number, transfer, error));
    else this.#taken(number, transfer, bytes.length);
  }

  onDrain(): void {
    for (const transfer of this.#outgoing.values()) transfer.wake();
  }

  closeAll(reason: string): void {
    if (this.#outgoing.size === 0 && this.#incoming.size === 0) return;
    const error = new ParleyError('closed', `the link ended: ${reason}`);
    for (const transfer of this.#outgoing.values()) transfer.fail(error);
    for (const transfer of this.#incoming.values()) transfer.sink.closed(error);
    this.#outgoing.clear();
    this.#incoming.clear();
  }

  /** The sink could not take what it was given (a full disk, say). */
  #fail(number: number, transfer: Receiving, error: unknown): void {
    if (this.#incoming.get(number) !== transfer) return;
    this.#incoming.delete(number);
    this.#lastRefused = number;
    const failure = ParleyError.from(error, 'storage');
    this.#say(TRANSFER_CLOSE, { transfer: number, error: failure.code });
    transfer.sink.closed(failure);
  }

  /** Credit goes back in halves of the window, so that it costs few messages. */
  #taken(number: number, transfer: Receiving, bytes: number): void {
    transfer.owed += bytes;
    if (transfer.owed < this.#config.transferWindowBytes / 2 || this.#incoming.get(number) !== transfer) return;
    this.#say(TRANSFER_CREDIT, { transfer: number, bytes: transfer.owed });
    transfer.credit += transfer.owed;
    transfer.owed = 0;
  }
}
