import type { HistogramCounts } from '../lib/histogram.ts';
import type { Period } from '../lib/time.ts';

/** The network: so many nodes, each with so many neighbours. */
export const nodes = 20;
export const degree = 6;
/** How often each host and the runner tell each other: with twenty hosts, more would take a share of the machine. */
export const progressMs = 50;

/** A link to open: from a node of the host (its number in the graph) to an address. */
export interface LinkToOpen {
  readonly node: number;
  readonly address: string;
}

export interface FloodResult {
  /** Messages delivered to nodes of this host other than their origin, within the period, each verified there. */
  readonly deliveries: number;
  /** Of those, milliseconds from before the signature until delivery. */
  readonly latency: HistogramCounts;
}

/** One process with one node of the network, or several, or all. */
export interface Host {
  /** Starts the nodes `first` to `first + count - 1`; their addresses in order, in the subject's own notation. */
  start(first: number, count: number): Promise<string[]>;
  /** Opens links; resolves when they are open. */
  connect(links: readonly LinkToOpen[]): Promise<void>;
  /** Resolves when a message of any node of this host would reach all others. */
  ready(): Promise<void>;
  /** Every node of this host sends messages of 200 bytes until the period ends, at most `window` each on their way. */
  run(period: Period, window: number): Promise<{ sent: number; lost: number }>;
  /**
   * Takes how many messages have reached every other node since the start (one count for each node of this host), and
   * answers a little later what was delivered since the start (for each node of this host, one count for each origin).
   */
  progress(completed: readonly number[]): Promise<Uint32Array[]>;
  result(): FloodResult;
}

export interface FloodRoles {
  host: Host;
}
