import type { Period } from '../lib/time.ts';

/** The network: so many nodes in one process. */
export const nodes = 100;
/** The first of them have a record that others hold, and that all look up. */
export const records = 20;

export type Work = 'lookups' | 'newest' | 'put-get';

export interface RegistryResult {
  /** Lookups that found the record, or records that were put anew and then found as they are now, within the period. */
  readonly done: number;
  readonly failed: number;
}

/** All nodes of the network. */
export interface Network {
  /** Starts the nodes, joins them, and has the first put their records. */
  start(): Promise<void>;
  /** Keeps `atOnce` pieces of work under way until the period ends. */
  run(work: Work, period: Period, atOnce: number): Promise<RegistryResult>;
}

export interface RegistryRoles {
  network: Network;
}
