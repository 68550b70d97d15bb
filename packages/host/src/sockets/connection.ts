import { type ConnectionHandler, ParleyError, type Timer } from '@parley/core';
import type { Flushable } from './flusher.ts';
import type { ConnectionSettings } from './settings.ts';
import type { Taker } from './turns.ts';

const UNIT_BYTES = 4096;

/** What a framed connection over a socket does the same way whatever carries its frames: it tells its handler, and comes to an end. */
export abstract class SocketConnection implements Flushable, Taker {
  protected readonly settings: ConnectionSettings;
  protected handler: ConnectionHandler | undefined;
  /** `queued` has been above the low-water mark, and `drain` is owed. */
  protected full = false;
  /** We ended it: nothing more is sent or delivered. */
  protected ending = false;
  protected error: ParleyError | undefined;
  #gone = false;
  /** Nobody wants what comes now. */
  #paused = false;
  /** Units, of a message or 4 KiB of it, that came in this turn. */
  #taken = 0;
  /** It had its share of this turn. */
  #resting = false;
  #linger: Timer | undefined;

  protected constructor(settings: ConnectionSettings) {
    this.settings = settings;
  }

  abstract get queued(): number;
  abstract flush(): void;
  /** Sends and delivers nothing more. */
  protected abstract end(): void;
  /** Ends what carries the frames, at once. */
  protected abstract cut(): void;
  /** The handler stands, and may be told of what comes, once it is read. */
  protected abstract listen(handler: ConnectionHandler): void;
  protected abstract read(): void;
  protected abstract stopReading(): void;

  attach(handler: ConnectionHandler): void {
    if (this.handler) throw new ParleyError('already-open', 'a connection has one handler');
    this.handler = handler;
    if (this.#gone) queueMicrotask(() => this.#announceClosed());
    else this.#listen(handler);
  }

  /** What is being read already still comes: at most one TLS record, or what a WebSocket got at once. */
  pause(): void {
    this.#paused = true;
    this.stopReading();
  }

  resume(): void {
    this.#paused = false;
    this.#goOn();
  }

  turned(): void {
    this.#taken = 0;
    if (!this.#resting) return;
    this.#resting = false;
    this.#goOn();
  }

  destroy(error?: ParleyError): void {
    if (this.#gone) return;
    this.error ??= error;
    this.end();
    this.cut();
  }

  /** Messages came, or parts of some. When they are more than its share of the turn, others are heard first. */
  protected took(messages: number, bytes: number): void {
    if (messages + bytes === 0) return;
    const { turns } = this.settings;
    if (this.#taken === 0) turns.join(this);
    this.#taken += messages + bytes / UNIT_BYTES;
    if (this.#resting || this.ending || this.#taken < turns.share) return;
    this.#resting = true;
    this.stopReading();
  }

  /** It ends by itself once the peer has taken what is queued; it is cut when that takes too long. */
  protected linger(): void {
    this.#linger = this.settings.clock.after(this.settings.lingerMs, () => this.cut());
  }

  /** There is nothing to carry frames any more. */
  protected over(): void {
    this.#gone = true;
    this.end();
    this.#linger?.cancel();
    this.#linger = undefined;
    if (this.handler) this.#announceClosed();
  }

  /** Something that was queued has left. */
  protected written(): void {
    if (!this.full || this.ending || this.queued > this.settings.lowWaterBytes) return;
    this.full = false;
    this.guard(() => this.handler?.drain());
  }

  /** Nothing that a handler throws may end the process. */
  protected guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.settings.log.error('a handler failed; its connection is closed', { error });
      this.destroy(ParleyError.from(error));
    }
  }

  #listen(handler: ConnectionHandler): void {
    this.listen(handler);
    if (this.#paused) this.stopReading();
    else this.read();
  }

  /** Before anybody listens the bytes wait in the socket; flowing, they would be lost. After the end they are read only to see the other side's. */
  #goOn(): void {
    if (this.handler && !this.#paused && !this.#resting && !this.ending) this.read();
  }

  #announceClosed(): void {
    this.guard(() => this.handler?.closed(this.error));
  }
}
