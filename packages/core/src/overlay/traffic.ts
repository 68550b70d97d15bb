import type { Metrics } from '../util/metrics.ts';
import type { VerbRegistry } from '../wire/verb.ts';

/** Messages by kind of traffic, from what is counted by verb: the path of a message is not burdened with it. */
export function trafficByKind(metrics: Metrics, verbs: VerbRegistry, counter: 'received' | 'sent'): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { name, kind } of verbs.all()) {
    const count = metrics.value(counter, name);
    if (count > 0) sums.set(kind, (sums.get(kind) ?? 0) + count);
  }
  return sums;
}
