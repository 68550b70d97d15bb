import { Meter, now } from '../lib/time.ts';
import { type Network, records, nodes as usualNodes } from './roles.ts';

/** A table under measurement, its nodes numbered from 0. */
export interface Table {
  start(): Promise<void>;
  /** Has a node put a record of its own with a higher number than the last; resolves when those who shall hold it do. Returns the number. */
  put(node: number): Promise<number>;
  /**
   * Has a node ask the network for the record of another: the first that it finds, or the newest of several nodes (`newest`). Resolves with its
   * number, undefined when it was not found.
   */
  get(asker: number, node: number, newest: boolean): Promise<number | undefined>;
}

/** Everybody asks, and is asked for, equally often, and never two puts of one node at once. */
export function networkOf(table: Table, nodes: number = usualNodes): Network {
  let turn = 0;
  /** A fixed stride that has no factor in common with the number of nodes reaches every pair in the end. */
  const pair = (): { asker: number; node: number } => {
    turn++;
    const node = (turn * 37) % records;
    return { node, asker: (node + 1 + ((turn * 13) % (nodes - 1))) % nodes };
  };
  return {
    async start() {
      await table.start();
      for (let node = 0; node < records; node++) await table.put(node);
    },
    async run(work, period, atOnce) {
      const done = new Meter(period);
      const failed = new Meter(period);
      const worker = async (): Promise<void> => {
        while (now() < period.until) {
          const { asker, node } = pair();
          const wanted = work === 'put-get' ? await table.put(node) : 0;
          const found = await table.get(asker, node, work === 'newest');
          (found !== undefined && found >= wanted ? done : failed).add(1);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
      return { done: done.total, failed: failed.total };
    },
  };
}
