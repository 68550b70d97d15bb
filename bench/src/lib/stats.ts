/** The middle value; the mean of the two middle ones of an even number. NaN for nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? Number.NaN : (upper + lower) / 2;
}

/** Which direction of a value is better. */
export type Better = 'more' | 'less';

/** How many times better `ours` is than `theirs`: above 1 whenever ours is better, whichever direction that is. */
export function timesBetter(ours: number, theirs: number, better: Better): number {
  return better === 'more' ? ours / theirs : theirs / ours;
}
