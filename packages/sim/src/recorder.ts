import type { Connection, ConnectionHandler, ParleyError } from '@parley/core';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** A handler that keeps what a connection tells it, for tests of transports. */
export class Recorder implements ConnectionHandler {
  readonly connection: Connection;
  /** Everything in order; consecutive bytes of one transfer are one entry. */
  readonly events: string[] = [];
  readonly messages: string[] = [];
  keepAlives = 0;
  drains = 0;
  /** Times that `closed` was called: more than 1 is a defect. */
  closings = 0;
  error: ParleyError | undefined;
  /** Events that came after `closed`: any is a defect. */
  late = 0;
  /** Called after each event. */
  onEvent: () => void = () => {};
  readonly #data = new Map<number, Uint8Array[]>();
  #lastTransfer: number | undefined;
  #lastBytes = 0;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Attached to the connection at once. */
  static attach(connection: Connection): Recorder {
    const recorder = new Recorder(connection);
    connection.attach(recorder);
    return recorder;
  }

  get ended(): boolean {
    return this.closings > 0;
  }

  /** Bytes that came for a transfer. */
  received(transfer: number): Uint8Array {
    return Buffer.concat(this.#data.get(transfer) ?? []);
  }

  /** Bytes that came for all transfers. */
  get receivedBytes(): number {
    let bytes = 0;
    for (const parts of this.#data.values()) for (const part of parts) bytes += part.length;
    return bytes;
  }

  message(json: Uint8Array | string): void {
    const text = typeof json === 'string' ? json : decoder.decode(json);
    this.messages.push(text);
    this.#add(text);
  }

  data(transfer: number, bytes: Uint8Array): void {
    const parts = this.#data.get(transfer);
    if (parts === undefined) this.#data.set(transfer, [new Uint8Array(bytes)]);
    else parts.push(new Uint8Array(bytes));
    const more = this.#lastTransfer === transfer;
    if (more) this.events.pop();
    this.#lastBytes = bytes.length + (more ? this.#lastBytes : 0);
    this.#add(`data ${transfer}: ${this.#lastBytes}`);
    this.#lastTransfer = transfer;
  }

  keepAlive(): void {
    this.keepAlives++;
    this.#add('keep-alive');
  }

  drain(): void {
    this.drains++;
    if (this.ended) this.late++;
    this.onEvent();
  }

  closed(error?: ParleyError): void {
    this.closings++;
    this.error = error;
    this.onEvent();
  }

  #add(event: string): void {
    if (this.ended) this.late++;
    this.#lastTransfer = undefined;
    this.events.push(event);
    this.onEvent();
  }
}
