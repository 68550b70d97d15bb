/** Upper bounds of the histogram buckets, in milliseconds. */
export const LATENCY_BUCKETS = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000] as const;

export interface HistogramSnapshot {
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
}

export interface MetricsSnapshot {
  readonly counters: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly histograms: ReadonlyMap<string, HistogramSnapshot>;
  readonly gauges: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** One counter under one label, for whoever counts with every packet. */
export interface Counter {
  value: number;
}

/**
 * What a node counts, in memory. Labels come from code, never from a remote: their number is bounded by what the source
 * names. A host exposes the snapshot to Prometheus.
 */
export class Metrics {
  readonly #counters = new Map<string, Map<string, Counter>>();
  readonly #histograms = new Map<string, { counts: number[]; sum: number; count: number }>();
  readonly #gauges = new Map<string, () => number | Map<string, number>>();

  /** Adds to a counter. `label` is its one label's value: a reason, or `VERB outcome`. */
  count(name: string, label = '', by = 1): void {
    const counter = this.#counters.get(name)?.get(label) ?? this.#begin(name, label);
    counter.value += by;
  }

  /** The counter itself. It is told of once it has counted something. */
  counter(name: string, label = ''): Counter {
    return this.#counters.get(name)?.get(label) ?? this.#begin(name, label);
  }

  /** Every rejection has a reason and is counted (DESIGN section 2). */
  reject(reason: string): void {
    this.count('rejections', reason);
  }

  value(name: string, label = ''): number {
    return this.#counters.get(name)?.get(label)?.value ?? 0;
  }

  /** Adds a duration in milliseconds to a histogram. */
  observe(name: string, ms: number): void {
    let histogram = this.#histograms.get(name);
    if (!histogram) {
      histogram = { counts: new Array(LATENCY_BUCKETS.length + 1).fill(0), sum: 0, count: 0 };
      this.#histograms.set(name, histogram);
    }
    let bucket = 0;
    while (bucket < LATENCY_BUCKETS.length && ms > (LATENCY_BUCKETS[bucket] as number)) bucket++;
    histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
    histogram.sum += ms;
    histogram.count++;
  }

  /** Declares something that is read when asked for: a size, a depth. */
  gauge(name: string, read: () => number | Map<string, number>): void {
    this.#gauges.set(name, read);
  }

  snapshot(): MetricsSnapshot {
    const gauges = new Map<string, Map<string, number>>();
    for (const [name, read] of this.#gauges) {
      const value = read();
      gauges.set(name, typeof value === 'number' ? new Map([['', value]]) : value);
    }
    const counters = new Map<string, Map<string, number>>();
    for (const [name, labels] of this.#counters) {
      const values = new Map<string, number>();
      for (const [label, { value }] of labels) if (value > 0) values.set(label, value);
      if (values.size > 0) counters.set(name, values);
    }
    return { counters, histograms: this.#histograms, gauges };
  }

  #begin(name: string, label: string): Counter {
    const counter: Counter = { value: 0 };
    const labels = this.#counters.get(name);
    if (labels) labels.set(label, counter);
    else this.#counters.set(name, new Map([[label, counter]]));
    return counter;
  }
}
