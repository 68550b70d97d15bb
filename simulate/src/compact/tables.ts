import { closest } from '@parley/core';
import { BITS, type Ids, type Target } from './ids.ts';

/** A small generator of its own for each bucket: a table is drawn again each time it is looked at, always the same. */
function generator(seed: number, node: number, bucket: number): () => number {
  let state = (Math.imul(seed ^ node, 0x9e37_79b1) ^ Math.imul(bucket + 1, 0x85eb_ca6b)) >>> 0;
  return () => {
    // splitmix32
    state = (state + 0x9e37_79b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}

export interface TableRules {
  readonly k: number;
  /** Entries of one network in a table. */
  readonly perNetwork: number;
  /** Undefined for one that has a network of its own. */
  networkOf(node: number): number | undefined;
}

/** Counts one more of a network, unless it has as many as it may have. */
export function withinLimit(counts: Map<number, number>, network: number | undefined, limit: number): boolean {
  if (network === undefined) return true;
  const count = counts.get(network) ?? 0;
  if (count >= limit) return false;
  counts.set(network, count + 1);
  return true;
}

/**
 * The tables of all nodes, not kept but drawn from the sorted ids when they are asked for: of each bucket k members at random, or all where
 * there are no more. That is what a table holds after long exchange with others.
 */
export class SampledTables {
  readonly #ids: Ids;
  readonly #rules: TableRules;
  readonly #seed: number;

  constructor(ids: Ids, rules: TableRules, seed: number) {
    this.#ids = ids;
    this.#rules = rules;
    this.#seed = seed;
  }

  /** Those of one network that stand near to one key are all in one bucket of anybody else: the limit of a table is that of a bucket. */
  bucket(node: number, bits: number): number[] {
    const { k, perNetwork, networkOf } = this.#rules;
    const [from, to] = this.#ids.bucket(node, bits);
    const size = to - from;
    const next = generator(this.#seed, node, bits);
    const counts = new Map<number, number>();
    if (size <= k) {
      const all = Array.from({ length: size }, (_, i) => from + i);
      return all.filter((member) => withinLimit(counts, networkOf(member), perNetwork));
    }
    const [drawn, members] = [new Set<number>(), [] as number[]];
    while (members.length < k && drawn.size < size) {
      const member = from + (next() % size);
      if (drawn.has(member)) continue;
      drawn.add(member);
      if (withinLimit(counts, networkOf(member), perNetwork)) members.push(member);
    }
    return members;
  }

  /** One beyond the deepest bucket that holds anything. */
  depth(node: number): number {
    const { count } = this.#ids;
    const neighbours = [node - 1, node + 1].filter((other) => other >= 0 && other < count);
    return Math.min(BITS, 1 + Math.max(0, ...neighbours.map((other) => this.#ids.shared(other, this.#ids.at(node)))));
  }

  size(node: number): number {
    let size = 0;
    for (let bits = 0; bits < this.depth(node); bits++) size += this.bucket(node, bits).length;
    return size;
  }

  /** What a node answers with: decided by the function that whole nodes use. */
  closest(node: number, target: Target, count: number): number[] {
    const shared = Math.min(this.#ids.shared(node, target), BITS - 1);
    const depth = Math.max(this.depth(node), shared + 1);
    const buckets = new Array<number[] | undefined>(depth);
    let found = 0;
    for (let bits = shared; bits < depth; bits++) {
      const bucket = this.bucket(node, bits);
      buckets[bits] = bucket;
      found += bucket.length;
    }
    // Shallower ones are looked at only where these are not enough.
    for (let bits = shared - 1; bits >= 0 && found < count; bits--) {
      const bucket = this.bucket(node, bits);
      buckets[bits] = bucket;
      found += bucket.length;
    }
    return closest(buckets, shared, count, (a, b) => this.#ids.compare(target, a, b));
  }
}
