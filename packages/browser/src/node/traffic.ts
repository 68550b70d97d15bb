import { type Clock, type Links, TokenBucket } from '@parley/core';
import type { TabEvent } from '../parley.ts';

/** More than an eye can follow is not told of. */
const EVENTS_PER_SECOND = 100;

/** Tells of what goes over the links, while somebody looks. */
export class Traffic {
  readonly #links: Links;
  readonly #clock: Clock;
  readonly #publish: (event: TabEvent) => void;
  readonly #pace: TokenBucket;

  constructor(links: Links, clock: Clock, publish: (event: TabEvent) => void) {
    this.#links = links;
    this.#clock = clock;
    this.#publish = publish;
    this.#pace = new TokenBucket(EVENTS_PER_SECOND, EVENTS_PER_SECOND, clock.monotonic());
  }

  watch(wanted: boolean): void {
    this.#links.tap = wanted
      ? ({ peer }, verb, incoming) => {
          if (this.#pace.take(this.#clock.monotonic())) this.#publish({ event: 'traffic', verb, neighbour: peer.nodeId, incoming });
        }
      : undefined;
  }
}
