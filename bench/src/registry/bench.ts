import { defineBench } from '../lib/bench.ts';
import { periodAhead, secondsOf } from '../lib/time.ts';
import type { RegistryRoles, Work } from './roles.ts';

/** Pieces of work under way at once, each at nodes of its own. */
const atOnce = 16;
const warmUpSeconds = 2;
const measuredSeconds = 5;

export const registry = defineBench<RegistryRoles>({
  name: 'registry',
  unit: 'operations/s',
  better: 'more',
  layouts: ['lookups', 'newest', 'put-get'],
  alsoCompared: { failed: 'less' },
  goals: { lookups: { ratio: 3 }, 'put-get': { ratio: 2, of_limit: 0.6 } },
  subjects: [
    { name: 'parley', standing: 'parley', load: async () => (await import('./parley.ts')).parleyRegistry },
    { name: 'hyperdht', standing: 'peer', load: async () => (await import('./hyperdht.ts')).hyperdhtRegistry },
    { name: 'js-libp2p kad-dht', standing: 'peer', load: async () => (await import('./libp2p.ts')).libp2pRegistry },
    { name: 'ed25519 signatures', standing: 'limit', load: async () => (await import('./bare.ts')).bareRegistry },
  ],
  async measure(launcher, layout) {
    const network = await launcher.start('network');
    await network.start();
    const period = periodAhead(warmUpSeconds, measuredSeconds);
    const { done, failed } = await network.run(layout as Work, period, atOnce);
    return { value: done / secondsOf(period), also: { failed } };
  },
});
