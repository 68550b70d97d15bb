import { openParley, type Parley, type TabEvent } from '@parley/browser';

/** A page of its own, for tests in which one ends: what it holds ends with it. */
export interface TabWindow extends Window {
  readonly parley: Parley;
  readonly events: TabEvent[];
}

const options = new URLSearchParams(location.search);
const parley = openParley({
  startWorker: () => new Worker(new URL('./node.worker.ts', import.meta.url), { type: 'module' }),
  location: { protocol: 'http:', host: options.get('server') ?? '' },
  name: options.get('name') ?? '',
  scryptCost: { n: 2 ** 10, r: 8, p: 1 },
  logLevel: 'error',
});
const events: TabEvent[] = [];
parley.node.subscribe((event) => events.push(event));
Object.assign(window, { parley, events });
