import { defineBench } from '../lib/bench.ts';
import { type Period, periodAhead, secondsOf } from '../lib/time.ts';

/** Accepts links, in a process of its own. */
export interface Listener {
  /** Begins to listen; the address, in the subject's own notation. */
  listen(): Promise<string>;
  measure(period: Period): void;
  /** Links that this side considered open within the period. */
  opened(): number;
}

/** Opens links one after another with each of several identities, in a process of its own. */
export interface Dialler {
  prepare(identities: number): Promise<void>;
  /** Dials and closes until the period ends; the number of links that this side considered open within it. */
  run(address: string, period: Period): Promise<number>;
}

export interface HandshakeRoles {
  listener: Listener;
  dialler: Dialler;
}

/** Set-ups under way at once, each with an identity of its own. */
const atOnce = 8;
const warmUpSeconds = 1;
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
