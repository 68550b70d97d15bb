import { openParley, type Parley } from '@parley/browser';

const startWorker = (): Worker => new Worker(new URL('./node.worker.ts', import.meta.url), { type: 'module', name: 'node' });

/** The node of this browser, with the server that the page came from as its first. */
export async function open(): Promise<Parley> {
  return openParley({ location, startWorker });
}
