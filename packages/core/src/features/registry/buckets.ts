/** How contacts are looked at. A contact may be anything: an object, or in a simulation an index. */
export interface BucketRules<C> {
  /** Contacts of a bucket (Kademlia's k). */
  readonly k: number;
  /** Contacts of a bucket that wait for a place. */
  readonly waiting: number;
  /** Entries of one network (/24 or /48) in the whole table (WIRE "UDP"). */
  readonly perNetwork: number;
  /** Leading bits that its id has in common with the owner's: its bucket. */
  bucketOf(contact: C): number;
  /** What tells nodes apart, wherever they are. */
  keyOf(contact: C): string | number;
  /** Undefined where networks do not count. */
  networkOf(contact: C): string | number | undefined;
}

/**
 * What becomes of a contact that has just proved itself and stands in no bucket. `add`: there is room. `full`: the one seen least recently, the
 * first, has to be asked whether it lives. `crowded`: its network has entries enough.
 */
export type Placement = 'add' | 'full' | 'crowded';

/** Where a contact goes, by the entries of its bucket, and of its network in the table. */
export function place({ k, perNetwork }: Pick<BucketRules<never>, 'k' | 'perNetwork'>, inBucket: number, inNetwork: number): Placement {
  if (inNetwork >= perNetwork) return 'crowded';
  return inBucket < k ? 'add' : 'full';
}

/**
 * The contacts nearest to a target. `shared`: leading bits that the target has in common with the owner of the table. Bucket `shared` holds
 * what is nearest; all deeper buckets are equally far from its point of view; then come the shallower ones, each further than the one before.
 */
export function closest<C>(
  buckets: ArrayLike<ArrayLike<C> | undefined>,
  shared: number,
  count: number,
  compare: (a: C, b: C) => number,
): C[] {
  const found: C[] = [];
  const take = (from: number, to: number): void => {
    const part: C[] = [];
    for (let index = from; index < to; index++) {
      const bucket = buckets[index];
      if (bucket) for (let at = 0; at < bucket.length; at++) part.push(bucket[at] as C);
    }
    part.sort(compare);
    for (let at = 0; at < part.length && found.length < count; at++) found.push(part[at] as C);
  };
  take(shared, shared + 1);
  if (found.length < count) take(shared + 1, buckets.length);
  for (let index = Math.min(shared, buckets.length) - 1; index >= 0 && found.length < count; index--) take(index, index + 1);
  return found;
}

export type Seen<C> = { readonly kind: 'added' | 'refreshed' | 'crowded' } | { readonly kind: 'waiting'; readonly ask: C };

/** A Kademlia table: buckets of contacts by distance, least recently seen first. Only who has proved its key and address comes in. Pure. */
export class Buckets<C> {
  readonly #rules: BucketRules<C>;
  readonly #buckets: (C[] | undefined)[] = [];
  readonly #waiting = new Map<number, C[]>();
  readonly #networks = new Map<string | number, number>();
  /** Every entry by its key: to look through a bucket for it costs more than all else, where there are many tables. */
  readonly #entries = new Map<string | number, C>();

  constructor(rules: BucketRules<C>) {
    this.#rules = rules;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** One beyond the deepest bucket that holds anything. */
  get depth(): number {
    let depth = this.#buckets.length;
    while (depth > 0 && (this.#buckets[depth - 1]?.length ?? 0) === 0) depth--;
    return depth;
  }

  /** Least recently seen first. */
  bucket(index: number): readonly C[] {
    return this.#buckets[index] ?? [];
  }

  all(): C[] {
    return this.#buckets.flatMap((bucket) => bucket ?? []);
  }

  /** The entry for the same node. */
  find(contact: C): C | undefined {
    return this.#entries.get(this.#rules.keyOf(contact));
  }

  closest(shared: number, count: number, compare: (a: C, b: C) => number): C[] {
    return closest(this.#buckets, shared, count, compare);
  }

  /**
   * Whether fewer than `count` entries that `counts` takes are nearer to a target than the owner is. `differs`: whether owner and target differ in a bit:
   * it decides over a whole bucket, for all entries in that differ from the owner in that bit first.
   */
  ownerWithin(count: number, differs: (bit: number) => boolean, counts: (entry: C) => boolean): boolean {
    let nearer = 0;
    for (let index = 0; index < this.#buckets.length; index++) {
      if (!differs(index)) continue;
      for (const entry of this.bucket(index)) if (counts(entry) && ++nearer >= count) return false;
    }
    return true;
  }

  /** Whether an entry is one of the `count` nearest to a target. `compare`: by distance from the target. */
  within(count: number, contact: C, differs: (bit: number) => boolean, compare: (a: C, b: C) => number): boolean {
    const own = this.#rules.bucketOf(contact);
    if (!this.find(contact)) return false;
    let nearer = 0;
    for (let index = 0; index < this.#buckets.length && nearer < count; index++) {
      const bucket = this.bucket(index);
      // In shallower buckets the bit decides in which it and the owner agree; entries of deeper ones are to it what the owner is.
      if (index < own) nearer += differs(index) ? bucket.length : 0;
      else if (index > own) nearer += differs(own) ? 0 : bucket.length;
      else for (const entry of bucket) if (compare(entry, contact) < 0) nearer++;
    }
    return nearer < count;
  }

  /** A contact has proved itself just now. `waiting`: it waits, and `ask` is to be asked whether it lives (see `failed`). */
  seen(contact: C): Seen<C> {
    const index = this.#rules.bucketOf(contact);
    this.#buckets[index] ??= [];
    const bucket = this.#buckets[index];
    const inNetwork = this.#inNetwork(contact);
    const before = this.find(contact);
    if (before !== undefined) {
      // It may have moved to another address, but not to where others are refused.
      const moved = this.#rules.networkOf(before) !== this.#rules.networkOf(contact);
      if (moved && inNetwork >= this.#rules.perNetwork) return { kind: 'crowded' };
      this.#remove(bucket, before);
      this.#append(bucket, contact);
      return { kind: 'refreshed' };
    }
    const placement = place(this.#rules, bucket.length, inNetwork);
    if (placement === 'crowded') return { kind: 'crowded' };
    if (placement === 'add') {
      this.#append(bucket, contact);
      this.#unqueue(index, contact);
      return { kind: 'added' };
    }
    this.#queue(index, contact);
    return { kind: 'waiting', ask: bucket[0] as C };
  }

  /** A contact does not answer: whoever waits longest in its bucket, and was seen last, takes its place. Returns whether it was an entry. */
  failed(contact: C): boolean {
    const index = this.#rules.bucketOf(contact);
    this.#unqueue(index, contact);
    const bucket = this.#buckets[index];
    const entry = this.find(contact);
    if (!bucket || entry === undefined) return false;
    this.#remove(bucket, entry);
    const queue = this.#waiting.get(index);
    for (let next = queue?.pop(); next !== undefined; next = queue?.pop()) {
      if (this.#inNetwork(next) >= this.#rules.perNetwork) continue;
      // Not seen as lately as the others.
      bucket.unshift(next);
      this.#enter(next);
      break;
    }
    if (queue?.length === 0) this.#waiting.delete(index);
    return true;
  }

  #append(bucket: C[], contact: C): void {
    bucket.push(contact);
    this.#enter(contact);
  }

  #enter(contact: C): void {
    this.#entries.set(this.#rules.keyOf(contact), contact);
    this.#count(contact, 1);
  }

  #remove(bucket: C[], entry: C): void {
    bucket.splice(bucket.indexOf(entry), 1);
    this.#entries.delete(this.#rules.keyOf(entry));
    this.#count(entry, -1);
  }

  #inNetwork(contact: C): number {
    const network = this.#rules.networkOf(contact);
    return network === undefined ? 0 : (this.#networks.get(network) ?? 0);
  }

  #count(contact: C, by: 1 | -1): void {
    const network = this.#rules.networkOf(contact);
    if (network === undefined) return;
    const count = (this.#networks.get(network) ?? 0) + by;
    if (count > 0) this.#networks.set(network, count);
    else this.#networks.delete(network);
  }

  #queue(index: number, contact: C): void {
    this.#unqueue(index, contact);
    let queue = this.#waiting.get(index);
    if (!queue) {
      queue = [];
      this.#waiting.set(index, queue);
    }
    queue.push(contact);
    if (queue.length > this.#rules.waiting) queue.shift();
  }

  #unqueue(index: number, contact: C): void {
    const queue = this.#waiting.get(index);
    const key = this.#rules.keyOf(contact);
    const at = queue?.findIndex((entry) => this.#rules.keyOf(entry) === key) ?? -1;
    if (at >= 0) queue?.splice(at, 1);
    if (queue?.length === 0) this.#waiting.delete(index);
  }
}
