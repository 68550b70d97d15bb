import { defineBench, type Sample } from '../lib/bench.ts';
import { type Edge, regularGraph } from '../lib/graph.ts';
import { Histogram, type HistogramCounts } from '../lib/histogram.ts';
import type { Remote } from '../lib/ipc.ts';
import type { Launcher } from '../lib/launcher.ts';
import { type Period, periodAhead, secondsOf } from '../lib/time.ts';

export const nodes = 20;
export const degree = 6;
const graphSeed = 20;

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

/** Of each node: 80 messages on their way in the whole network. More of them only wait, and gossipsub asks for them again. */
const windowOfNode = 4;
/** How often each host and the runner tell each other: with twenty hosts, more would take a share of the machine. */
export const progressMs = 50;
const warmUpSeconds = 2;
const measuredSeconds = 5;

/** A host as the runner sees it. */
interface HostPart {
  readonly first: number;
  readonly count: number;
  readonly host: Remote<Host>;
}

/** Grants each origin its window by what has reached all other nodes, wherever they run. */
class Grants {
  /** By receiving node, then by origin. */
  readonly #received = Array.from({ length: nodes }, (): Uint32Array => new Uint32Array(nodes));

  async exchange({ first, count, host }: HostPart, over: () => boolean): Promise<void> {
    while (!over()) {
      const completed = Array.from({ length: count }, (_, index) => this.#reachedAll(first + index));
      for (const [index, counts] of (await host.progress(completed)).entries()) this.#received[first + index] = counts;
    }
  }

  #reachedAll(origin: number): number {
    return this.#received.reduce((least, counts, node) => (node === origin ? least : Math.min(least, counts[origin] ?? 0)), Infinity);
  }
}

async function startHosts(launcher: Launcher<FloodRoles>, layout: string): Promise<HostPart[]> {
  const count = layout === 'one-process' ? nodes : 1;
  const firsts = Array.from({ length: nodes / count }, (_, index) => index * count);
  return Promise.all(firsts.map(async (first) => ({ first, count, host: await launcher.start('host') })));
}

async function connect(parts: readonly HostPart[], edges: readonly Edge[]): Promise<void> {
  const addresses = (await Promise.all(parts.map(({ first, count, host }) => host.start(first, count)))).flat();
  const links = edges.map(([listener, dialler]) => ({ node: dialler, address: addresses[listener] ?? '' }));
  await Promise.all(
    parts.map(({ first, count, host }) => host.connect(links.filter(({ node }) => node >= first && node < first + count))),
  );
  await Promise.all(parts.map(({ host }) => host.ready()));
}

async function measure(launcher: Launcher<FloodRoles>, layout: string): Promise<Sample> {
  const parts = await startHosts(launcher, layout);
  await connect(parts, regularGraph(nodes, degree, graphSeed));
  const period = periodAhead(warmUpSeconds, measuredSeconds);
  let over = false;
  const sending = Promise.all(parts.map(({ host }) => host.run(period, windowOfNode))).finally(() => {
    over = true;
  });
  const grants = new Grants();
  const granting = parts.map((part) => grants.exchange(part, () => over));
  const [sent] = await Promise.all([sending, ...granting]);
  const results = await Promise.all(parts.map(({ host }) => host.result()));
  const latency = new Histogram();
  for (const result of results) latency.merge(result.latency);
  const deliveries = results.reduce((sum, result) => sum + result.deliveries, 0);
  const delays = { p50_ms: latency.quantile(0.5), p99_ms: latency.quantile(0.99), lost: sent.reduce((sum, { lost }) => sum + lost, 0) };
  // A message counts once it has reached all nodes but its origin. The bare program has no delays.
  return { value: deliveries / (nodes - 1) / secondsOf(period), also: Number.isFinite(delays.p99_ms) ? delays : {} };
}

export const flood = defineBench<FloodRoles>({
  name: 'flood',
  unit: 'messages/s',
  better: 'more',
  layouts: ['one-process', 'process-each'],
  alsoCompared: { p99_ms: 'less' },
  subjects: [
    { name: 'parley', standing: 'parley', load: async () => (await import('./parley.ts')).parleyFlood },
    { name: 'js-libp2p gossipsub tcp+tls+yamux', standing: 'peer', load: async () => (await import('./libp2p.ts')).libp2pFlood('tls') },
    { name: 'js-libp2p gossipsub tcp+noise+yamux', standing: 'peer', load: async () => (await import('./libp2p.ts')).libp2pFlood('noise') },
    { name: 'ed25519 verifications', standing: 'limit', load: async () => (await import('./bare.ts')).bareFlood },
  ],
  measure,
});
