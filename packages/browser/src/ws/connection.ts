import { type Clock, type Connection, type ConnectionHandler, type Log, ParleyError, type Timer, utf8 } from '@parley/core';

/** What all connections of a transport have in common. */
export interface ConnectionSettings {
  readonly maxFrameBytes: number;
  /** `drain` is announced when `queued` comes down to this from above. */
  readonly lowWaterBytes: number;
  /** Most bytes that may wait here while nobody reads: a browser cannot be told to stop reading. */
  readonly maxHeldBytes: number;
  /** How long `close` waits for the peer to take what is queued and to end its side. */
  readonly lingerMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

const HEADER_BYTES = 4;
/** How often it is looked whether a long queue has become short: browsers do not say so themselves. */
const POLL_MS = 20;
/** An object in memory costs that much beside what is in it. */
const OVERHEAD_BYTES = 64;

/** Close codes (RFC 6455 section 7.4.1) that are no fault of anybody. */
const CLEAN = new Set([1000, 1001, 1005]);
const TOO_LARGE = 1009;

/** Whether a text has more bytes in UTF-8 than that. */
function isLonger(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  return text.length * 3 > bytes && utf8(text).length > bytes;
}

/** An open WebSocket as a framed connection (WIRE "Frames"): text is JSON, empty text a keep-alive, a binary message a data frame. */
export class WsConnection implements Connection {
  readonly transport = 'ws';
  readonly dialled = true;
  readonly peerCertificate = undefined;
  readonly remoteAddress: string;
  readonly binding: string;
  readonly #socket: WebSocket;
  readonly #settings: ConnectionSettings;
  #handler: ConnectionHandler | undefined;
  #held: (string | ArrayBuffer)[] = [];
  #heldBytes = 0;
  #paused = false;
  /** We ended it: nothing more is sent or delivered. */
  #ending = false;
  /** The socket has ended, by whomever. */
  #gone = false;
  #announced = false;
  #error: ParleyError | undefined;
  #linger: Timer | undefined;
  #poll: Timer | undefined;

  constructor(socket: WebSocket, hostPort: string, settings: ConnectionSettings) {
    this.#socket = socket;
    this.remoteAddress = hostPort;
    this.binding = hostPort;
    this.#settings = settings;
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => this.#received(data);
    socket.onclose = (event) => this.#closed(event);
    socket.onerror = null;
  }

  get queued(): number {
    return this.#gone ? 0 : this.#socket.bufferedAmount;
  }

  attach(handler: ConnectionHandler): void {
    if (this.#handler) throw new ParleyError('already-open', 'a connection has one handler');
    this.#handler = handler;
    queueMicrotask(() => this.#release());
  }

  send(json: string): void {
    if (json === '') throw new ParleyError('bad-argument', 'an empty text is a keep-alive');
    if (isLonger(json, this.#settings.maxFrameBytes)) throw new ParleyError('too-large', 'the message is longer than a frame may be');
    this.#put(json);
  }

  sendData(transfer: number, bytes: Uint8Array): void {
    const most = this.#settings.maxFrameBytes - HEADER_BYTES;
    for (let at = 0; at === 0 || at < bytes.length; at += most) {
      const part = bytes.subarray(at, at + most);
      const frame = new Uint8Array(HEADER_BYTES + part.length);
      new DataView(frame.buffer).setUint32(0, transfer);
      frame.set(part, HEADER_BYTES);
      this.#put(frame);
    }
  }

  keepAlive(): void {
    this.#put('');
  }

  /** What comes from now on waits here; more than a bound of it ends the connection, since the other side cannot be slowed down. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    queueMicrotask(() => this.#release());
  }

  close(): void {
    if (this.#ending) return;
    this.#end();
    if (this.#gone) return;
    // What is queued goes out before.
    this.#socket.close(1000);
    this.#linger = this.#settings.clock.after(this.#settings.lingerMs, () => this.#finish());
  }

  destroy(error?: ParleyError): void {
    if (this.#announced) return;
    if (!this.#gone && !this.#ending) this.#error ??= error;
    this.#end();
    this.#socket.close();
    queueMicrotask(() => this.#finish());
  }

  #put(frame: string | Uint8Array<ArrayBuffer>): void {
    if (this.#ending || this.#gone) return;
    this.#socket.send(frame);
    if (!this.#poll && this.queued > this.#settings.lowWaterBytes) this.#watch();
  }

  #watch(): void {
    this.#poll = this.#settings.clock.after(POLL_MS, () => {
      this.#poll = undefined;
      if (this.#ending || this.#gone) return;
      if (this.queued > this.#settings.lowWaterBytes) this.#watch();
      else this.#guard((handler) => handler.drain());
    });
  }

  #received(data: string | ArrayBuffer): void {
    if (this.#ending) return;
    const fault = this.#faultOf(data);
    if (fault) {
      // What came before it is still delivered, unless nobody reads.
      this.destroy(fault);
    } else if (this.#handler && !this.#paused && this.#held.length === 0) {
      this.#deliver(data);
    } else {
      this.#heldBytes += OVERHEAD_BYTES + (typeof data === 'string' ? 2 * data.length : data.byteLength);
      this.#held.push(data);
      if (this.#heldBytes > this.#settings.maxHeldBytes) {
        this.destroy(new ParleyError('quota', 'the other side sent more than could be taken in'));
      }
    }
  }

  #faultOf(data: string | ArrayBuffer): ParleyError | undefined {
    const most = this.#settings.maxFrameBytes;
    if (typeof data === 'string' ? isLonger(data, most) : data.byteLength > most) {
      return new ParleyError('too-large', 'the other side sent more in one frame than is allowed');
    }
    if (typeof data === 'string' || data.byteLength >= HEADER_BYTES) return undefined;
    return new ParleyError('bad-frame', 'the other side sent a data frame without a transfer number');
  }

  #deliver(data: string | ArrayBuffer): void {
    this.#guard((handler) => {
      if (typeof data !== 'string') {
        handler.data(new DataView(data).getUint32(0), new Uint8Array(data, HEADER_BYTES));
      } else if (data === '') handler.keepAlive();
      else handler.message(data);
    });
  }

  /** Delivers what waits, until somebody pauses or ends the connection; then, if that was all, its end. */
  #release(): void {
    const held = this.#held;
    let taken = 0;
    while (taken < held.length && !this.#paused && !this.#ending) this.#deliver(held[taken++] as string | ArrayBuffer);
    this.#held = this.#ending ? [] : held.slice(taken);
    this.#heldBytes = this.#held.reduce(
      (sum, data) => sum + OVERHEAD_BYTES + (typeof data === 'string' ? 2 * data.length : data.byteLength),
      0,
    );
    if (this.#gone && this.#held.length === 0) this.#finish();
  }

  #closed({ code, reason, wasClean }: CloseEvent): void {
    this.#gone = true;
    if (!this.#ending && !(wasClean && CLEAN.has(code))) {
      const why = reason === '' ? `the connection was lost (${code})` : `the other side ended the connection: ${reason.slice(0, 128)}`;
      this.#error ??= new ParleyError(code === TOO_LARGE ? 'too-large' : 'closed', why);
    }
    if (this.#ending || this.#held.length === 0) this.#finish();
  }

  #end(): void {
    this.#ending = true;
    this.#held = [];
    this.#heldBytes = 0;
    this.#poll?.cancel();
    this.#poll = undefined;
  }

  /** Tells its end, once there is somebody to tell. */
  #finish(): void {
    this.#linger?.cancel();
    this.#gone = true;
    if (this.#announced || !this.#handler) return;
    this.#announced = true;
    this.#end();
    const handler = this.#handler;
    try {
      handler.closed(this.#error);
    } catch (error) {
      this.#settings.log.error('a handler failed', { error: String(error) });
    }
  }

  /** Nothing that a handler throws may stop what comes next. */
  #guard(run: (handler: ConnectionHandler) => void): void {
    if (!this.#handler) return;
    try {
      run(this.#handler);
    } catch (error) {
      this.#settings.log.error('a handler failed; its connection is closed', { error: String(error) });
      this.destroy(ParleyError.from(error));
    }
  }
}
