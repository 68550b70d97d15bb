/** What the shelf looks at of a record. */
export interface Shelved {
  /** The node that it is of: there is one record of each. */
  readonly key: string | number;
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** What it takes up. */
  readonly size: number;
  /** Leading bits that its id has in common with the owner's of the shelf: the more, the rather it is kept. */
  readonly nearness: number;
}

export interface ShelfLimits {
  readonly records: number;
  readonly bytes: number;
  /** Changes of one record that are taken at once, and how long it takes until one more is. */
  readonly changes: number;
  readonly changeMs: number;
}

/** `stored`: new or newer. `same`: as it was. The rest are refusals. */
export type PutOutcome = 'stored' | 'same' | 'stale' | 'expired' | 'key-quota' | 'source-quota' | 'full';

interface Slot<R> {
  record: R;
  source: string | undefined;
  changes: number;
  changedAt: number;
}

interface Share {
  records: number;
  bytes: number;
}

/**
 * Records that this node answers with, bounded. One source (the network that a record came from) may have put up only as much as the room
 * that is left: the first takes half at most, the next half of the rest. When full, what is furthest goes first. Pure.
 */
export class Shelf<R extends Shelved> {
  readonly #limits: ShelfLimits;
  readonly #slots = new Map<string | number, Slot<R>>();
  /** By nearness, in order of arrival. */
  readonly #near = new Map<number, Set<string | number>>();
  readonly #shares = new Map<string, Share>();
  #bytes = 0;
  /** Before then nothing expires. */
  #soonest = Number.POSITIVE_INFINITY;

  constructor(limits: ShelfLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#slots.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string | number, now: number): R | undefined {
    const record = this.#slots.get(key)?.record;
    return record && record.expires > now ? record : undefined;
  }

  *all(): IterableIterator<R> {
    for (const { record } of this.#slots.values()) yield record;
  }

  /**
   * A verified record. `source`: who gets the blame for the room it takes; undefined where nobody is blamed. `gone`: what was given up for it.
   */
  put(record: R, source: string | undefined, now: number): { readonly outcome: PutOutcome; readonly gone: readonly R[] } {
    const slot = this.#slots.get(record.key);
    const { changes, changeMs } = this.#limits;
    const allowed = slot ? Math.min(changes, slot.changes + Math.max(0, now - slot.changedAt) / changeMs) : changes;
    const refusal = this.#judge(record, slot?.record, source, allowed, now);
    if (refusal) return { outcome: refusal, gone: [] };
    this.#remove(record.key);
    const gone = this.#makeRoom(record, source);
    if (this.#isFull(record)) {
      // Room may have been made, and not enough: what is nearer stays.
      if (slot) this.#add(slot);
      return { outcome: 'full', gone };
    }
    this.#add({ record, source, changes: allowed - 1, changedAt: now });
    return { outcome: 'stored', gone };
  }

  /** Who put a record here. */
  sourceOf(key: string | number): string | undefined {
    return this.#slots.get(key)?.source;
  }

  /** Forgets what has expired, and returns it. */
  expire(now: number): R[] {
    const gone: R[] = [];
    if (now < this.#soonest) return gone;
    this.#soonest = Number.POSITIVE_INFINITY;
    for (const { record } of this.#slots.values()) {
      if (record.expires <= now) gone.push(record);
      else if (record.expires < this.#soonest) this.#soonest = record.expires;
    }
    for (const { key } of gone) this.#remove(key);
    return gone;
  }

  #judge(record: R, held: R | undefined, source: string | undefined, allowed: number, now: number): PutOutcome | undefined {
    if (record.expires <= now) return 'expired';
    if (held && record.seq < held.seq) return 'stale';
    if (held && record.seq === held.seq) return 'same';
    if (allowed < 1) return 'key-quota';
    return source === undefined || this.#hasShare(record, source) ? undefined : 'source-quota';
  }

  /** Gives up what is further away, as long as room is needed. */
  #makeRoom(record: R, source: string | undefined): R[] {
    const gone: R[] = [];
    while (this.#isFull(record)) {
      const furthest = this.#furthest();
      if (furthest === undefined || (source !== undefined && furthest.nearness >= record.nearness)) break;
      this.#remove(furthest.key);
      gone.push(furthest);
    }
    return gone;
  }

  #hasShare(record: R, source: string): boolean {
    const share = this.#shares.get(source) ?? { records: 0, bytes: 0 };
    const { records, bytes } = this.#limits;
    // A shelf that is full gives nobody more than what comes free: whoever has little may still take the place of what is further away.
    const room = { records: Math.max(records - this.#slots.size, records / 64), bytes: Math.max(bytes - this.#bytes, bytes / 64) };
    return share.records + 1 <= room.records && share.bytes + record.size <= room.bytes;
  }

  #isFull(record: R): boolean {
    return this.#slots.size >= this.#limits.records || this.#bytes + record.size > this.#limits.bytes;
  }

  /** The one that came first of those furthest away. */
  #furthest(): R | undefined {
    let least = Number.POSITIVE_INFINITY;
    for (const nearness of this.#near.keys()) if (nearness < least) least = nearness;
    const [key] = this.#near.get(least) ?? [];
    return key === undefined ? undefined : this.#slots.get(key)?.record;
  }

  #add(slot: Slot<R>): void {
    const { record, source } = slot;
    this.#slots.set(record.key, slot);
    if (record.expires < this.#soonest) this.#soonest = record.expires;
    this.#bytes += record.size;
    let near = this.#near.get(record.nearness);
    if (!near) {
      near = new Set();
      this.#near.set(record.nearness, near);
    }
    near.add(record.key);
    if (source === undefined) return;
    const share = this.#shares.get(source) ?? { records: 0, bytes: 0 };
    share.records++;
    share.bytes += record.size;
    this.#shares.set(source, share);
  }

  #remove(key: string | number): void {
    const slot = this.#slots.get(key);
    if (!slot) return;
    const { record, source } = slot;
    this.#slots.delete(key);
    this.#bytes -= record.size;
    const near = this.#near.get(record.nearness);
    near?.delete(key);
    if (near?.size === 0) this.#near.delete(record.nearness);
    const share = source === undefined ? undefined : this.#shares.get(source);
    if (!share || source === undefined) return;
    share.records--;
    share.bytes -= record.size;
    if (share.records === 0) this.#shares.delete(source);
  }
}
