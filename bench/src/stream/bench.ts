import { defineBench } from '../lib/bench.ts';
import { periodAhead, secondsOf } from '../lib/time.ts';
import type { StreamRoles } from './roles.ts';

const warmUpSeconds = 2;
const measuredSeconds = 3;

export const stream = defineBench<StreamRoles>({
  name: 'stream',
  unit: 'MB/s',
  better: 'more',
  layouts: ['sender-and-receiver'],
  subjects: [
    { name: 'parley', standing: 'parley', load: async () => (await import('./parley.ts')).parleyStream },
    { name: 'js-libp2p tcp+tls+yamux', standing: 'peer', load: async () => (await import('./libp2p.ts')).libp2pStream('tls') },
    { name: 'js-libp2p tcp+noise+yamux', standing: 'peer', load: async () => (await import('./libp2p.ts')).libp2pStream('noise') },
    { name: 'node tls', standing: 'limit', load: async () => (await import('./bare.ts')).bareStream },
  ],
  async measure(launcher) {
    const [receiver, sender] = await Promise.all([launcher.start('receiver'), launcher.start('sender')]);
    await sender.connect(await receiver.listen());
    const period = periodAhead(warmUpSeconds, measuredSeconds);
    await receiver.measure(period);
    await sender.run(period);
    return { value: (await receiver.received()) / 1e6 / secondsOf(period), also: {} };
  },
});
