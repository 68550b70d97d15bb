import { ParleyError } from './errors.ts';

/** An entry of an `LruMap`, between those that were used before and after it. */
interface Entry<K, V> {
  readonly key: K;
  readonly value: V;
  older: Entry<K, V> | undefined;
  newer: Entry<K, V> | undefined;
}

/**
 * A map that forgets its least recently used entries when it holds too many, or too much: `weigh` says what an entry weighs, `maxWeight`
 * what all may weigh together. For caches, where forgetting costs only time. The order is a list of its own: that of a `Map` could be kept only by
 * taking entries out and putting them in again, and whoever then looks for the first walks over all places that this has left empty.
 */
export class LruMap<K, V> {
  readonly #map = new Map<K, Entry<K, V>>();
  readonly #weigh: ((value: V, key: K) => number) | undefined;
  readonly #maxWeight: number;
  readonly capacity: number;
  #oldest: Entry<K, V> | undefined;
  #newest: Entry<K, V> | undefined;
  #weight = 0;

  constructor(capacity: number, weights?: { readonly maxWeight: number; readonly weigh: (value: V, key: K) => number }) {
    if (!(capacity > 0)) throw new ParleyError('bad-argument', 'capacity must be above 0');
    this.capacity = capacity;
    this.#weigh = weights?.weigh;
    this.#maxWeight = weights?.maxWeight ?? Number.POSITIVE_INFINITY;
  }

  get size(): number {
    return this.#map.size;
  }

  /** What all entries weigh; 0 where nothing is weighed. */
  get weight(): number {
    return this.#weight;
  }

  get(key: K): V | undefined {
    const entry = this.#map.get(key);
    if (entry && entry !== this.#newest) {
      this.#unlink(entry);
      this.#append(entry);
    }
    return entry?.value;
  }

  /** An entry that weighs more than all may is not kept, and what was under its key is forgotten. */
  set(key: K, value: V): void {
    this.delete(key);
    const weight = this.#weigh?.(value, key) ?? 0;
    if (weight > this.#maxWeight) return;
    const entry: Entry<K, V> = { key, value, older: undefined, newer: undefined };
    this.#map.set(key, entry);
    this.#append(entry);
    this.#weight += weight;
    while (this.#oldest && (this.#map.size > this.capacity || this.#weight > this.#maxWeight)) this.delete(this.#oldest.key);
  }

  delete(key: K): boolean {
    const entry = this.#map.get(key);
    if (!entry) return false;
    this.#map.delete(key);
    this.#unlink(entry);
    this.#weight -= this.#weigh?.(entry.value, key) ?? 0;
    return true;
  }

  /** The least recently used first. Entries may be deleted meanwhile. */
  *entries(): Generator<[K, V]> {
    // One that was taken out still knows the one behind it.
    for (let entry = this.#oldest; entry; entry = entry.newer) yield [entry.key, entry.value];
  }

  #append(entry: Entry<K, V>): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest) this.#newest.newer = entry;
    else this.#oldest = entry;
    this.#newest = entry;
  }

  #unlink({ older, newer }: Entry<K, V>): void {
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (newer) newer.older = older;
    else this.#newest = older;
  }
}

/**
 * A cache that forgets what was not used for a while, and the least recently used half when it is full. Two generations, as in
 * `ExpiringSet`: to read one costs less than to read an `LruMap`, and what an idle node keeps of a busy hour goes away.
 */
export class RecentMap<K, V> {
  readonly #capacity: number;
  readonly #spanMs: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();
  #turned: number;

  /** `spanMs`: how long an entry is kept at least after it was used, while there is room. */
  constructor(capacity: number, spanMs: number, now: number) {
    if (!(capacity > 1)) throw new ParleyError('bad-argument', 'capacity must be above 1');
    this.#capacity = capacity;
    this.#spanMs = spanMs;
    this.#turned = now;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: K, now: number): V | undefined {
    if (now - this.#turned >= this.#spanMs) this.#turn(now);
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) {
      this.#old.delete(key);
      this.#add(key, old, now);
    }
    return old;
  }

  set(key: K, value: V, now: number): void {
    if (now - this.#turned >= this.#spanMs) this.#turn(now);
    this.#old.delete(key);
    this.#add(key, value, now);
  }

  delete(key: K): boolean {
    const young = this.#young.delete(key);
    return this.#old.delete(key) || young;
  }

  #add(key: K, value: V, now: number): void {
    if (this.#young.size >= this.#capacity / 2 && !this.#young.has(key)) this.#turn(now);
    this.#young.set(key, value);
  }

  #turn(now: number): void {
    this.#old = now - this.#turned < 2 * this.#spanMs ? this.#young : new Map();
    this.#young = new Map();
    this.#turned = now;
  }
}

/**
 * A set that keeps each key for a fixed time and refuses new ones when full, rather than forget old ones early
 * (WIRE "Seen before"). Two generations make expiry cheap: a key is kept between one and two spans.
 */
export class ExpiringSet {
  readonly #span: number;
  readonly #capacity: number;
  #young = new Set<string>();
  #old = new Set<string>();
  #turned: number;

  /** `spanMs`: how long a key is kept at least. `capacity`: keys in all. */
  constructor(spanMs: number, capacity: number, now: number) {
    this.#span = spanMs;
    this.#capacity = capacity;
    this.#turned = now;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  has(key: string, now: number): boolean {
    this.#turn(now);
    return this.#young.has(key) || this.#old.has(key);
  }

  /** False when full: the caller refuses the message. */
  add(key: string, now: number): boolean {
    this.#turn(now);
    if (this.size >= this.#capacity && !this.has(key, now)) return false;
    this.#young.add(key);
    return true;
  }

  /** Forgets a key early. Returns whether it was there. */
  delete(key: string): boolean {
    const young = this.#young.delete(key);
    return this.#old.delete(key) || young;
  }

  #turn(now: number): void {
    const passed = now - this.#turned;
    if (passed < this.#span) return;
    this.#old = passed < 2 * this.#span ? this.#young : new Set();
    this.#young = new Set();
    this.#turned = now;
  }
}

/** A token bucket: `rate` tokens a second, at most `burst` saved. */
export class TokenBucket {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes `cost` tokens if they are there. `now` in monotonic milliseconds. */
  take(now: number, cost = 1): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (Math.max(0, now - this.#at) * this.#rate) / 1000);
    this.#at = now;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }

  /** Takes tokens that may not be there yet. Returns the milliseconds until the debt is paid: 0 when there is none. */
  debit(now: number, cost = 1): number {
    this.take(now, 0);
    this.#tokens -= cost;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#rate);
  }

  /** Gives tokens back, when a charge turned out to be somebody else's. */
  refund(cost = 1): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + cost);
  }
}

/** What a token bucket gives: tokens a second, and how many are saved at most. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A token bucket for each key: who was not heard of for longest is forgotten first, and begins anew. */
export class TokenBuckets {
  readonly #buckets: RecentMap<string, TokenBucket>;

  /** `idleMs`: a bucket that was not asked for so long is forgotten early; it has to be full by then. */
  constructor(capacity: number, idleMs: number = Number.POSITIVE_INFINITY) {
    this.#buckets = new RecentMap(capacity, idleMs, 0);
  }

  /** The bucket of a key, made full. `now` in monotonic milliseconds. */
  of(key: string, { perSecond, burst }: Rate, now: number): TokenBucket {
    let bucket = this.#buckets.get(key, now);
    if (!bucket) {
      bucket = new TokenBucket(perSecond, burst, now);
      this.#buckets.set(key, bucket, now);
    }
    return bucket;
  }
}
