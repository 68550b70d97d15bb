import type { TLSSocket } from 'node:tls';
import { type Connection, type ConnectionHandler, FrameDecoder, ParleyError } from '@parley/core';
import { SocketConnection } from '../sockets/connection.ts';
import type { ConnectionSettings } from '../sockets/settings.ts';
import { connectionError } from './errors.ts';
import { Gather } from './gather.ts';
import { LongMessage } from './long-message.ts';
import { Pieces } from './pieces.ts';

/** What was known when the handshake was over. */
export interface ConnectionFacts {
  readonly transport: string;
  readonly dialled: boolean;
  readonly remoteAddress: string;
  readonly peerCertificate: Uint8Array;
}

/** Payloads below this are copied behind the frames before them; a write of their own would cost more. */
const COPY_BELOW_BYTES = 8 * 1024;
/** Gathered output is written before the end of the turn when it reaches this: four full TLS records. */
const FLUSH_AT_BYTES = 64 * 1024;

/** A message that is longer goes out in pieces: links that are idle but for tables of routes are the ones that are many. */
const LONG_CHARACTERS = 8 * 1024;

/** The connection of a socket, where shared listeners find it: a closure per event and connection would cost memory. */
const OWNER = Symbol('connection');
interface OwnedSocket extends TLSSocket {
  [OWNER]?: TlsConnection;
}

function onData(this: OwnedSocket, chunk: Buffer): void {
  this[OWNER]?.received(chunk);
}
function onEnd(this: OwnedSocket): void {
  this[OWNER]?.peerEnded();
}
function onError(this: OwnedSocket, error: Error): void {
  this[OWNER]?.failed(error);
}
function onClose(this: OwnedSocket): void {
  this[OWNER]?.gone();
}

/** One TLS socket as a framed connection. Takes over a socket whose handshake is done. */
export class TlsConnection extends SocketConnection implements Connection {
  readonly transport: string;
  readonly binding = undefined;
  readonly dialled: boolean;
  readonly remoteAddress: string;
  readonly peerCertificate: Uint8Array;
  readonly #socket: OwnedSocket;
  readonly #out = new Gather();
  #decoder: FrameDecoder | undefined;
  #scheduled = false;
  #onWritten: (() => void) | undefined;
  #onPiece: (() => void) | undefined;
  /** What does not go to the socket at once; made when there is something. */
  #pieces: Pieces | undefined;
  /** A piece is on its way. */
  #busy = false;

  constructor(socket: TLSSocket, facts: ConnectionFacts, settings: ConnectionSettings) {
    super(settings);
    this.transport = facts.transport;
    this.dialled = facts.dialled;
    this.remoteAddress = facts.remoteAddress;
    this.peerCertificate = facts.peerCertificate;
    this.#socket = socket;
    this.#socket[OWNER] = this;
    socket.on('error', onError);
    socket.on('close', onClose);
  }

  get queued(): number {
    return this.#out.length + this.#behind + this.#socket.writableLength;
  }

  send(json: string): void {
    if (this.ending) return;
    if (json.length > LONG_CHARACTERS) {
      this.#sendLong(json);
      return;
    }
    this.#out.json(json, this.settings.maxFrameBytes);
    this.#gathered();
  }

  sendData(transfer: number, bytes: Uint8Array): void {
    if (this.ending) return;
    if (bytes.length < COPY_BELOW_BYTES) {
      this.#out.data(transfer, bytes);
      this.#gathered();
      return;
    }
    const most = this.settings.maxFrameBytes - 4;
    for (let at = 0; at < bytes.length; at += most) {
      const part = bytes.length <= most ? bytes : bytes.subarray(at, at + most);
      this.#out.dataHeader(transfer, part.length);
      this.#wait(this.#out.take());
      this.#wait(part);
    }
    this.#pump();
  }

  keepAlive(): void {
    if (this.ending) return;
    this.#out.keepAlive();
    this.#gathered();
  }

  close(): void {
    if (this.ending) return;
    this.flush();
    this.#writeBehind();
    this.end();
    this.#socket.end();
    // Reading on is what shows the other side's end.
    this.#socket.resume();
    this.linger();
  }

  /** Writes what was gathered. */
  flush(): void {
    this.#scheduled = false;
    const gathered = this.#out.take();
    if (gathered && !this.ending) this.#write(gathered);
  }

  /** Bytes came. */
  received(chunk: Uint8Array): void {
    const decoder = this.#decoder;
    if (!decoder) return;
    const { messages, messageBytes } = decoder;
    try {
      decoder.push(chunk);
      this.took(decoder.messages - messages, decoder.messageBytes - messageBytes);
    } catch (error) {
      const failure = ParleyError.from(error);
      if (failure.code === 'internal') this.settings.log.error('a handler failed; its connection is closed', { error });
      this.destroy(failure);
    }
  }

  /** The other side has ended its half; the socket then ends ours by itself. */
  peerEnded(): void {
    if (this.ending) return;
    if (this.#decoder?.idle === false) this.error ??= new ParleyError('bad-frame', 'the stream ended within a frame');
    this.flush();
    this.#writeBehind();
    this.end();
  }

  failed(error: Error): void {
    // After our own close, a reset is merely the other side's way to end it.
    if (!this.ending) this.error ??= connectionError(error);
  }

  gone(): void {
    this.over();
  }

  protected listen(handler: ConnectionHandler): void {
    this.#decoder = new FrameDecoder({ maxFrameBytes: this.settings.maxFrameBytes, handler });
    // Ahead of the socket's own listener, which ends our half: what is gathered goes out before.
    this.#socket.prependListener('end', onEnd);
    this.#socket.on('data', onData);
  }

  protected read(): void {
    this.#socket.resume();
  }

  protected stopReading(): void {
    this.#socket.pause();
  }

  protected end(): void {
    this.ending = true;
    this.#decoder?.stop();
    this.#out.take();
    this.#pieces?.clear();
  }

  protected cut(): void {
    this.#socket.destroy();
  }

  #gathered(): void {
    if (!this.full && this.queued > this.settings.lowWaterBytes) this.full = true;
    if (this.#out.length >= FLUSH_AT_BYTES) {
      this.flush();
    } else if (!this.#scheduled) {
      this.#scheduled = true;
      this.settings.flusher.add(this);
    }
  }

  #sendLong(json: string): void {
    const message = new LongMessage(json, this.settings.maxFrameBytes);
    this.flush();
    this.#wait(message);
    this.#pump();
  }

  /** Bytes that wait for those before them to leave. */
  get #behind(): number {
    return this.#pieces?.length ?? 0;
  }

  #wait(what: Uint8Array | LongMessage | undefined): void {
    if (!what) return;
    this.#pieces ??= new Pieces(this.settings);
    this.#pieces.push(what);
    if (!this.full && this.queued > this.settings.lowWaterBytes) this.full = true;
  }

  /** Writes the next piece, unless one is on its way. */
  #pump(): void {
    if (this.#busy) return;
    const piece = this.#pieces?.next();
    if (!piece) return;
    this.#busy = true;
    this.#onPiece ??= () => {
      this.#busy = false;
      this.#pump();
      this.written();
    };
    this.#socket.write(piece, this.#onPiece);
  }

  /** What still waits, at once. */
  #writeBehind(): void {
    for (const bytes of this.#pieces?.takeAll() ?? []) this.#socket.write(bytes);
  }

  #write(bytes: Uint8Array): void {
    if (this.#behind > 0) {
      this.#wait(bytes);
      return;
    }
    if (!this.full) {
      this.#socket.write(bytes);
      return;
    }
    this.#onWritten ??= () => this.written();
    this.#socket.write(bytes, this.#onWritten);
  }
}
