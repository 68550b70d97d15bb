import type { Duplex } from 'node:stream';
import { type Connection, ParleyError } from '@parley/core';
import type { WebSocket } from 'ws';
import { SocketConnection } from '../sockets/connection.ts';
import type { ConnectionSettings } from '../sockets/settings.ts';
import { connectionError } from '../tls/errors.ts';

/** What was known when the WebSocket was open. */
export interface WsFacts {
  readonly dialled: boolean;
  readonly remoteAddress: string;
  readonly binding: string;
}

/** Ends that are nobody's fault: done, going away (a closed tab), and no word at all. */
const CLEAN = new Set([1000, 1001, 1005]);
const ABNORMAL = 1006;
/** Answers to pings are not worth a queue. */
const MAX_QUEUED_FOR_PONG = 64 * 1024;
/** Frames without anything in them that may come in one turn: there are some a minute, and a socket can bring ten thousand at once. */
const MAX_EMPTY = 256;
/** The same, of any frames, where we have ended the connection and wait for the other side to do so. */
const MAX_UNHEARD = 1000;

function errorOf(error: Error): ParleyError {
  const code: unknown = Reflect.get(error, 'code');
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return new ParleyError('too-large', 'a message is over the limit', { cause: error });
  if (typeof code === 'string' && code.startsWith('WS_ERR_')) {
    return new ParleyError('bad-frame', `not the WebSocket protocol: ${error.message}`, { cause: error });
  }
  return connectionError(error);
}

/** One open WebSocket as a framed connection: text is JSON, binary a data frame (WIRE "Frames"). */
export class WsConnection extends SocketConnection implements Connection {
  readonly transport = 'ws';
  readonly peerCertificate = undefined;
  readonly dialled: boolean;
  readonly remoteAddress: string;
  readonly binding: string;
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  /** Frames of one turn go out as one write. */
  #corked = false;
  #onWritten: (() => void) | undefined;
  /** Frames of this turn that say nothing, such as pings. */
  #empty = 0;
  /** An answer to a ping is on its way out, and another ping has come since. */
  #answering = false;
  #pinged: Buffer | undefined;

  /** `socket`: what carries the WebSocket. */
  constructor(ws: WebSocket, socket: Duplex, facts: WsFacts, settings: ConnectionSettings) {
    super(settings);
    this.#ws = ws;
    this.#socket = socket;
    this.dialled = facts.dialled;
    this.remoteAddress = facts.remoteAddress;
    this.binding = facts.binding;
    ws.on('error', (error) => this.#failed(error));
    ws.on('close', (code, reason) => this.#closed(code, reason));
    // Until somebody listens.
    ws.pause();
  }

  get queued(): number {
    return this.#ws.bufferedAmount;
  }

  send(json: string): void {
    if (this.ending) return;
    if (json.length === 0) throw new ParleyError('bad-argument', 'an empty message would be a keep-alive');
    const { maxFrameBytes } = this.settings;
    // A character has at most three bytes for each of its units.
    if (json.length * 3 > maxFrameBytes && Buffer.byteLength(json) > maxFrameBytes) {
      throw new ParleyError('too-large', `a message has at most ${maxFrameBytes} bytes`);
    }
    this.#write(json, json.length);
  }

  sendData(transfer: number, bytes: Uint8Array): void {
    if (this.ending) return;
    const most = this.settings.maxFrameBytes - 4;
    let at = 0;
    do {
      const part = bytes.subarray(at, at + most);
      const frame = Buffer.allocUnsafe(4 + part.length);
      frame.writeUInt32BE(transfer, 0);
      frame.set(part, 4);
      this.#write(frame, frame.length);
      at += most;
    } while (at < bytes.length);
  }

  keepAlive(): void {
    if (!this.ending) this.#write('', 0);
  }

  close(): void {
    if (this.ending) return;
    this.ending = true;
    this.#ws.close(1000);
    // What was said last and the end in one write: a server that stops does so for thousands.
    this.flush();
    // Reading on is what shows the other side's answer.
    this.#ws.resume();
    this.linger();
  }

  /** Lets go what was held back for one write. */
  flush(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
  }

  protected listen(): void {
    this.#ws.on('message', (data, isBinary) => this.#received(data as Buffer, isBinary));
    this.#ws.on('ping', (data) => {
      if (!this.#isLittle() || this.ending) return;
      if (this.#answering) this.#pinged = data;
      else this.#answer(data);
    });
  }

  override turned(): void {
    this.#empty = 0;
    super.turned();
  }

  protected read(): void {
    this.#ws.resume();
  }

  protected stopReading(): void {
    this.#ws.pause();
  }

  protected end(): void {
    this.ending = true;
  }

  protected cut(): void {
    this.#ws.terminate();
  }

  /** One at a time: of the pings that come meanwhile the last counts (RFC 6455 section 5.5.3), and nothing piles up for each. */
  #answer(data: Buffer): void {
    if (this.queued >= MAX_QUEUED_FOR_PONG) return;
    this.#answering = true;
    this.#ws.pong(data, undefined, () => {
      this.#answering = false;
      const next = this.#pinged;
      this.#pinged = undefined;
      if (next && !this.ending) this.#answer(next);
    });
  }

  /** A frame came that says nothing. False when there were too many in this turn: then the connection is at its end. */
  #isLittle(most = MAX_EMPTY): boolean {
    this.took(1, 0);
    if (++this.#empty <= most) return true;
    this.destroy(new ParleyError('bad-frame', 'too many frames that say nothing'));
    return false;
  }

  #write(data: string | Buffer, length: number): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      this.settings.flusher.add(this);
    }
    if (!this.full && this.queued + length > this.settings.lowWaterBytes) this.full = true;
    this.#onWritten ??= () => this.written();
    this.#ws.send(data, { binary: typeof data !== 'string', compress: false }, this.full ? this.#onWritten : undefined);
  }

  #received(data: Buffer, isBinary: boolean): void {
    if (this.ending) {
      this.#isLittle(MAX_UNHEARD);
      return;
    }
    if (data.length === 0 && !isBinary && !this.#isLittle()) return;
    if (isBinary && data.length < 4) {
      this.destroy(new ParleyError('bad-frame', 'a data frame without a transfer number'));
      return;
    }
    this.guard(() => {
      if (isBinary) this.handler?.data(data.readUInt32BE(0), data.subarray(4));
      else if (data.length === 0) this.handler?.keepAlive();
      else this.handler?.message(data);
      if (!isBinary && data.length > 0) this.took(1, data.length);
    });
  }

  #failed(error: Error): void {
    // After our own end, what the socket still reports is the other side's way to end it.
    if (!this.ending) this.error ??= errorOf(error);
    this.ending = true;
  }

  #closed(code: number, reason: Buffer): void {
    if (!this.ending && code === ABNORMAL) this.error ??= new ParleyError('closed', 'the connection broke off');
    else if (!this.ending && !CLEAN.has(code)) {
      // What a stranger writes there is not shown as it is.
      const why = reason.toString('latin1').replace(/[^\x20-\x7e]/g, '?');
      this.error ??= new ParleyError('closed', `the other side ended the connection with code ${code}${why && `: ${why}`}`);
    }
    this.over();
  }
}
