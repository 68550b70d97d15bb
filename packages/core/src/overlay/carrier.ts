import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../util/metrics.ts';
import { AckTimes } from './ack-times.ts';
import { copyFor } from './body.ts';
import type { OverlayConfig } from './config.ts';
import type { Held, Waiting } from './held.ts';
import { type CircuitCarrier, isCircuit } from './own-circuits.ts';
import type { RoutingTable } from './routing-table.ts';
import { type Ways, wayKey } from './ways.ts';
import { type Copy, Windows } from './windows.ts';

export interface CarrierDeps {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly routes: RoutingTable;
  readonly ways: Ways;
  /** What is hidden goes by circuit or not at all. */
  readonly circuits: Pick<CircuitCarrier, 'hides' | 'circuitTo' | 'sentBefore' | 'unreceipted'>;
  /** Sends a copy of a message as JSON to a neighbour, or into a circuit; false when there is no link or it is closing. */
  readonly transmit: (neighbour: string, json: string, held: Held) => boolean;
  readonly sampleLatency: (neighbour: string, ms: number) => void;
  /** A neighbour does not acknowledge: a link from which nothing at all comes is ended. */
  readonly doubt: (neighbour: string, waitMs: number) => void;
  /** Whether a verb's recipients are a list that is split by next hop. */
  readonly split: (type: string) => boolean;
}

/** What the owner of the messages decides. */
export interface CarrierOwner {
  alive(waiting: Waiting): boolean;
  /** The body, from memory or from disk; undefined when it is lost. */
  body(held: Held): string | undefined | Promise<string | undefined>;
  /** The neighbour acknowledged: it has custody now. */
  passed(waiting: Waiting, neighbour: string): void;
  /** No candidate is left for now. */
  parked(waiting: Waiting): void;
  lost(waiting: Waiting): void;
  run(task: Promise<void>): void;
}

/** What an ACK is about. */
export interface Acknowledged {
  readonly msgIds: ReadonlySet<string>;
  readonly origin: string | undefined;
  readonly recipients: readonly string[] | undefined;
}

/** A neighbour, and the server to which a message is addressed anew on the way; or a circuit by its name. */
interface Hop {
  readonly neighbour: string;
  readonly through: string | undefined;
}

/** Carries held messages to their next hops: picks the hop, keeps to each neighbour's window, and hears the ACKs. Holds nothing itself. */
export class Carrier {
  readonly #deps: CarrierDeps;
  readonly #owner: CarrierOwner;
  readonly #windows: Windows;
  readonly #times: AckTimes;

  constructor(deps: CarrierDeps, config: OverlayConfig, owner: CarrierOwner) {
    this.#deps = deps;
    this.#owner = owner;
    this.#windows = new Windows(config);
    this.#times = new AckTimes(config);
    deps.metrics.gauge('window_queued', () => this.#windows.queued);
    deps.metrics.gauge('window_flying', () => this.#windows.flying);
  }

  /** Sends each on by its best next hop that was not tried; one copy for all recipients of a message behind the same hop. */
  route(waitings: Iterable<Waiting>): void {
    const copies = new Map<string, { way: Hop; byHeld: Map<Held, Waiting[]> }>();
    const now = this.#deps.clock.monotonic();
    for (const waiting of waitings) {
      if (!this.#owner.alive(waiting)) continue;
      const way = this.nextHop(waiting);
      waiting.since = now;
      waiting.via = way?.neighbour;
      waiting.through = way?.through;
      if (way === undefined) {
        this.#owner.parked(waiting);
        continue;
      }
      waiting.state = 'queued';
      const key = wayKey(way);
      let copy = copies.get(key);
      if (!copy) {
        copy = { way, byHeld: new Map() };
        copies.set(key, copy);
      }
      const together = copy.byHeld.get(waiting.held);
      if (together) together.push(waiting);
      else copy.byHeld.set(waiting.held, [waiting]);
    }
    for (const { way, byHeld } of copies.values()) {
      for (const [held, waiting] of byHeld) this.#windows.push(way.neighbour, held, waiting, way.through);
      this.#flush(way.neighbour);
    }
  }

  /** The best way that was not tried yet. */
  nextHop(waiting: Waiting): Hop | undefined {
    const { held, destination, tried, toward } = waiting;
    if (this.isHidden(waiting)) {
      const neighbour = this.#deps.circuits.circuitTo(destination, tried, held.bytes);
      return neighbour === undefined ? undefined : { neighbour, through: undefined };
    }
    return this.#deps.ways.next(destination, { own: held.own, from: held.from, via: held.via, tried, toward });
  }

  /**
   * An own message was receipted in time by the way that it took, or was not. Where it was addressed anew it is the whole way that counts:
   * a neighbour is not to blame for servers at which the destination only says to be.
   */
  measured({ destination, via: neighbour, through }: Waiting, inTime: boolean): void {
    if (neighbour === undefined) return;
    if (through !== undefined) this.#deps.ways.receipted(destination, { neighbour, through }, inTime);
    if (through === undefined || inTime) this.#deps.routes.receipted(neighbour, inTime);
  }

  /** An ACK of a neighbour. `recipients`: whom it names; undefined for all of the copy. */
  acknowledged(neighbour: string, { msgIds, origin, recipients }: Acknowledged): void {
    const named = recipients && new Set(recipients);
    const back: Waiting[] = [];
    for (const msgId of msgIds) this.#acknowledged(neighbour, msgId, origin, named, back);
    this.route(back);
    this.#flush(neighbour);
  }

  /** `back` takes what has to go another way. */
  #acknowledged(
    neighbour: string,
    msgId: string,
    origin: string | undefined,
    named: ReadonlySet<string> | undefined,
    back: Waiting[],
  ): void {
    const copy = this.#windows.find(neighbour, msgId, origin);
    const now = this.#deps.clock.monotonic();
    const ms = this.#times.came(neighbour, copy?.held.name ?? `${origin} ${msgId}`, copy?.sentAt, now);
    if (!copy) {
      this.#deps.metrics.count('acks', 'late');
      return;
    }
    this.#windows.acknowledged(copy, now);
    if (ms !== undefined) {
      this.#deps.sampleLatency(neighbour, ms);
      this.#deps.metrics.observe('ack_ms', ms);
    }
    this.#deps.routes.answered(neighbour, true);
    const done = copy.waiting.filter((waiting) => !named || named.has(waiting.destination));
    this.#leave(copy, (waiting) => !done.includes(waiting));
    for (const waiting of done) {
      if (!this.#owner.alive(waiting) || waiting.via !== neighbour) continue;
      if (waiting.again) {
        waiting.again = false;
        waiting.tried.add(neighbour);
        back.push(waiting);
      } else this.#owner.passed(waiting, neighbour);
    }
  }

  /** The held message that a neighbour has from us unacknowledged under this id. */
  flying(neighbour: string, msgId: string): Held | undefined {
    return this.#windows.find(neighbour, msgId, undefined)?.held;
  }

  /** Takes a recipient out of the copy that is under way, if any. */
  recall(waiting: Waiting): void {
    if (waiting.via === undefined) return;
    const copy = this.#windows.find(waiting.via, waiting.held.msgId, waiting.held.origin);
    if (copy) this.#leave(copy, (other) => other !== waiting);
  }

  /** A neighbour is gone: what it had not acknowledged goes another way. */
  neighbourDown(neighbour: string): void {
    const back = this.#windows.drop(neighbour).flatMap((copy) => copy.waiting.filter((waiting) => waiting.via === neighbour));
    for (const waiting of back) {
      waiting.again = false;
      waiting.trouble = undefined;
    }
    this.#times.forget(neighbour);
    this.route(back);
  }

  /** Silence for longer than ACKs of a neighbour take makes the next candidate the way. Called every now and then. */
  checkAcks(): void {
    const now = this.#deps.clock.monotonic();
    for (const neighbour of this.#windows.neighbours()) {
      const waitMs = this.#times.timeoutMs(neighbour);
      const deadline = isCircuit(neighbour) ? this.#deps.circuits.sentBefore(neighbour) : now - waitMs;
      const late = this.#windows.overdue(neighbour, deadline);
      for (const copy of late) {
        this.#deps.metrics.count('acks', 'missing');
        this.#deps.routes.answered(neighbour, false);
        this.#windows.land(copy);
        if (copy.sentAt !== undefined) this.#times.gaveUp(neighbour, copy.held.name, copy.sentAt);
        const again = copy.waiting.filter((waiting) => waiting.via === neighbour);
        for (const waiting of again) {
          waiting.tried.add(neighbour);
          waiting.trouble = 'no ack';
        }
        this.route(again);
      }
      if (late.length > 0) this.#deps.doubt(neighbour, waitMs);
      this.#flush(neighbour);
    }
  }

  /** Whether it goes by circuit or not at all. Nobody tells where its recipient is then: it is asked now and then by saying the message again. */
  isHidden({ held, destination }: Waiting): boolean {
    return held.own && this.#deps.circuits.hides(destination, { type: held.type, channelId: held.group });
  }

  /** The user wants a copy hidden that waits for its turn at a neighbour: it goes another way. */
  #turnBack(copy: Copy): void {
    if (isCircuit(copy.neighbour)) return;
    const back = copy.waiting.filter((waiting) => this.isHidden(waiting));
    this.#leave(copy, (waiting) => !back.includes(waiting));
    this.route(back);
  }

  #leave(copy: Copy, stays: (waiting: Waiting) => boolean): void {
    copy.waiting = copy.waiting.filter(stays);
    if (copy.waiting.length === 0) this.#windows.land(copy);
  }

  #flush(neighbour: string): void {
    for (;;) {
      const copy = this.#windows.next(neighbour);
      if (!copy) return;
      const body = this.#owner.body(copy.held);
      if (body instanceof Promise) this.#owner.run(this.#sendRead(copy, body));
      else this.#send(copy, body);
    }
  }

  /** Sends a copy whose body has to be read first. A disk that cannot read it now may be able to later. */
  async #sendRead(copy: Copy, body: Promise<string | undefined>): Promise<void> {
    try {
      this.#send(copy, await body);
    } catch (error) {
      this.#windows.land(copy);
      for (const waiting of copy.waiting) if (this.#owner.alive(waiting) && waiting.via === copy.neighbour) this.#owner.parked(waiting);
      throw error;
    }
  }

  #send(copy: Copy, body: string | undefined): void {
    this.#leave(copy, (waiting) => this.#owner.alive(waiting) && waiting.via === copy.neighbour && waiting.through === copy.through);
    this.#turnBack(copy);
    if (copy.waiting.length === 0) return;
    if (body === undefined) {
      for (const waiting of [...copy.waiting]) this.#owner.lost(waiting);
      return;
    }
    const { type } = copy.held;
    const recipients = copy.waiting.map((waiting) => waiting.destination);
    copy.sentAt = this.#deps.clock.monotonic();
    this.#deps.metrics.count('sent', type);
    // A link that is closing reports itself: `neighbourDown` takes the copy back.
    this.#deps.transmit(copy.neighbour, copyFor(body, this.#deps.split(type), recipients, copy.through), copy.held);
  }
}
