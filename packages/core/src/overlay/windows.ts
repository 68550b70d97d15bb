import type { OverlayConfig } from './config.ts';
import type { Held, Waiting } from './held.ts';
import { isCircuit } from './own-circuits.ts';

/** One copy of a held message for one next hop. */
export interface Copy {
  readonly neighbour: string;
  readonly held: Held;
  /** The server to which it is addressed anew. */
  readonly through: string | undefined;
  waiting: Waiting[];
  /** Monotonic milliseconds; undefined until it is sent. */
  sentAt: number | undefined;
  /** Its number in the lane, in order of sending. */
  order: number;
}

interface Lane {
  /** In order; a set, because taking the first of a long array is slow. */
  readonly queue: Set<Copy>;
  /** By name, those that wait until the one of the same name has landed; `freed` are those that waited, and go first. */
  readonly blocked: Map<string, Set<Copy>>;
  readonly freed: Set<Copy>;
  /** Copies that are not sent yet. */
  queued: number;
  /** Sent and not acknowledged, in order of sending: the first is the first to time out. */
  readonly flying: Set<Copy>;
  readonly byName: Map<string, Copy>;
  readonly byMsgId: Map<string, Copy[]>;
  bytes: number;
  /** Copies sent so far, the latest of those that were acknowledged, and when an ACK last came (monotonic). */
  sent: number;
  acknowledged: number;
  acknowledgedAt: number;
}

type Limits = Pick<OverlayConfig, 'windowMessages' | 'windowBytes' | 'circuitWindowBytes'>;

/** What each neighbour has from us without an ACK, bounded by a window; the rest waits in order. Pure. */
export class Windows {
  readonly #lanes = new Map<string, Lane>();
  readonly #limits: Limits;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get queued(): number {
    let sum = 0;
    for (const lane of this.#lanes.values()) sum += lane.queued;
    return sum;
  }

  get flying(): number {
    let sum = 0;
    for (const lane of this.#lanes.values()) sum += lane.flying.size;
    return sum;
  }

  neighbours(): string[] {
    return [...this.#lanes.keys()];
  }

  push(neighbour: string, held: Held, waiting: Waiting[], through?: string): void {
    const lane = this.#lane(neighbour);
    lane.queue.add({ neighbour, held, through, waiting, sentAt: undefined, order: 0 });
    lane.queued++;
  }

  /** The next copy that the window has room for; it counts as flying from then on. */
  next(neighbour: string): Copy | undefined {
    const lane = this.#lanes.get(neighbour);
    if (!lane) return undefined;
    if (lane.flying.size > 0 && this.#isFull(neighbour, lane)) return undefined;
    const copy = ready(lane);
    if (!copy) return undefined;
    lane.queued--;
    lane.flying.add(copy);
    lane.byName.set(copy.held.name, copy);
    copy.order = ++lane.sent;
    lane.bytes += copy.held.bytes;
    const same = lane.byMsgId.get(copy.held.msgId);
    if (same) same.push(copy);
    else lane.byMsgId.set(copy.held.msgId, [copy]);
    return copy;
  }

  #isFull(neighbour: string, { flying, bytes }: Lane): boolean {
    const { windowMessages, windowBytes, circuitWindowBytes } = this.#limits;
    return flying.size >= windowMessages || bytes >= (isCircuit(neighbour) ? circuitWindowBytes : windowBytes);
  }

  /** The flying copy that an ACK is about. */
  find(neighbour: string, msgId: string, origin: string | undefined): Copy | undefined {
    const copies = this.#lanes.get(neighbour)?.byMsgId.get(msgId);
    return origin === undefined ? copies?.[0] : copies?.find((copy) => copy.held.origin === origin);
  }

  /** An ACK for a copy has come. */
  acknowledged(copy: Copy, now: number): void {
    const lane = this.#lanes.get(copy.neighbour);
    if (!lane) return;
    lane.acknowledged = Math.max(lane.acknowledged, copy.order);
    lane.acknowledgedAt = now;
  }

  land(copy: Copy): void {
    const lane = this.#lanes.get(copy.neighbour);
    if (!lane?.flying.delete(copy)) return;
    lane.bytes -= copy.held.bytes;
    const { name, msgId } = copy.held;
    lane.byName.delete(name);
    const blocked = lane.blocked.get(name);
    const [next] = blocked ?? [];
    if (blocked && next) {
      blocked.delete(next);
      if (blocked.size === 0) lane.blocked.delete(name);
      lane.freed.add(next);
    }
    const same = lane.byMsgId.get(msgId) ?? [];
    if (same.length > 1)
      lane.byMsgId.set(
        msgId,
        same.filter((other) => other !== copy),
      );
    else lane.byMsgId.delete(msgId);
  }

  /**
   * Flying copies that were sent before `deadline` and met silence: nothing was acknowledged since, or something sent later was. While ACKs
   * come in order a slow link is only slow.
   */
  overdue(neighbour: string, deadline: number): Copy[] {
    const late: Copy[] = [];
    const lane = this.#lanes.get(neighbour);
    if (!lane) return late;
    for (const copy of lane.flying) {
      if (copy.sentAt === undefined) continue;
      if (copy.sentAt > deadline || (lane.acknowledgedAt > deadline && copy.order > lane.acknowledged)) break;
      late.push(copy);
    }
    return late;
  }

  /** Everything for a neighbour that is gone. */
  drop(neighbour: string): Copy[] {
    const lane = this.#lanes.get(neighbour);
    this.#lanes.delete(neighbour);
    return lane ? [...lane.flying, ...lane.freed, ...[...lane.blocked.values()].flatMap((copies) => [...copies]), ...lane.queue] : [];
  }

  #lane(neighbour: string): Lane {
    let lane = this.#lanes.get(neighbour);
    if (!lane) {
      lane = {
        queue: new Set(),
        blocked: new Map(),
        freed: new Set(),
        queued: 0,
        flying: new Set(),
        byName: new Map(),
        byMsgId: new Map(),
        bytes: 0,
        sent: 0,
        acknowledged: 0,
        acknowledgedAt: Number.NEGATIVE_INFINITY,
      };
      this.#lanes.set(neighbour, lane);
    }
    return lane;
  }
}

/**
 * Takes out the first copy that may go. An ACK names origin and id alone: of messages that share them, altered by a stranger, only one is on
 * its way at a time. The others are set aside, so that however many there are they are not looked through for each that goes.
 */
function ready({ queue, freed, blocked, byName }: Lane): Copy | undefined {
  for (const copies of freed.size > 0 ? [freed, queue] : [queue]) {
    for (const copy of copies) {
      copies.delete(copy);
      const { name } = copy.held;
      if (!byName.has(name)) return copy;
      const others = blocked.get(name);
      if (others) others.add(copy);
      else blocked.set(name, new Set([copy]));
    }
  }
  return undefined;
}
