import { Histogram } from '../lib/histogram.ts';
import { ageOf, originOf } from '../lib/payload.ts';
import { delay, Meter, type Period } from '../lib/time.ts';
import { SendWindow } from '../lib/window.ts';
import { type FloodResult, type Host, nodes, progressMs } from './roles.ts';

/** What every host does with the messages of its nodes, both ways. */
export interface Deliveries extends Pick<Host, 'progress' | 'result'> {
  begin(first: number, count: number): void;
  measure(period: Period, window: number): readonly SendWindow[];
  /** A verified message has reached node `node` (its number in the graph). */
  deliver(node: number, text: string): void;
}

export function createDeliveries(): Deliveries {
  const latency = new Histogram();
  let first = 0;
  let received: Uint32Array[] = [];
  let windows: SendWindow[] = [];
  let meter: Meter | undefined;
  return {
    begin(firstNode, count) {
      first = firstNode;
      received = Array.from({ length: count }, () => new Uint32Array(nodes));
    },
    measure(period, window) {
      meter = new Meter(period);
      windows = received.map(() => new SendWindow(window));
      return windows;
    },
    deliver(node, text) {
      const origin = originOf(text);
      // Some networks hand a node its own messages too: those are no deliveries.
      if (origin === node) return;
      const counts = received[node - first];
      if (counts !== undefined) counts[origin] = (counts[origin] ?? 0) + 1;
      if (meter?.add(1) === true) latency.record(ageOf(text));
    },
    async progress(completed) {
      for (const [index, total] of completed.entries()) windows[index]?.complete(total);
      await delay(progressMs);
      return received;
    },
    result: (): FloodResult => ({ deliveries: meter?.total ?? 0, latency: latency.counts }),
  };
}
