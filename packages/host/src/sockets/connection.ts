import { type ConnectionHandler, ParleyError, type Timer } from '@parley/core';
import type { Flushable } from './flusher.ts';
import type { ConnectionSettings } from './settings.ts';

/** What a framed connection over a socket does the same way whatever carries its frames: it tells its handler, and comes to an end. */
export abstract class SocketConnection implements Flushable {
  protected readonly settings: ConnectionSettings;
  protected handler: ConnectionHandler | undefined;
  /** `queued` has been above the low-water mark, and `drain` is owed. */
  protected full = false;
  protected paused = false;
  /** We ended it: nothing more is sent or delivered. */
  protected ending = false;
  protected error: ParleyError | undefined;
  #gone = false;
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
  /** The handler stands, and may be told of what comes. */
  protected abstract listen(handler: ConnectionHandler): void;

  attach(handler: ConnectionHandler): void {
    if (this.handler) throw new ParleyError('already-open', 'a connection has one handler');
    this.handler = handler;
    if (this.#gone) queueMicrotask(() => this.#announceClosed());
    else this.listen(handler);
  }

  destroy(error?: ParleyError): void {
    if (this.#gone) return;
    this.error ??= error;
    this.end();
    this.cut();
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

  #announceClosed(): void {
    this.guard(() => this.handler?.closed(this.error));
  }
}
