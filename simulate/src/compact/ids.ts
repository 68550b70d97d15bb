import type { SeededRandom } from '@parley/sim';

/** Bits of an id that are looked at: enough to tell a million nodes apart. */
export const BITS = 64;

/** An id as two words: what a target is. */
export interface Target {
  readonly high: number;
  readonly low: number;
}

/** The ids of all nodes, sorted. A node is its place among them. */
export class Ids {
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;

  constructor(count: number, random: SeededRandom, extra: readonly Target[] = []) {
    const all = new BigUint64Array(count + extra.length);
    for (let i = 0; i < count; i++) all[i] = (BigInt(random.word()) << 32n) | BigInt(random.word());
    for (const [i, { high, low }] of extra.entries()) all[count + i] = (BigInt(high) << 32n) | BigInt(low);
    all.sort();
    this.#high = Uint32Array.from(all, (id) => Number(id >> 32n));
    this.#low = Uint32Array.from(all, (id) => Number(id & 0xffff_ffffn));
  }

  get count(): number {
    return this.#high.length;
  }

  get bytes(): number {
    return this.#high.byteLength + this.#low.byteLength;
  }

  at(node: number): Target {
    return { high: this.#high[node] as number, low: this.#low[node] as number };
  }

  /** Below 0 when node `a` is nearer to the target. */
  compare(target: Target, a: number, b: number): number {
    const high = (((this.#high[a] as number) ^ target.high) >>> 0) - (((this.#high[b] as number) ^ target.high) >>> 0);
    return high !== 0 ? high : (((this.#low[a] as number) ^ target.low) >>> 0) - (((this.#low[b] as number) ^ target.low) >>> 0);
  }

  /** Leading bits that a node has in common with a target. */
  shared(node: number, { high, low }: Target): number {
    const different = (this.#high[node] as number) ^ high;
    return different !== 0 ? Math.clz32(different) : 32 + Math.clz32((this.#low[node] as number) ^ low);
  }

  /** The nodes in a bucket of this one, from and up to (not with): those that share exactly `bits` leading bits with it. */
  bucket(node: number, bits: number): readonly [number, number] {
    const { high, low } = this.at(node);
    // The first `bits` as they are, the next one flipped, then zeros; and the same with ones.
    const keepHigh = bits >= 32 ? 0xffff_ffff : bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
    const keepLow = bits <= 32 ? 0 : (0xffff_ffff << (64 - bits)) >>> 0;
    const flipHigh = bits < 32 ? (0x8000_0000 >>> bits) >>> 0 : 0;
    const flipLow = bits >= 32 ? (0x8000_0000 >>> (bits - 32)) >>> 0 : 0;
    const from = { high: (((high & keepHigh) | (~high & flipHigh)) >>> 0) >>> 0, low: ((low & keepLow) | (~low & flipLow)) >>> 0 };
    const to = { high: (from.high | ~(keepHigh | flipHigh)) >>> 0, low: (from.low | ~(keepLow | flipLow)) >>> 0 };
    return [this.#firstFrom(from), this.#firstFrom(to) + (this.#is(this.#firstFrom(to), to) ? 1 : 0)];
  }

  /** The nodes nearest to a target, nearest first. */
  nearest(target: Target, count: number): number[] {
    const at = this.#firstFrom(target);
    // Nearest by XOR share the longest prefix: they lie together, somewhere around where the target would be.
    for (let bits = BITS; bits >= 0; bits--) {
      const [from, to] = this.#prefixRange(target, bits, at);
      if (to - from < count && bits > 0) continue;
      const found = Array.from({ length: to - from }, (_, i) => from + i);
      return found.sort((a, b) => this.compare(target, a, b)).slice(0, count);
    }
    return [];
  }

  #prefixRange(target: Target, bits: number, near: number): readonly [number, number] {
    let [from, to] = [near, near];
    if (bits === 0) return [0, this.count];
    while (from > 0 && this.shared(from - 1, target) >= bits) from--;
    while (to < this.count && this.shared(to, target) >= bits) to++;
    return [from, to];
  }

  #is(node: number, { high, low }: Target): boolean {
    return this.#high[node] === high && this.#low[node] === low;
  }

  /** The first node whose id is not below this. */
  #firstFrom({ high, low }: Target): number {
    let [from, to] = [0, this.count];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const there = this.#high[middle] as number;
      if (there < high || (there === high && (this.#low[middle] as number) < low)) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
