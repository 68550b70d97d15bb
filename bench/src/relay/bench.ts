import { defineBench, type Sample } from '../lib/bench.ts';
import { Histogram, type HistogramCounts } from '../lib/histogram.ts';
import type { Remote } from '../lib/ipc.ts';
import { type Period, periodAhead, secondsOf } from '../lib/time.ts';

/** S: passes messages on. */
export interface Relay {
  /** Begins to listen; the address, in the subject's own notation. */
  listen(): Promise<string>;
  /** Resolves when sender and recipient are connected and their messages would be passed on. */
  ready(): Promise<void>;
}

/** B: has a link to S alone, and verifies what arrives. */
export interface Recipient {
  /** Connects to the relay; by what the sender calls this node (empty where it needs no name). */
  connect(address: string): Promise<string>;
  measure(period: Period): void;
  /** Messages delivered since the start, as soon as there is news. */
  progress(): Promise<number>;
  result(): RelayResult;
}

export interface RelayResult {
  /** Verified messages delivered within the period. */
  readonly messages: number;
  /** Of those, milliseconds from before the signature until delivery. */
  readonly latency: HistogramCounts;
}

/** A: has a link to S alone, signs and sends. */
export interface Sender {
  connect(address: string, recipient: string): Promise<void>;
  /** Resolves when its messages would reach the relay. */
  ready(): Promise<void>;
  /** Sends messages of 200 bytes until the period ends, never more than `window` of them under way. */
  run(period: Period, window: number): Promise<SenderResult>;
  /** So many have been delivered since the start. */
  complete(total: number): void;
}

export interface SenderResult {
  readonly sent: number;
  /** Given up because nothing was delivered for two seconds. */
  readonly lost: number;
}

export interface RelayRoles {
  relay: Relay;
  recipient: Recipient;
  sender: Sender;
}

const window = 256;
/** The recipient tells of its progress at every so many messages, or so many milliseconds. */
export const progressStep = 32;
export const progressMs = 5;
const warmUpSeconds = 1.5;
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
