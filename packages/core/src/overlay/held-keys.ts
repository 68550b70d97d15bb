import type { Clock } from '../ports/clock.ts';

/** Makes the keys of held messages; see `Held.key`. */
export class HeldKeys {
  readonly #clock: Clock;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  next(uid: string): string {
    return heldKey(this.#clock.now(), this.#count++, uid);
  }
}

/** See `Held.key`. */
export function heldKey(at: number, count: number, uid: string): string {
  // The count tells apart what comes within a millisecond; the uid, what came before the clock was set back.
  return `${digits(at, 14)}-${digits(count % 1_000_000, 6)}-${uid.slice(0, 12)}`;
}

const digits = (value: number, length: number): string => String(Math.max(0, value)).padStart(length, '0');
