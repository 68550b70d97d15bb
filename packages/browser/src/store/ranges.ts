import type { Range } from '@parley/core';

export const DEFAULT_RANGE_LIMIT = 1000;

/** A limit as IndexedDB takes it; there 0 would mean all. */
export function limitOf(limit: number): number {
  return Math.floor(Math.min(Math.max(limit, 0), 2 ** 32 - 1));
}

/** The stricter of an open and a closed bound. `sign` 1 for lower bounds, -1 for upper ones. */
function stricter(open: string | undefined, closed: string | undefined, sign: 1 | -1): { at: string; open: boolean } | undefined {
  if (open === undefined) return closed === undefined ? undefined : { at: closed, open: false };
  if (closed === undefined) return { at: open, open: true };
  const closedIsStricter = sign === 1 ? closed > open : closed < open;
  return closedIsStricter ? { at: closed, open: false } : { at: open, open: true };
}

/** The keys of a range: `all`, `none`, or those that IndexedDB is asked for. */
export function keysOf(range: Range): IDBKeyRange | 'all' | 'none' {
  const lower = stricter(range.gt, range.gte, 1);
  const upper = stricter(range.lt, range.lte, -1);
  if (lower && upper) {
    if (lower.at > upper.at || (lower.at === upper.at && (lower.open || upper.open))) return 'none';
    return IDBKeyRange.bound(lower.at, upper.at, lower.open, upper.open);
  }
  if (lower) return IDBKeyRange.lowerBound(lower.at, lower.open);
  return upper ? IDBKeyRange.upperBound(upper.at, upper.open) : 'all';
}
