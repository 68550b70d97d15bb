import { defineBench } from '../lib/bench.ts';
import { type Period, periodAhead, secondsOf } from '../lib/time.ts';

/** Accepts one link and takes whatever bytes come. */
export interface Receiver {
  /** Begins to listen; the address, in the subject's own notation. */
  listen(): Promise<string>;
  measure(period: Period): void;
  /** Bytes of data received within the period. */
  received(): number;
}

/** Opens one link and sends as fast as the link's back-pressure allows. */
export interface Sender {
  connect(address: string): Promise<void>;
  /** Sends until the period ends. */
  run(period: Period): Promise<void>;
}

export interface StreamRoles {
  receiver: Receiver;
  sender: Sender;
}

/** Bytes handed over at a time; the same for every subject. */
export const chunkBytes = 64 * 1024;
const warmUpSeconds = 1;
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
