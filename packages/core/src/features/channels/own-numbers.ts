import { LruMap } from '../../util/bounded.ts';
import type { Scope } from '../../util/scope.ts';

/** How long the first own message of a channel waits to hear whether there are earlier ones. */
const OWN_WAIT_MS = 3000;

/**
 * An identity may be older than its store: it was restored from a backup, or its disk was lost. Others hold what it wrote before, and a
 * number that it gave twice would hide one message behind another. So before its first message in a channel it asks those who are there.
 */
export class OwnNumbers {
  readonly #scope: Scope;
  /** Channels in which no member holds own messages that are not here. */
  readonly #known = new LruMap<string, true>(2000);
  readonly #waiting = new Map<string, { readonly known: Promise<void>; readonly settle: () => void }>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  isKnown(channelId: string): boolean {
    return this.#known.get(channelId) === true;
  }

  /** No member holds more than we do. */
  know(channelId: string): void {
    this.#known.set(channelId, true);
    this.#settle(channelId);
  }

  /** Resolves when a member has answered, or when none does. */
  wait(channelId: string, ask: () => void): Promise<void> {
    const running = this.#waiting.get(channelId);
    if (running) return running.known;
    let settle: () => void = () => {};
    const known = new Promise<void>((resolve) => {
      settle = resolve;
    });
    this.#waiting.set(channelId, { known, settle });
    ask();
    this.#scope.after(OWN_WAIT_MS, () => this.#settle(channelId));
    return known;
  }

  close(): void {
    for (const channelId of [...this.#waiting.keys()]) this.#settle(channelId);
  }

  #settle(channelId: string): void {
    const waiting = this.#waiting.get(channelId);
    this.#waiting.delete(channelId);
    waiting?.settle();
  }
}
