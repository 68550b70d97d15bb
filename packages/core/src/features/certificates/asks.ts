import { LruMap, TokenBucket } from '../../util/bounded.ts';
import type { CertificateConfig } from './config.ts';

/** Nodes that were asked for their certificates. What nobody asked for would fill the disk. Times in monotonic milliseconds. */
export class Asks {
  readonly #budget: TokenBucket;
  /** When each was asked last, and whether it has answered since. */
  readonly #asked = new LruMap<string, { readonly at: number; readonly answered: boolean }>(10_000);

  constructor({ asksPerSecond, asksAtOnce }: Pick<CertificateConfig, 'asksPerSecond' | 'asksAtOnce'>, now: number) {
    this.#budget = new TokenBucket(asksPerSecond, asksAtOnce, now);
  }

  /** Whether to ask a node now: not when it was asked less than `againMs` ago, nor when too many are asked. */
  take(nodeId: string, againMs: number, now: number): boolean {
    const asked = this.#asked.get(nodeId);
    if (asked !== undefined && now - asked.at < againMs) return false;
    if (!this.#budget.take(now)) return false;
    this.#asked.set(nodeId, { at: now, answered: false });
    return true;
  }

  awaits(nodeId: string): boolean {
    return this.#asked.get(nodeId)?.answered === false;
  }

  answered(nodeId: string): void {
    const asked = this.#asked.get(nodeId);
    if (asked) this.#asked.set(nodeId, { ...asked, answered: true });
  }
}
