import { NODE_WORKER } from '../setup/paths.ts';

/** Runs what a page of the product runs. */
export const startWorker = (): Worker => new Worker(NODE_WORKER, { type: 'module' });
