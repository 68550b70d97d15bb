import type { Log } from '../ports/log.ts';
import type { Awaitable } from '../util/awaitable.ts';
import type { Scope } from '../util/scope.ts';
import type { OriginFault } from '../wire/origin.ts';
import type { Held } from './held.ts';

export interface DoubtDeps {
  readonly scope: Scope;
  readonly log: Log;
  /** The body, from memory or from disk; undefined when it is lost. */
  readonly body: (held: Held) => Awaitable<string | undefined>;
  readonly prove: (type: string, body: string) => Awaitable<OriginFault | undefined>;
  readonly proved: (held: Held) => void;
  /** It is not from whom it says: nobody owes it anything. */
  readonly forged: (held: Held, fault: OriginFault) => void;
}

/** So many signatures are checked at a time: when many messages lose their way at once, the node does other things between. */
const AT_ONCE = 32;

/**
 * Messages that were taken in transit, unchecked, and did not find their way on: proved once, before they are stored in their origin's
 * name (WIRE "auth").
 */
export class Doubts {
  readonly #deps: DoubtDeps;
  readonly #queue = new Set<Held>();
  #working = false;

  constructor(deps: DoubtDeps) {
    this.#deps = deps;
  }

  add(held: Held): void {
    this.#queue.add(held);
    if (this.#working) return;
    this.#working = true;
    const { scope, log } = this.#deps;
    scope.run(this.#work(), (error) => log.error('held messages cannot be proved', { error: String(error) }));
  }

  async #work(): Promise<void> {
    try {
      let left = AT_ONCE;
      for (const held of this.#queue) {
        // Not before whoever parked it is done with it.
        await (left-- > 0 ? undefined : this.#deps.scope.sleep(0));
        if (left < 0) left = AT_ONCE;
        this.#queue.delete(held);
        await this.#settle(held);
      }
    } finally {
      this.#working = false;
    }
  }

  async #settle(held: Held): Promise<void> {
    const { body, prove, proved, forged, log } = this.#deps;
    // It has found its way meanwhile, or is gone.
    if (held.proved || ![...held.waiting.values()].some((waiting) => waiting.state === 'parked')) return;
    let fault: OriginFault | undefined;
    try {
      const text = await body(held);
      if (text === undefined) return;
      fault = await prove(held.type, text);
    } catch (error) {
      // A disk that cannot read it now may be able to when it is parked again.
      log.warn('a held message cannot be proved for now', { error: String(error) });
      return;
    }
    if (fault === undefined) proved(held);
    else forged(held, fault);
  }
}
