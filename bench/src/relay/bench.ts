import { defineBench, type Sample } from '../lib/bench.ts';
import { Histogram } from '../lib/histogram.ts';
import type { Remote } from '../lib/ipc.ts';
import { periodAhead, secondsOf } from '../lib/time.ts';
import type { Recipient, RelayRoles, Sender } from './roles.ts';

const window = 256;
/** The first seconds of a process are its compiler's. */
const warmUpSeconds = 8;
const measuredSeconds = 4;

/** Tells the sender what was delivered, until it stops sending. */
async function grantWhile(sending: Promise<unknown>, recipient: Remote<Recipient>, sender: Remote<Sender>): Promise<void> {
  let over = false;
  const end = sending.finally(() => {
    over = true;
  });
  while (!over) await sender.complete(await recipient.progress());
  await end;
}

export const relay = defineBench<RelayRoles>({
  name: 'relay',
  unit: 'messages/s',
  better: 'more',
  layouts: ['process-each'],
  subjects: [
    { name: 'parley', standing: 'parley', load: async () => (await import('./parley.ts')).parleyRelay },
    { name: 'js-libp2p gossipsub tcp+tls+yamux', standing: 'peer', load: async () => (await import('./libp2p.ts')).libp2pRelay('tls') },
    { name: 'js-libp2p gossipsub tcp+noise+yamux', standing: 'peer', load: async () => (await import('./libp2p.ts')).libp2pRelay('noise') },
    { name: 'node tls, ed25519, sqlite', standing: 'limit', load: async () => (await import('./bare.ts')).bareRelay },
  ],
  async measure(launcher): Promise<Sample> {
    const [s, recipient, sender] = await Promise.all([launcher.start('relay'), launcher.start('recipient'), launcher.start('sender')]);
    const address = await s.listen();
    await sender.connect(address, await recipient.connect(address));
    await Promise.all([s.ready(), sender.ready()]);
    const period = periodAhead(warmUpSeconds, measuredSeconds);
    await recipient.measure(period);
    const sending = sender.run(period, window);
    await grantWhile(sending, recipient, sender);
    const [{ messages, latency }, { lost }] = await Promise.all([recipient.result(), sending]);
    const delays = new Histogram();
    delays.merge(latency);
    return { value: messages / secondsOf(period), also: { p50_ms: delays.quantile(0.5), p99_ms: delays.quantile(0.99), lost } };
  },
});
