import { LruMap, TokenBucket } from '../util/bounded.ts';

/** Nodes of which it is remembered when they were last looked for. */
const REMEMBERED = 10_000;

/** Decides when a node to which no way is known is worth a lookup: not often for one, and not many at a time. Pure: time is a parameter. */
export class Seeking {
  readonly #eachMs: number;
  readonly #soughtAt = new LruMap<string, number>(REMEMBERED);
  readonly #budget: TokenBucket;

  constructor(limits: { readonly seekMs: number; readonly seeksPerSecond: number }, now: number) {
    this.#eachMs = limits.seekMs;
    this.#budget = new TokenBucket(limits.seeksPerSecond, limits.seeksPerSecond * 4, now);
  }

  /** Whether to look for it now. `now` in monotonic milliseconds. */
  isDue(nodeId: string, now: number): boolean {
    const before = this.#soughtAt.get(nodeId);
    if ((before !== undefined && now - before < this.#eachMs) || !this.#budget.take(now)) return false;
    this.#soughtAt.set(nodeId, now);
    return true;
  }
}
