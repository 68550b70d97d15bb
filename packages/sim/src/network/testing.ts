import type { Connection } from '@parley/core';
import { VirtualClock } from '../clock.ts';
import { SeededRandom } from '../random.ts';
import { Recorder } from '../recorder.ts';
import type { Conditions } from './conditions.ts';
import type { NetworkConfig } from './fabric.ts';
import { MemoryNetwork } from './network.ts';

export const never: AbortSignal = new AbortController().signal;

export interface Pair {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly a: Recorder;
  readonly b: Recorder;
}

export function makeNetwork(conditions: Partial<Conditions> = {}, config: Partial<NetworkConfig> = {}, seed = 1) {
  const clock = new VirtualClock();
  return { clock, network: new MemoryNetwork({ clock, random: new SeededRandom(seed), conditions, config }) };
}

/** Host `a` has dialled host `b`. */
export async function connected(conditions: Partial<Conditions> = {}, config: Partial<NetworkConfig> = {}, seed = 1): Promise<Pair> {
  const { clock, network } = makeNetwork(conditions, config, seed);
  const accepted: Connection[] = [];
  await network.transport('b').listen('b:1', (connection) => accepted.push(connection));
  const a = Recorder.attach(await clock.until(network.transport('a').dial('b:1', never)));
  await clock.runUntil(() => accepted.length === 1);
  return { clock, network, a, b: Recorder.attach(accepted[0] as Connection) };
}

export function numbers(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => String(from + i));
}
