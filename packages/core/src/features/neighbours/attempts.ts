import { LruMap } from '../../util/bounded.ts';

interface Attempts {
  failures: number;
  /** Monotonic milliseconds: not before. */
  until: number;
  /** Of the last link that there was. */
  latencyMs: number | undefined;
  /** Smoothed share of dials that led to the node that was meant. */
  reliability: number;
}

/** Nodes whose attempts are remembered. */
const REMEMBERED = 5000;
/** What is assumed of a node that was never reached. */
const UNKNOWN_MS = 100;

/** How dialling others went, and when to try again. Pure: time is a parameter, in monotonic milliseconds. */
export class AttemptLog {
  readonly #limits: { readonly retryMinMs: number; readonly retryMaxMs: number };
  readonly #all = new LruMap<string, Attempts>(REMEMBERED);

  constructor(limits: { readonly retryMinMs: number; readonly retryMaxMs: number }) {
    this.#limits = limits;
  }

  mayDial(nodeId: string, now: number): boolean {
    return now >= (this.#all.get(nodeId)?.until ?? 0);
  }

  /** Expected latency, what failed before counted in. */
  cost(nodeId: string): number {
    const known = this.#all.get(nodeId);
    return (known?.latencyMs ?? UNKNOWN_MS) + 200 * (known?.failures ?? 0);
  }

  /** Share of dials that succeeded; undefined before the first. */
  reliability(nodeId: string): number | undefined {
    return this.#all.get(nodeId)?.reliability;
  }

  succeeded(nodeId: string, latencyMs: number): void {
    const { reliability = 1 } = this.#all.get(nodeId) ?? {};
    this.#all.set(nodeId, { failures: 0, until: 0, latencyMs, reliability: reliability + (1 - reliability) / 4 });
  }

  /** `jitter`: 0 to 1. */
  failed(nodeId: string, now: number, jitter: number): void {
    const { failures = 0, latencyMs, reliability = 1 } = this.#all.get(nodeId) ?? {};
    const wait = Math.min(this.#limits.retryMaxMs, this.#limits.retryMinMs * 2 ** Math.min(failures, 16));
    this.#all.set(nodeId, { failures: failures + 1, until: now + wait * (0.5 + jitter / 2), latencyMs, reliability: reliability * 0.75 });
  }
}
