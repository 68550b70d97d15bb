import { defineBench } from '../lib/bench.ts';
import { periodAhead, secondsOf } from '../lib/time.ts';
import type { HandshakeRoles } from './roles.ts';

/** Set-ups under way at once, each with an identity of its own. */
const atOnce = 8;
/** Long enough for the compiler: what is measured is how links are made, and not how often their code has run before. */
const warmUpSeconds = 4;
const measuredSeconds = 4;

export const handshake = defineBench<HandshakeRoles>({
  name: 'handshake',
  unit: 'links/s',
  better: 'more',
  layouts: ['dialler-and-listener'],
  subjects: [
    { name: 'parley', standing: 'parley', load: async () => (await import('./parley.ts')).parleyHandshake },
    {
      name: 'js-libp2p tcp+tls+yamux',
      standing: 'peer',
      load: async () => (await import('./libp2p.ts')).libp2pHandshake('tls'),
    },
    {
      name: 'js-libp2p tcp+noise+yamux',
      standing: 'peer',
      load: async () => (await import('./libp2p.ts')).libp2pHandshake('noise'),
    },
    { name: 'node tls', standing: 'limit', load: async () => (await import('./bare.ts')).bareHandshake },
  ],
  async measure(launcher) {
    const [listener, dialler] = await Promise.all([launcher.start('listener'), launcher.start('dialler')]);
    const [address] = await Promise.all([listener.listen(), dialler.prepare(atOnce)]);
    const period = periodAhead(warmUpSeconds, measuredSeconds);
    await listener.measure(period);
    const dialled = await dialler.run(address, period);
    const accepted = await listener.opened();
    // A link is open when both sides say so: whoever saw fewer is right.
    return { value: Math.min(dialled, accepted) / secondsOf(period), also: {} };
  },
});
