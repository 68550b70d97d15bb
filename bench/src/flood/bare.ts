import type { Subject } from '../lib/bench.ts';
import { fastestEd25519 } from '../lib/ed25519.ts';
import { Histogram } from '../lib/histogram.ts';
import { writePayload } from '../lib/payload.ts';
import { delay, Meter, now, turn } from '../lib/time.ts';
import { type FloodRoles, type Host, nodes, progressMs } from './roles.ts';

const seed = Buffer.alloc(32, 7);
/** Verifications between two looks at the clock. */
const slice = 64;

/** There is no network here: a process verifies signatures for as many nodes as it stands for, on one core. */
function createHost(): Host {
  const ed25519 = fastestEd25519(seed);
  let meter: Meter | undefined;
  let count = 0;
  return {
    async start(_first, hosted) {
      count = hosted;
      return Array.from({ length: hosted }, () => '');
    },
    connect: () => Promise.resolve(),
    ready: () => Promise.resolve(),
    async run(period) {
      meter = new Meter(period);
      const message = Buffer.from(writePayload(0), 'latin1');
      const signature = ed25519.sign(message);
      while (now() < period.until) {
        for (let index = 0; index < slice; index++) {
          if (!ed25519.verify(message, signature)) throw new Error('a signature does not fit');
        }
        meter.add(slice);
        await turn();
      }
      return { sent: 0, lost: 0 };
    },
    async progress() {
      await delay(progressMs);
      return Array.from({ length: count }, () => new Uint32Array(nodes));
    },
    result: () => ({
      // A message costs one operation at each node: the origin's is its signature, all others verify, and deliver.
      deliveries: ((meter?.total ?? 0) * (nodes - 1)) / nodes,
      latency: new Histogram().counts,
    }),
  };
}

/** Ed25519 verifications a second, divided by the nodes that each message has to be verified at. */
export const bareFlood: Subject<FloodRoles> = { roles: { host: createHost } };
