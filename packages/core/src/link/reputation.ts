import { LruMap } from '../util/bounded.ts';
import type { LinkConfig } from './config.ts';

interface Record {
  score: number;
  at: number;
  bannedUntil: number;
}

/**
 * Misbehaviour by key (never by address: WIRE "Opening a link"). A score decays by half in `scoreHalfLifeMs`; at `banScore` the key
 * is banned for `banMs`. Times are monotonic milliseconds.
 */
export class Reputation {
  readonly #config: LinkConfig;
  readonly #records = new LruMap<string, Record>(10_000);

  constructor(config: LinkConfig) {
    this.#config = config;
  }

  /** Adds an offence. True when this one brings the ban. */
  offend(keyId: string, weight: number, now: number): boolean {
    const record = this.#records.get(keyId) ?? { score: 0, at: now, bannedUntil: Number.NEGATIVE_INFINITY };
    record.score = this.#decayed(record, now) + Math.min(weight, this.#config.banScore / 10);
    record.at = now;
    const banned = record.score >= this.#config.banScore;
    if (banned) {
      record.bannedUntil = now + this.#config.banMs;
      record.score = 0;
    }
    this.#records.set(keyId, record);
    return banned;
  }

  isBanned(keyId: string, now: number): boolean {
    const record = this.#records.get(keyId);
    return record !== undefined && now < record.bannedUntil;
  }

  score(keyId: string, now: number): number {
    const record = this.#records.get(keyId);
    return record ? this.#decayed(record, now) : 0;
  }

  #decayed(record: Record, now: number): number {
    return record.score * 0.5 ** ((now - record.at) / this.#config.scoreHalfLifeMs);
  }
}
