import { openParley, type Parley, type TabEvent } from '@parley/browser';
import { startWorker } from '../lib/node-worker.ts';

/** A page of its own, for tests in which one ends: what it holds ends with it. */
export interface TabWindow extends Window {
  readonly parley: Parley;
  readonly events: TabEvent[];
}

const options = new URLSearchParams(location.search);
const parley = openParley({
  startWorker,
  location: { protocol: 'http:', host: options.get('server') ?? '' },
  name: options.get('name') ?? '',
  scryptCost: { n: 2 ** 10, r: 8, p: 1 },
  logLevel: 'error',
});
const events: TabEvent[] = [];
parley.node.subscribe((event) => events.push(event));
Object.assign(window, { parley, events });
