import { HASTY_WORKER, NODE_WORKER } from '../setup/paths.ts';

/** Runs what a page of the product runs. */
export const startWorker = (): Worker => new Worker(NODE_WORKER, { type: 'module' });

/** Its timers are `HASTE` times as fast as they should be. */
export const startHastyWorker = (): Worker => new Worker(HASTY_WORKER, { type: 'module' });
