import type { Crypto } from '../../ports/crypto.ts';
import { base64url } from '../../util/base64.ts';
import { utf8 } from '../../util/bytes.ts';

/** One thing that the devices of a person share. */
export interface SharedRow {
  /** What kind of thing, a slash, and which. */
  readonly key: string;
  /** When it was said last, in milliseconds since 1970 by the clock of who said it, and after what that device knew. */
  readonly time: number;
  /** JSON; undefined: it is no more. */
  readonly value: string | undefined;
}

/** What the devices of a person share: for each thing the latest word counts, so that all come to the same, in whatever order they hear. Pure. */
export class Shared {
  readonly #capacity: number;
  readonly #rows = new Map<string, SharedRow>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: string): SharedRow | undefined {
    return this.#rows.get(key);
  }

  /** By key, so that contacts come before what is about them. */
  all(): SharedRow[] {
    return [...this.#rows.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  clear(): void {
    this.#rows.clear();
  }

  /** What this device has to say: the row that changes by it, if any. `now`: milliseconds since 1970. */
  say(key: string, value: string | undefined, now: number): SharedRow | undefined {
    const known = this.#rows.get(key);
    if (known ? known.value === value : value === undefined) return undefined;
    if (!known && this.#rows.size >= this.#capacity) return undefined;
    return { key, time: Math.max(now, (known?.time ?? 0) + 1), value };
  }

  /** Whether another device's word is later than what is known; of two said at once the greater text counts, everywhere. */
  isNews({ key, time, value }: SharedRow): boolean {
    const known = this.#rows.get(key);
    if (!known) return this.#rows.size < this.#capacity;
    return time > known.time || (time === known.time && (value ?? '') > (known.value ?? ''));
  }

  put(row: SharedRow): void {
    this.#rows.set(row.key, row);
  }

  /** The same where the same is known. */
  digest(crypto: Crypto): string {
    const text = this.all().map(({ key, time, value }) => `${key} ${time} ${base64url(crypto.sha256(utf8(value ?? '')).subarray(0, 12))}`);
    return base64url(crypto.sha256(utf8(text.join('\n'))).subarray(0, 18));
  }
}
