/**
 * When a record that was just sent out or taken is sent out again: `jitter` (0 to 1) spreads holders, so that the first of them to do it
 * spares the others (each that takes it begins to wait anew).
 */
export function nextRepublish(now: number, everyMs: number, jitter: number): number {
  return now + everyMs * (1 + 0.25 * jitter);
}

/** When an own record is due: hourly, or so early that half of its life is left. */
export function nextOwnRepublish(now: number, everyMs: number, lifetimeMs: number, jitter: number): number {
  return now + Math.min(everyMs, lifetimeMs / 2) * (0.9 + 0.2 * jitter);
}

/** Buckets that nobody was looked up in for so long, shallowest first. `usedAt(index)`: when one was. */
export function staleBuckets(depth: number, usedAt: (index: number) => number, now: number, everyMs: number): number[] {
  const stale: number[] = [];
  for (let index = 0; index < depth; index++) if (now - usedAt(index) >= everyMs) stale.push(index);
  return stale;
}

/** How long an answer is waited for before somebody else is asked meanwhile: what most answers took, and a margin. */
export function patience(smoothedMs: number, deviationMs: number, bounds: { readonly min: number; readonly max: number }): number {
  return Math.min(bounds.max, Math.max(bounds.min, smoothedMs + 4 * deviationMs));
}
