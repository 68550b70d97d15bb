import { defineBench, type Sample } from '../lib/bench.ts';
import { type Edge, regularGraph } from '../lib/graph.ts';
import { Histogram } from '../lib/histogram.ts';
import type { Remote } from '../lib/ipc.ts';
import type { Launcher } from '../lib/launcher.ts';
import { periodAhead, secondsOf } from '../lib/time.ts';
import { degree, type FloodRoles, type Host, nodes } from './roles.ts';

const graphSeed = 20;

/** Of each node: 80 messages on their way in the whole network. More of them only wait, and gossipsub asks for them again. */
const windowOfNode = 4;
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
  await Promise.all(parts.map(({ first, count, host }) => host.connect(links.filter(({ node }) => node >= first && node < first + count))));
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
