import { createHash } from 'node:crypto';
import { ParleyError, type Random } from '@parley/core';

/**
 * Seeded randomness: sfc32 (Doty-Humphrey, PractRand), 128 bits of state, seeded with a digest of the seed and the
 * path of labels, so that each stream is independent of how much was drawn from any other.
 */
export class SeededRandom implements Random {
  readonly seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(seed: string | number) {
    this.seed = String(seed);
    const digest = createHash('sha256').update(`parley sim ${this.seed}`).digest();
    this.#a = digest.readInt32LE(0);
    this.#b = digest.readInt32LE(4);
    this.#c = digest.readInt32LE(8);
    this.#counter = digest.readInt32LE(12);
    for (let i = 0; i < 16; i++) this.word();
  }

  /** A stream of its own, the same for the same label whatever was drawn before. */
  fork(label: string | number): SeededRandom {
    return new SeededRandom(`${this.seed}/${label}`);
  }

  /** Uniform over 32 bits. */
  word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    let word = 0;
    for (let i = 0; i < length; i++) {
      word = i % 4 === 0 ? this.word() : word >>> 8;
      bytes[i] = word;
    }
    return bytes;
  }

  number(): number {
    return ((this.word() >>> 5) * 0x4000000 + (this.word() >>> 6)) / 0x20000000000000;
  }

  /** A whole number from 0 up to, not with, `below`. */
  integer(below: number): number {
    return Math.floor(this.number() * below);
  }

  /** True with this probability. Draws nothing at 0 and 1. */
  chance(probability: number): boolean {
    return probability > 0 && (probability >= 1 || this.number() < probability);
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new ParleyError('bad-argument', 'nothing to pick from');
    return from[this.integer(from.length)] as T;
  }

  /** A new array in random order. */
  shuffle<T>(of: readonly T[]): T[] {
    const all = [...of];
    for (let i = all.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const kept = all[i] as T;
      all[i] = all[j] as T;
      all[j] = kept;
    }
    return all;
  }

  /** Exponentially distributed with this mean, as times between independent events are. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.number());
  }
}

/** The seed to use: what the environment variable PARLEY_SEED says, or else the one given. */
export function chooseSeed(given: string | number): string {
  const forced = process.env.PARLEY_SEED;
  return forced === undefined || forced === '' ? String(given) : forced;
}

/** How to repeat a run, for the message of a failed test. */
export function describeSeed(seed: string | number): string {
  return `seed ${seed} (PARLEY_SEED=${seed} repeats it)`;
}
