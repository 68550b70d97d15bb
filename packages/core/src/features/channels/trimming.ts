import type { Ports } from '../../ports/index.ts';
import type { StoreWrite } from '../../ports/store.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Scope } from '../../util/scope.ts';
import type { Attachments } from './attachments.ts';
import type { History, Kept } from './history.ts';
import type { HoldingLimits, Holdings } from './holdings.ts';

/** Messages that are forgotten in one commit: it holds up everything else meanwhile. */
const STEP = 100;

export interface TrimmingDeps {
  readonly ports: Ports;
  readonly scope: Scope;
  readonly metrics: Metrics;
  readonly history: History;
  readonly attachments: Attachments;
}

/** Keeps what is held of channels within bounds: a member may write without end, and everybody's disk would hold it. */
export class Trimming {
  readonly #deps: TrimmingDeps;
  readonly #limits: HoldingLimits;
  readonly #running = new WeakSet<Holdings>();

  constructor(deps: TrimmingDeps, limits: HoldingLimits) {
    this.#deps = deps;
    this.#limits = limits;
  }

  /** A message of this sender was kept. */
  kept(channelId: string, holdings: Holdings, sender: string): void {
    if (holdings.isOver(sender, this.#limits)) this.check(channelId, holdings);
  }

  /** Begins to delete what is too much, if anything is; one step after the other. */
  check(channelId: string, holdings: Holdings): void {
    if (this.#running.has(holdings) || !holdings.excess(this.#limits)) return;
    this.#running.add(holdings);
    const { scope, ports } = this.#deps;
    // What could not be deleted now is deleted when the next message comes.
    scope.run(
      this.#trim(channelId, holdings).finally(() => this.#running.delete(holdings)),
      (error) => ports.log.error('old messages could not be deleted', { error: String(error) }),
    );
  }

  async #trim(channelId: string, holdings: Holdings): Promise<void> {
    const { scope, ports, metrics, history } = this.#deps;
    for (let excess = holdings.excess(this.#limits); excess && !scope.closed; excess = holdings.excess(this.#limits)) {
      const { sender } = excess;
      const oldest = await history.oldest(channelId, sender, { ...excess, messages: Math.min(excess.messages, STEP), atMost: STEP });
      const last = oldest.at(-1);
      // What is too much is still on its way to disk: it is looked at again when it is there.
      if (!last) return;
      const attached = await this.#attached(oldest);
      const bytes = oldest.reduce((sum, message) => sum + message.bytes, 0);
      const holding = holdings.forget(sender, last.seq, oldest.length, bytes);
      try {
        await ports.store.commit([...history.deletions(channelId, sender, oldest, holding), ...attached()]);
      } catch (error) {
        holdings.restore(sender, oldest.length, bytes);
        throw error;
      }
      metrics.count('history_forgotten', '', oldest.length);
    }
  }

  async #attached(messages: readonly Kept[]): Promise<() => StoreWrite[]> {
    const found = await Promise.all(messages.filter(({ attached }) => attached).map(({ cursor }) => this.#deps.history.at(cursor)));
    return this.#deps.attachments.deletions(found.filter((message) => message !== undefined));
  }
}
