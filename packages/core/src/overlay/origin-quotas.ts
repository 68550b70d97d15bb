import { LruMap, TokenBucket } from '../util/bounded.ts';
import type { AnyVerb } from '../wire/verb.ts';

/** What each origin may still say of each verb, once it is proved (WIRE "Order on receipt"). */
export class OriginQuotas {
  readonly #scale: number;
  readonly #buckets = new LruMap<string, TokenBucket>(10_000);

  /** `scale`: quotas as a multiple of the verbs' rates. */
  constructor(scale: number) {
    this.#scale = scale;
  }

  /** Charges an origin for one message. False when it is over its quota. `now` in monotonic milliseconds. */
  take(verb: AnyVerb, origin: string, now: number): boolean {
    const key = `${verb.name} ${origin}`;
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      const { perSecond, burst } = verb.spec.rate;
      bucket = new TokenBucket(perSecond * this.#scale, burst * this.#scale, now);
      this.#buckets.set(key, bucket);
    }
    return bucket.take(now);
  }
}
