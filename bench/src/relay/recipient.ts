import { Histogram } from '../lib/histogram.ts';
import { ageOf } from '../lib/payload.ts';
import { Progress } from '../lib/progress.ts';
import { Meter } from '../lib/time.ts';
import { progressMs, progressStep, type Recipient } from './roles.ts';

/** What every recipient does with a message that it has verified. */
export interface Deliveries extends Pick<Recipient, 'measure' | 'progress' | 'result'> {
  deliver(text: string): void;
}

export function createDeliveries(): Deliveries {
  const progress = new Progress(progressStep, progressMs);
  const latency = new Histogram();
  let meter: Meter | undefined;
  return {
    deliver(text) {
      if (meter?.add(1) === true) latency.record(ageOf(text));
      progress.add(1);
    },
    measure(period) {
      meter = new Meter(period);
    },
    progress: () => progress.next(),
    result: () => ({ messages: meter?.total ?? 0, latency: latency.counts }),
  };
}
