import { type Connection, type ConnectionHandler, ParleyError } from '@parley/core';
import { Fifo } from '../fifo.ts';
import type { Scheduled } from '../heap.ts';
import type { Fabric, PipeRoute } from './fabric.ts';
import { END, type Frame, KEEP_ALIVE, OPEN } from './frames.ts';
import { Pipe } from './pipe.ts';

export interface EndOptions {
  readonly dialled: boolean;
  readonly localHost: string;
  readonly remoteHost: string;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly connection: number;
  /** Default `memory`. */
  readonly transport?: string | undefined;
  readonly peerCertificate: Uint8Array | undefined;
  readonly binding: string | undefined;
  /** Longest JSON message that this end makes and takes. */
  readonly maxMessageBytes: number;
  /** Called once, when this end lives no longer. */
  readonly gone: (end: MemoryConnection) => void;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** One end of a simulated connection. */
export class MemoryConnection implements Connection {
  readonly transport: string;
  readonly dialled: boolean;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly peerCertificate: Uint8Array | undefined;
  readonly binding: string | undefined;
  /** The same at both ends. */
  readonly number: number;
  readonly route: PipeRoute;
  readonly #fabric: Fabric;
  readonly #maxMessageBytes: number;
  readonly #gone: (end: MemoryConnection) => void;
  readonly #outgoing: Pipe;
  readonly #inbox = new Fifo<{ frame: Frame; charged: number }>();
  #peer: MemoryConnection | undefined;
  #incoming: Pipe | undefined;
  #linger: Scheduled | undefined;
  #opened: (() => void) | undefined;
  #handler: ConnectionHandler | undefined;
  #paused = false;
  #flushing = false;
  #state: 'open' | 'ending' | 'dead' = 'open';
  /** Waits for a handler, when the end came before it did. */
  #last: { error: ParleyError | undefined } | undefined;

  constructor(fabric: Fabric, options: EndOptions) {
    this.#fabric = fabric;
    this.transport = options.transport ?? 'memory';
    this.dialled = options.dialled;
    this.localAddress = options.localAddress;
    this.remoteAddress = options.remoteAddress;
    this.peerCertificate = options.peerCertificate;
    this.binding = options.binding;
    this.number = options.connection;
    this.#maxMessageBytes = options.maxMessageBytes;
    this.#gone = options.gone;
    this.route = {
      from: options.localHost,
      to: options.remoteHost,
      fromAddress: options.localAddress,
      toAddress: options.remoteAddress,
      connection: options.connection,
    };
    this.#outgoing = new Pipe(fabric, this.route, {
      arrived: (frame, charged) => this.#peer?.receive(frame, charged),
      drained: () => {
        if (this.#state === 'open') this.#handler?.drain();
      },
      stalled: () => this.destroy(new ParleyError('timeout', 'the other side is silent', { data: { address: this.remoteAddress } })),
      broken: () => this.breakUp(false),
    });
  }

  /** Joins two ends. The listening one comes to life when the first packet gets there. */
  static join(dialler: MemoryConnection, listener: MemoryConnection, opened: () => void): void {
    dialler.#peer = listener;
    dialler.#incoming = listener.#outgoing;
    listener.#peer = dialler;
    listener.#incoming = dialler.#outgoing;
    listener.#opened = opened;
    dialler.#outgoing.push(OPEN);
  }

  get queued(): number {
    return this.#outgoing.queued;
  }

  attach(handler: ConnectionHandler): void {
    if (this.#handler !== undefined) throw new ParleyError('already-open', 'a connection has one handler');
    this.#handler = handler;
    if (this.#last === undefined) this.#flushSoon();
    else this.#tellClosed(this.#last.error);
  }

  send(json: string): void {
    if (this.#state !== 'open') return;
    const bytes = encoder.encode(json);
    if (bytes.length === 0) throw new ParleyError('bad-argument', 'an empty JSON message');
    if (bytes.length > this.#maxMessageBytes) throw this.#tooLarge(bytes.length);
    this.#outgoing.push({ kind: 'message', bytes });
  }

  sendData(transfer: number, bytes: Uint8Array): void {
    const { segmentBytes } = this.#fabric.config;
    let at = 0;
    do {
      this.#push({ kind: 'data', transfer, bytes: new Uint8Array(bytes.subarray(at, at + segmentBytes)) });
      at += segmentBytes;
    } while (at < bytes.length);
  }

  keepAlive(): void {
    this.#push(KEEP_ALIVE);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#flushSoon();
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#outgoing.push(END);
    this.#linger = this.#fabric.clock.schedule(this.#fabric.config.lingerMs, () => this.#end(undefined, true));
    for (const { frame, charged } of this.#takeInbox()) this.receive(frame, charged);
  }

  destroy(error?: ParleyError): void {
    this.#end(error, true);
  }

  /**
   * The process behind this end is gone: its handler hears nothing more. Its system resets the connection, unless it was
   * closing anyway; a machine without power says nothing.
   */
  crash(silently: boolean): void {
    this.#handler = undefined;
    if (this.#state === 'dead' || (this.#state === 'ending' && !silently)) return;
    this.#die();
    if (silently) this.#outgoing.sever();
    else this.#outgoing.reset();
  }

  /** Both ends at once, as when a router between them gives up; or silently, so that each must find out. */
  breakUp(silently: boolean): void {
    const error = new ParleyError('closed', 'the connection was broken', { data: { address: this.remoteAddress } });
    this.#outgoing.sever();
    this.#incoming?.sever();
    if (silently) return;
    this.#end(error, false);
    if (this.#peer !== undefined) this.#peer.#end(error, false);
  }

  receive(frame: Frame, charged: number): void {
    if (this.#state === 'dead') {
      this.#incoming?.read(charged);
      if (frame.kind !== 'reset') this.#outgoing.answerReset();
      return;
    }
    if (frame.kind === 'open') {
      this.#opened?.();
    } else if (frame.kind === 'reset') {
      const error = new ParleyError('closed', 'the other side reset the connection', { data: { address: this.remoteAddress } });
      this.#end(this.#state === 'ending' ? undefined : error, false);
    } else if (this.#state === 'ending') {
      // We ended it: what still comes concerns nobody, but for the other side's end.
      this.#incoming?.read(charged);
      if (frame.kind === 'end') this.#end(undefined, false);
    } else if (this.#handler === undefined || this.#paused || this.#flushing || this.#inbox.size > 0) {
      this.#inbox.push({ frame, charged });
    } else {
      this.#dispatch(this.#handler, frame, charged);
    }
  }

  #push(frame: Frame): void {
    if (this.#state === 'open') this.#outgoing.push(frame);
  }

  #flushSoon(): void {
    if (this.#flushing || this.#inbox.size === 0) return;
    this.#flushing = true;
    this.#fabric.clock.schedule(0, () => {
      this.#flushing = false;
      while (!this.#paused && this.#handler !== undefined && this.#state === 'open') {
        const next = this.#inbox.shift();
        if (next === undefined) break;
        this.#dispatch(this.#handler, next.frame, next.charged);
      }
    });
  }

  #dispatch(handler: ConnectionHandler, frame: Frame, charged: number): void {
    this.#incoming?.read(charged);
    switch (frame.kind) {
      case 'message':
        this.#message(handler, frame.bytes);
        return;
      case 'data':
        handler.data(frame.transfer, frame.bytes);
        return;
      case 'keep-alive':
        handler.keepAlive();
        return;
      case 'end':
        // The other side ended; what we still have queued follows, and then our own end.
        this.#outgoing.push(END);
        this.#end(undefined, false);
        return;
      default:
    }
  }

  #message(handler: ConnectionHandler, bytes: Uint8Array): void {
    if (bytes.length > this.#maxMessageBytes) {
      this.#end(this.#tooLarge(bytes.length), true);
    } else if (bytes.length === 0) {
      // On the wire, length 0 is a keep-alive (WIRE "Frames").
      handler.keepAlive();
    } else {
      handler.message(this.#fabric.config.messagesAs === 'text' ? decoder.decode(bytes) : bytes);
    }
  }

  #tooLarge(bytes: number): ParleyError {
    return new ParleyError('too-large', `a message of ${bytes} bytes, above ${this.#maxMessageBytes}`);
  }

  #takeInbox(): { frame: Frame; charged: number }[] {
    const all = [...this.#inbox];
    this.#inbox.clear();
    return all;
  }

  #end(error: ParleyError | undefined, tellPeer: boolean): void {
    if (this.#state === 'dead') return;
    this.#die();
    if (tellPeer) this.#outgoing.reset();
    if (this.#handler === undefined) this.#last = { error };
    else this.#tellClosed(error);
  }

  #die(): void {
    this.#state = 'dead';
    this.#inbox.clear();
    if (this.#linger !== undefined) this.#fabric.clock.cancel(this.#linger);
    this.#gone(this);
  }

  #tellClosed(error: ParleyError | undefined): void {
    this.#fabric.clock.schedule(0, () => {
      const handler = this.#handler;
      this.#handler = undefined;
      handler?.closed(error);
    });
  }
}
