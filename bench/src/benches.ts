import { closed } from './closed/bench.ts';
import { files } from './files/bench.ts';
import { flood } from './flood/bench.ts';
import { handshake } from './handshake/bench.ts';
import { history } from './history/bench.ts';
import { idleLinks } from './idle-links/bench.ts';
import type { Bench } from './lib/bench.ts';
import { registry } from './registry/bench.ts';
import { relay } from './relay/bench.ts';
import { stream } from './stream/bench.ts';

/** Every bench, in the order in which `all` runs them. */
export const benches: readonly Bench[] = [handshake, stream, relay, flood, registry, idleLinks, files, history, closed];
