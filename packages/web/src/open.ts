import { openParley, type Parley } from '@parley/browser';

/** The worker that `first.js` has started, until it is taken. */
interface Early {
  earlyNode?: Worker | undefined;
}

function startWorker(): Worker {
  const early = globalThis as Early;
  const started = early.earlyNode;
  early.earlyNode = undefined;
  return started ?? new Worker(new URL('./node.worker.ts', import.meta.url), { type: 'module', name: 'node' });
}

/** The node of this browser, with the server that the page came from as its first. */
export async function open(): Promise<Parley> {
  return openParley({ location, startWorker });
}
