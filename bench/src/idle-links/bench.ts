import { defineBench } from '../lib/bench.ts';
import type { IdleLinksRoles } from './roles.ts';

/** Opened before the first look, so that code and one-off structures are not counted. */
const warmUpLinks = 100;
const measuredLinks = 2_000;

export const idleLinks = defineBench<IdleLinksRoles>({
  name: 'idle-links',
  unit: 'bytes/link',
  better: 'less',
  layouts: ['listener-of-2000'],
  alsoCompared: { heap_external_bytes: 'less' },
  execArgv: ['--expose-gc'],
  subjects: [
    { name: 'parley', standing: 'parley', load: async () => (await import('./parley.ts')).parleyIdleLinks },
    { name: 'js-libp2p tcp+tls+yamux', standing: 'peer', load: async () => (await import('./libp2p.ts')).libp2pIdleLinks('tls') },
    { name: 'js-libp2p tcp+noise+yamux', standing: 'peer', load: async () => (await import('./libp2p.ts')).libp2pIdleLinks('noise') },
    { name: 'node tls', standing: 'limit', load: async () => (await import('./bare.ts')).bareIdleLinks },
  ],
  async measure(launcher) {
    const [listener, dialler] = await Promise.all([launcher.start('listener'), launcher.start('dialler')]);
    const address = await listener.listen();
    await dialler.open(address, warmUpLinks);
    const before = await listener.memory();
    await dialler.open(address, measuredLinks);
    const after = await listener.memory();
    const open = await listener.links();
    if (open !== warmUpLinks + measuredLinks) throw new Error(`${open} links are open`);
    return {
      value: (after.residentBytes - before.residentBytes) / measuredLinks,
      also: { heap_external_bytes: (after.heapAndExternalBytes - before.heapAndExternalBytes) / measuredLinks },
    };
  },
});
