import { TokenBuckets } from '../util/bounded.ts';
import type { AnyVerb } from '../wire/verb.ts';

/** What each origin may still say of each verb, once it is proved (WIRE "Order on receipt"). */
export class OriginQuotas {
  readonly #scale: number;
  readonly #buckets = new TokenBuckets(10_000);

  /** `scale`: quotas as a multiple of the verbs' rates. */
  constructor(scale: number) {
    this.#scale = scale;
  }

  /** Charges an origin for one message. False when it is over its quota. `now` in monotonic milliseconds. */
  take(verb: AnyVerb, origin: string, now: number): boolean {
    const { perSecond, burst } = verb.spec.rate;
    const rate = { perSecond: perSecond * this.#scale, burst: burst * this.#scale };
    return this.#buckets.of(`${verb.name} ${origin}`, rate, now).take(now);
  }
}
