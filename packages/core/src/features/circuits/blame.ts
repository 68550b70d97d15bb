import { LruMap } from '../../util/bounded.ts';

/** Something failed, and it was one of these. */
interface Failure {
  readonly hops: ReadonlySet<string>;
  readonly at: number;
}

const REMEMBERED = 8;

/**
 * Which servers fail as hops. Where a circuit fails nobody knows which of its hops it was, and one that is hostile would have the others doubted, until none but its
 * friends are left. So a server is doubted that failed alone, or more than once in company of which no other was there each time. Pure.
 */
export class Blame {
  readonly #failures: LruMap<string, Failure[]>;
  readonly #keepMs: number;

  constructor({ capacity, keepMs }: { readonly capacity: number; readonly keepMs: number }) {
    this.#failures = new LruMap(capacity);
    this.#keepMs = keepMs;
  }

  /** One of these it was. `now`: monotonic. */
  failed(hops: readonly string[], now: number): void {
    const failure = { hops: new Set(hops), at: now };
    for (const hop of failure.hops) this.#failures.set(hop, [failure, ...this.#recent(hop, now)].slice(0, REMEMBERED));
  }

  doubts(hop: string, now: number): boolean {
    const recent = this.#recent(hop, now);
    return recent.some((one, i) => one.hops.size === 1 || recent.slice(i + 1).some((other) => meet(one, other) === 1));
  }

  #recent(hop: string, now: number): Failure[] {
    return (this.#failures.get(hop) ?? []).filter(({ at }) => at > now - this.#keepMs);
  }
}

/** How many were there both times. */
const meet = (one: Failure, other: Failure): number => [...one.hops].filter((hop) => other.hops.has(hop)).length;
