import { Fifo } from '../fifo.ts';
import type { Scheduled } from '../heap.ts';
import type { Conditions } from './conditions.ts';
import { type Fabric, type LivePipe, nextAttempt, type PipeRoute, retransmission } from './fabric.ts';
import { type Frame, frameSize, RESET } from './frames.ts';
import { frameBytes, withBytes } from './tap.ts';

export interface PipeEnds {
  /** A frame has come. It counts against the window until `Pipe.read` says that it was read. */
  arrived(frame: Frame, charged: number): void;
  /** `queued` fell to the low-water mark after it was above the high one. Called from an event of its own. */
  drained(): void;
  /** No byte got through for too long; nothing can be sent any more. Called from an event of its own. */
  stalled(): void;
  /** A tap broke the connection. */
  broken(): void;
}

interface Flight {
  readonly frame: Frame;
  readonly charged: number;
  at: number;
}

const CONTROL = new Set(['open', 'end', 'reset']);

/**
 * One direction of a connection, as TCP has it: what was accepted waits until the receiver's window and the bandwidth
 * let it go, then arrives complete and in order, however long that takes. While the way is blocked everything stands
 * still; after `stallTimeoutMs` of that the sender gives up.
 */
export class Pipe implements LivePipe {
  readonly route: PipeRoute;
  readonly #fabric: Fabric;
  readonly #ends: PipeEnds;
  readonly #waiting = new Fifo<Frame>();
  readonly #flying = new Fifo<Flight>();
  #queued = 0;
  #outstanding = 0;
  #lastArrival = 0;
  #aboveMark = false;
  /** The sender is gone: what flies still arrives, and nobody repeats what is lost. */
  #severed = false;
  #heldSince: number | undefined;
  #sending: Scheduled | undefined;
  #arrival: Scheduled | undefined;
  #stall: Scheduled | undefined;
  #conditions: Conditions;
  #reachable: boolean;
  #version: number;

  constructor(fabric: Fabric, route: PipeRoute, ends: PipeEnds) {
    this.#fabric = fabric;
    this.route = route;
    this.#ends = ends;
    this.#conditions = fabric.conditions.between(route.from, route.to);
    this.#reachable = fabric.conditions.reachable(route.from, route.to);
    this.#version = fabric.conditions.version;
    fabric.pipes.add(this);
  }

  /** Bytes accepted and not yet taken by the network. */
  get queued(): number {
    return this.#queued;
  }

  push(frame: Frame): void {
    if (this.#severed) return;
    this.#waiting.push(frame);
    this.#queued += frameSize(frame);
    this.#pump();
    if (this.#queued > this.#fabric.config.highWaterBytes) this.#aboveMark = true;
  }

  /** The receiver has read so many bytes: the window opens. */
  read(bytes: number): void {
    this.#outstanding -= bytes;
    if (this.#waiting.size > 0) this.#pump();
  }

  /** Ends the sender's part without a word. */
  sever(): void {
    this.#severed = true;
    this.#waiting.clear();
    this.#queued = 0;
    this.#cancel();
    if (this.#heldSince !== undefined) {
      this.#flying.clear();
      this.#heldSince = undefined;
      this.#lastArrival = 0;
    }
    this.#forget();
  }

  /** Ends the sender's part and tells the other side, if a packet gets there. */
  reset(): void {
    if (this.#severed) return;
    this.sever();
    this.answerReset();
  }

  /** What a system answers for a connection that it does not know any more. */
  answerReset(): void {
    this.refresh();
    if (!this.#reachable) return;
    this.#fabric.pipes.add(this);
    this.#fly(RESET, 0, 0);
  }

  /** Looks at the conditions again after they changed. */
  refresh(): void {
    const { conditions } = this.#fabric;
    if (this.#version === conditions.version) return;
    this.#version = conditions.version;
    this.#conditions = conditions.between(this.route.from, this.route.to);
    this.#reachable = conditions.reachable(this.route.from, this.route.to);
    if (this.#flying.size > 0 && (!this.#reachable || this.#hopeless())) this.#hold();
    if (this.#reachable) this.#release();
  }

  /** Whether something under way was lost so often that it would have been the end: under other conditions it is not. */
  #hopeless(): boolean {
    return !this.#severed && this.#lastArrival === Number.POSITIVE_INFINITY;
  }

  #pump(): void {
    this.refresh();
    while (this.#sending === undefined) {
      const frame = this.#waiting.peek();
      if (frame === undefined) break;
      const size = frameSize(frame);
      if (size > 0 && this.#outstanding >= this.#fabric.config.windowBytes) break;
      if (size === 0 || this.#conditions.bytesPerSecond === Number.POSITIVE_INFINITY) {
        this.#take(frame, size);
      } else {
        this.#sending = this.#fabric.clock.schedule((size * 1000) / this.#conditions.bytesPerSecond, () => {
          this.#sending = undefined;
          this.#take(frame, size);
          this.#pump();
        });
      }
    }
    if (this.#aboveMark && this.#queued <= this.#fabric.config.lowWaterBytes) {
      this.#aboveMark = false;
      this.#fabric.clock.schedule(0, () => {
        if (!this.#severed) this.#ends.drained();
      });
    }
  }

  #take(frame: Frame, size: number): void {
    this.#waiting.shift();
    this.#queued -= size;
    if (CONTROL.has(frame.kind)) {
      this.#fly(frame, 0, 0);
      return;
    }
    const { counters, random } = this.#fabric;
    counters.frames++;
    counters.bytes += size;
    if (random.chance(this.#conditions.drop)) {
      counters.dropped++;
      return;
    }
    this.#tapped(frame, size);
  }

  #tapped(frame: Frame, size: number): void {
    const { taps, counters, clock } = this.#fabric;
    if (taps.size === 0 || (frame.kind !== 'message' && frame.kind !== 'data' && frame.kind !== 'keep-alive')) {
      this.#outstanding += size;
      this.#fly(frame, size, 0);
      return;
    }
    const passed = taps.pass({
      ...this.route,
      kind: frame.kind,
      transfer: frame.kind === 'data' ? frame.transfer : 0,
      bytes: frameBytes(frame),
      at: clock.monotonic(),
    });
    if (passed.copies === 0) counters.dropped++;
    if (passed.broken) clock.schedule(0, () => this.#ends.broken());
    const altered = withBytes(frame, passed.bytes);
    for (let copy = 0; copy < passed.copies; copy++) {
      const charged = copy === 0 ? size : 0;
      this.#outstanding += charged;
      this.#fly(copy === 0 ? altered : withBytes(frame, new Uint8Array(passed.bytes)), charged, passed.delayMs);
    }
  }

  #fly(frame: Frame, charged: number, delayMs: number): void {
    this.#flying.push({ frame, charged, at: this.#arrivalTime(delayMs) });
    if (this.#heldSince !== undefined) return;
    if (this.#reachable) this.#await();
    else this.#hold();
  }

  /** When something that leaves now arrives: never before what left earlier. */
  #arrivalTime(delayMs: number): number {
    const { clock, config, random } = this.#fabric;
    const { latencyMs, jitterMs, loss } = this.#conditions;
    const lost = loss === 0 ? 0 : retransmission(this.#fabric, loss, config.stallTimeoutMs);
    const at =
      lost === undefined
        ? Number.POSITIVE_INFINITY
        : clock.monotonic() + latencyMs + (jitterMs === 0 ? 0 : jitterMs * random.number()) + lost + delayMs;
    this.#lastArrival = Math.max(this.#lastArrival, at);
    return this.#lastArrival;
  }

  #await(): void {
    const first = this.#flying.peek();
    if (this.#arrival !== undefined || first === undefined) return;
    if (first.at === Number.POSITIVE_INFINITY) {
      this.#hold();
      return;
    }
    const { clock } = this.#fabric;
    this.#arrival = clock.schedule(first.at - clock.monotonic(), () => this.#arrive());
  }

  /** Everything that comes in this instant comes in one piece, as from a socket. */
  #arrive(): void {
    this.#arrival = undefined;
    this.refresh();
    if (this.#heldSince !== undefined) return;
    const now = this.#fabric.clock.monotonic();
    for (let first = this.#flying.peek(); first !== undefined && first.at <= now; first = this.#flying.peek()) {
      this.#flying.shift();
      if (first.frame.kind === 'end') this.#severed = true;
      this.#ends.arrived(first.frame, first.charged);
      if (this.#heldSince !== undefined) return;
    }
    this.#await();
    this.#forget();
  }

  #hold(): void {
    if (this.#heldSince !== undefined) return;
    if (this.#severed) {
      this.#flying.clear();
      this.#cancel();
      this.#forget();
      return;
    }
    const { clock, config } = this.#fabric;
    this.#heldSince = clock.monotonic();
    if (this.#arrival !== undefined) clock.cancel(this.#arrival);
    this.#arrival = undefined;
    this.#stall = clock.schedule(config.stallTimeoutMs, () => {
      this.#stall = undefined;
      this.sever();
      this.#ends.stalled();
    });
  }

  /** The way is free again: the sender's next attempt gets through, and everything behind it. */
  #release(): void {
    if (this.#heldSince === undefined) return;
    const { clock, config } = this.#fabric;
    const elapsed = clock.monotonic() - this.#heldSince;
    this.#lastArrival = 0;
    const at = this.#arrivalTime(nextAttempt(config.retransmitMs, elapsed) - elapsed);
    for (const flight of this.#flying) flight.at = at;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#heldSince = undefined;
    if (this.#stall !== undefined) clock.cancel(this.#stall);
    this.#stall = undefined;
    this.#await();
  }

  /** A pipe that nothing will ever come out of needs no news of the conditions. */
  #forget(): void {
    if (this.#severed && this.#flying.size === 0) this.#fabric.pipes.delete(this);
  }

  #cancel(): void {
    const { clock } = this.#fabric;
    if (this.#sending !== undefined) clock.cancel(this.#sending);
    if (this.#stall !== undefined) clock.cancel(this.#stall);
    this.#sending = undefined;
    this.#stall = undefined;
  }
}
