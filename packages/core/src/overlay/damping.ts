import { LruMap } from '../util/bounded.ts';

/** What a destination that came back costs, and one to which the way has changed: looking for ways changes them several times. */
const BACK = 1;
const CHANGED = 0.25;
/** Up to this penalty news goes on at once. */
const FREE = 4;

export interface DampingLimits {
  /** The first hold; doubles with each point of penalty. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** Time in which a penalty halves. */
  readonly halfLifeMs: number;
}

interface Record {
  penalty: number;
  /** When the penalty was as above, and until when good news waits. Monotonic milliseconds. */
  at: number;
  heldUntil: number;
  /** Neighbours believe that we reach it. */
  reachable: boolean;
}

/**
 * Holds back news of destinations that come and go (after RFC 2439). That one is lost is told at once, for as long as others believe in
 * a way neighbours may come back to us for it; that it is there again, or that the way has changed, waits the longer the more often it did.
 * What a destination is in the end is always told. Pure: time is a parameter.
 */
export class Damping {
  readonly #limits: DampingLimits;
  readonly #records = new LruMap<string, Record>(20_000);
  readonly #waiting = new Set<string>();

  constructor(limits: DampingLimits) {
    this.#limits = limits;
  }

  /** Destinations of which news is held back. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Something changed. Whether to tell it now; what is held back comes up in `due`, if there is still anything to tell. */
  changed(destination: string, reachable: boolean, now: number): boolean {
    const record = this.#records.get(destination);
    if (!reachable) {
      this.#waiting.delete(destination);
      // Nobody has heard that it was back.
      if (record && !record.reachable) return false;
      this.#put(destination, { penalty: this.#penalty(record, now), at: now, heldUntil: record?.heldUntil ?? now, reachable: false });
      return true;
    }
    if (record && now < record.heldUntil) {
      this.#waiting.add(destination);
      return false;
    }
    const penalty = this.#penalty(record, now) + (record && !record.reachable ? BACK : CHANGED);
    this.#put(destination, { penalty, at: now, heldUntil: now + this.#hold(penalty), reachable: true });
    return true;
  }

  isDue(now: number): boolean {
    for (const destination of this.#waiting) if (now >= (this.#records.get(destination)?.heldUntil ?? 0)) return true;
    return false;
  }

  /** Destinations whose news has waited for long enough, so many at most: to be looked at anew. */
  due(now: number, most = Number.POSITIVE_INFINITY): string[] {
    const due: string[] = [];
    for (const destination of this.#waiting) {
      if (due.length >= most) break;
      if (now < (this.#records.get(destination)?.heldUntil ?? 0)) continue;
      this.#waiting.delete(destination);
      due.push(destination);
    }
    return due;
  }

  /** Whether neighbours do not know yet that a destination is there again: a whole table must not tell it first, or nobody would tell that it is lost. */
  hides(destination: string): boolean {
    return this.#records.get(destination)?.reachable === false;
  }

  #put(destination: string, record: Record): void {
    this.#records.set(destination, record);
  }

  #penalty(record: Record | undefined, now: number): number {
    return record ? record.penalty * 0.5 ** ((now - record.at) / this.#limits.halfLifeMs) : 0;
  }

  #hold(penalty: number): number {
    const { firstMs, maxMs } = this.#limits;
    return penalty <= FREE ? 0 : Math.min(maxMs, firstMs * 2 ** Math.min(penalty - FREE - 1, 16));
  }
}
