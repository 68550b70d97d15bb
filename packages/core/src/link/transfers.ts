import type { Log } from '../ports/log.ts';
import type { Connection } from '../ports/transport.ts';
import { LruMap } from '../util/bounded.ts';
import { ParleyError } from '../util/errors.ts';
import type { JsonObject } from '../wire/json.ts';
import type { AnyVerb, DataOf } from '../wire/verb.ts';
import type { LinkConfig } from './config.ts';
import { OutgoingTransfer } from './outgoing.ts';
import { plainReason } from './reason.ts';
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
  /** Node id of the neighbour that sends it. */
  readonly from: string;
  /** Gives it up. */
  abort(reason: string): void;
}

/** Takes a transfer of a kind, or refuses it by returning undefined. */
export type TransferHandler = (transfer: IncomingTransfer) => TransferSink | undefined;

interface Receiving {
  readonly sink: TransferSink;
  /** Bytes that are still to come, where the sender said how many there are. */
  left: number | undefined;
  /** Bytes that the sender may still send. */
  credit: number;
  /** Bytes taken by the sink for which no credit has been given back yet. */
  owed: number;
}

export interface TransferDeps {
  /** Node id of the neighbour. */
  readonly peer: string;
  readonly connection: Connection;
  readonly config: LinkConfig;
  readonly handlers: ReadonlyMap<string, TransferHandler>;
  readonly log: Log;
  readonly say: (verb: AnyVerb, data: JsonObject) => void;
  readonly offend: (reason: string, weight: number) => void;
}

/** What a neighbour does that no correct one would. */
const WRONG = 5;
/** Parts of the window in which credit goes back. */
const CREDIT_PARTS = 4;
/** Ended transfers that are remembered: four times as many as can be open. */
const REMEMBERED = 4;

/**
 * The transfers of one link: streams of bytes beside its messages, opened, credited and closed by verbs (WIRE "Frames"). The side that
 * dialled uses even numbers, the other odd ones.
 */
export class Transfers {
  readonly #deps: TransferDeps;
  readonly #outgoing = new Map<number, OutgoingTransfer>();
  readonly #incoming = new Map<number, Receiving>();
  /** Transfers that we gave up, with the bytes that may still be under way. */
  readonly #givenUp: LruMap<number, number>;
  #next: number;
  /** Who is woken first, in turn: the first to find room takes all of it. */
  #turn = 0;

  constructor(deps: TransferDeps) {
    this.#deps = deps;
    this.#givenUp = new LruMap(deps.config.maxTransfers * REMEMBERED);
    this.#next = deps.connection.dialled ? 0 : 1;
  }

  get frameBytes(): number {
    return this.#deps.config.dataFrameBytes;
  }

  /** Whether the link takes data now: messages must not wait behind more than this. */
  get writable(): boolean {
    return this.#deps.connection.queued < this.#deps.config.shedBytes;
  }

  /** Errors: `quota` when too many are open. */
  open(kind: string, options: { size?: number; meta?: JsonObject } = {}): OutgoingTransfer {
    const { maxTransfers } = this.#deps.config;
    if (this.#outgoing.size >= maxTransfers) throw new ParleyError('quota', `at most ${maxTransfers} transfers a link`);
    const number = this.#next;
    this.#next = (this.#next + 2) % 0x1_0000_0000;
    const transfer = new OutgoingTransfer(number, this);
    this.#outgoing.set(number, transfer);
    this.#deps.say(TRANSFER_OPEN, { transfer: number, kind, ...options });
    return transfer;
  }

  sendData(number: number, bytes: Uint8Array): void {
    this.#deps.connection.sendData(number, bytes);
  }

  closeOutgoing(number: number, error?: string): void {
    if (this.#outgoing.delete(number)) this.#sayClose(number, error);
  }

  onOpen(data: DataOf<typeof TRANSFER_OPEN>): void {
    const { transfer: number } = data;
    const ours = number % 2 === (this.#deps.connection.dialled ? 0 : 1);
    if (ours || this.#incoming.has(number)) {
      this.#deps.offend('transfer-number', WRONG);
      return;
    }
    const refusal = this.#accept(data);
    if (refusal !== undefined) this.#sayClose(number, refusal);
    else this.#deps.say(TRANSFER_CREDIT, { transfer: number, bytes: this.#deps.config.transferWindowBytes });
  }

  /** Finds a sink for a transfer. Why there is none, or undefined. */
  #accept({ transfer: number, kind, size, meta }: DataOf<typeof TRANSFER_OPEN>): string | undefined {
    const handler = this.#deps.handlers.get(kind);
    if (!handler) return 'unsupported';
    if (this.#incoming.size >= this.#deps.config.maxTransfers) return 'quota';
    let receiving: Receiving | undefined;
    let early: string | undefined;
    const abort = (reason: string): void => {
      if (!receiving) early ??= reason;
      else if (this.#incoming.get(number) === receiving) this.#giveUp(number, receiving, new ParleyError('aborted', reason), reason);
    };
    const sink = this.#handle(handler, { kind, size, meta: (meta ?? {}) as JsonObject, from: this.#deps.peer, abort });
    if (!sink) return early ?? 'refused';
    if (early !== undefined) {
      const error = new ParleyError('aborted', early);
      this.#tell(() => sink.closed(error));
      return early;
    }
    receiving = { sink, left: size, credit: this.#deps.config.transferWindowBytes, owed: 0 };
    this.#givenUp.delete(number);
    this.#incoming.set(number, receiving);
    return undefined;
  }

  onCredit(data: DataOf<typeof TRANSFER_CREDIT>): void {
    // One that has just ended may still be credited: that is no fault.
    this.#outgoing.get(data.transfer)?.credit(data.bytes);
  }

  onClose(data: DataOf<typeof TRANSFER_CLOSE>): void {
    const { transfer: number, error } = data;
    const outgoing = this.#outgoing.get(number);
    if (outgoing) {
      this.#outgoing.delete(number);
      outgoing.fail(new ParleyError('refused', `the other side ended the transfer: ${error ?? 'no reason given'}`));
      return;
    }
    const incoming = this.#incoming.get(number);
    if (!incoming) return;
    this.#incoming.delete(number);
    const failure =
      error !== undefined
        ? new ParleyError('aborted', `the sender gave up: ${error}`)
        : incoming.left === undefined || incoming.left === 0
          ? undefined
          : new ParleyError('bad-message', `the sender ended ${incoming.left} bytes early`);
    this.#tell(() => incoming.sink.closed(failure));
  }

  onData(number: number, bytes: Uint8Array): void {
    const transfer = this.#incoming.get(number);
    if (!transfer) {
      // What was under way when we gave it up still arrives.
      const underWay = this.#givenUp.get(number) ?? 0;
      if (bytes.length <= underWay) this.#givenUp.set(number, underWay - bytes.length);
      else this.#deps.offend('transfer-unknown', WRONG);
      return;
    }
    if (bytes.length > transfer.credit || bytes.length > (transfer.left ?? bytes.length)) {
      this.#giveUp(number, transfer, new ParleyError('quota', 'the sender sent more than it was allowed'), 'overrun');
      this.#deps.offend('transfer-overrun', WRONG);
      return;
    }
    transfer.credit -= bytes.length;
    if (transfer.left !== undefined) transfer.left -= bytes.length;
    let taken: undefined | Promise<void>;
    try {
      taken = transfer.sink.data(bytes);
    } catch (error) {
      this.#fail(number, transfer, error);
      return;
    }
    if (taken) {
      taken.then(
        () => this.#taken(number, transfer, bytes.length),
        (error: unknown) => this.#fail(number, transfer, error),
      );
    } else this.#taken(number, transfer, bytes.length);
  }

  onDrain(): void {
    if (this.#outgoing.size === 0 || !this.writable) return;
    const all = [...this.#outgoing.values()];
    const first = this.#turn++ % all.length;
    for (const transfer of [...all.slice(first), ...all.slice(0, first)]) transfer.wake();
  }

  closeAll(error: ParleyError): void {
    const incoming = [...this.#incoming.values()];
    this.#incoming.clear();
    for (const transfer of this.#outgoing.values()) transfer.fail(error);
    this.#outgoing.clear();
    for (const { sink } of incoming) this.#tell(() => sink.closed(error));
  }

  #handle(handler: TransferHandler, transfer: IncomingTransfer): TransferSink | undefined {
    try {
      return handler(transfer);
    } catch (error) {
      this.#deps.log.error('a transfer could not be taken', { kind: transfer.kind, error: String(error) });
      return undefined;
    }
  }

  /** The sink could not take what it was given (a full disk, say). */
  #fail(number: number, transfer: Receiving, error: unknown): void {
    if (this.#incoming.get(number) !== transfer) return;
    const failure = ParleyError.from(error, 'storage');
    this.#giveUp(number, transfer, failure, failure.code);
  }

  #giveUp(number: number, transfer: Receiving, error: ParleyError, reason: string): void {
    this.#incoming.delete(number);
    this.#givenUp.set(number, transfer.credit);
    this.#sayClose(number, reason);
    this.#tell(() => transfer.sink.closed(error));
  }

  #sayClose(number: number, error?: string): void {
    this.#deps.say(TRANSFER_CLOSE, error === undefined ? { transfer: number } : { transfer: number, error: plainReason(error, 64) });
  }

  /** What a sink throws is its own affair: the link goes on. */
  #tell(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#deps.log.error('the sink of a transfer failed', { error: String(error) });
    }
  }

  /** Credit goes back in parts of the window: few enough to cost few messages, and enough of them that the sender never runs out of it. */
  #taken(number: number, transfer: Receiving, bytes: number): void {
    transfer.owed += bytes;
    if (transfer.owed < this.#deps.config.transferWindowBytes / CREDIT_PARTS || this.#incoming.get(number) !== transfer) return;
    this.#deps.say(TRANSFER_CREDIT, { transfer: number, bytes: transfer.owed });
    transfer.credit += transfer.owed;
    transfer.owed = 0;
  }
}
