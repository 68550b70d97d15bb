/** Each bucket is this much wider than the one before: quantiles are exact to about 1 %. */
const growth = Math.log(1.01);
/** The first bucket ends here, in milliseconds. */
const smallest = 0.01;
/** Reaches beyond 200 seconds. */
const buckets = 1_700;

/** Counts of durations in logarithmic buckets, as they go from process to process. */
export type HistogramCounts = Uint32Array;

/** Durations in milliseconds, in a fixed amount of memory however many there are. */
export class Histogram {
  readonly counts: HistogramCounts = new Uint32Array(buckets);

  record(milliseconds: number): void {
    const bucket = Math.ceil(Math.log(Math.max(milliseconds, smallest) / smallest) / growth);
    const index = Math.min(bucket, buckets - 1);
    this.counts[index] = (this.counts[index] ?? 0) + 1;
  }

  merge(other: HistogramCounts): void {
    for (const [index, count] of other.entries()) this.counts[index] = (this.counts[index] ?? 0) + count;
  }

  /** The duration that the share `q` (0 to 1) of all records did not exceed; NaN without records. */
  quantile(q: number): number {
    const total = this.counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return Number.NaN;
    let below = 0;
    for (const [index, count] of this.counts.entries()) {
      below += count;
      if (below >= q * total) return smallest * Math.exp(index * growth);
    }
    return Number.NaN;
  }
}
