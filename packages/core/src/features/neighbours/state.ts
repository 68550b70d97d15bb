import { commonBits } from '../../overlay/index.ts';

/** A server that could be a neighbour. */
export interface Prospect {
  readonly nodeId: string;
  /** What dialling it is expected to cost, in milliseconds of latency: the less the better. */
  readonly cost: number;
}

/** A server that is a neighbour. */
export interface Standing {
  readonly nodeId: string;
  /** Made for the sake of the id space, and for nothing else. */
  readonly ours: boolean;
  /** Whether enough gets through. */
  readonly sound: boolean;
  readonly latencyMs: number;
}

export interface Choice {
  readonly dial: string[];
  readonly drop: string[];
}

/**
 * Which links a server should make and end, so that it has one to each part of the id space that is twice as far as the last one: to one node of
 * each bucket that is not empty (S3 "only store clients exponentially further away"). Pure.
 *
 * A link counts whoever made it. Nothing is ended but what this made itself, and only what has another link beside it in its bucket: one that is
 * unsound, or the slowest where there are too many.
 */
export function choose(
  self: string,
  prospects: readonly Prospect[],
  standing: readonly Standing[],
  limits: { readonly maxLinks: number; readonly maxDials: number },
): Choice {
  const linked = new Map<number, Standing[]>();
  for (const link of standing) {
    const bucket = commonBits(self, link.nodeId);
    linked.set(bucket, [...(linked.get(bucket) ?? []), link]);
  }
  const best = new Map<number, Prospect>();
  for (const prospect of prospects) {
    const bucket = commonBits(self, prospect.nodeId);
    if (prospect.nodeId === self || linked.get(bucket)?.some((link) => link.sound || link.nodeId === prospect.nodeId)) continue;
    const known = best.get(bucket);
    if (!known || prospect.cost < known.cost) best.set(bucket, prospect);
  }
  const ours = standing.filter((link) => link.ours);
  const spare = [...linked.values()].filter((links) => links.length > 1).flatMap((links) => spareOf(links));
  const excess = Math.max(0, ours.length - limits.maxLinks);
  const unsound = spare.filter((link) => !link.sound);
  const slow = spare.filter((link) => link.sound).sort((a, b) => b.latencyMs - a.latencyMs);
  const drop = [...unsound, ...slow.slice(0, Math.max(0, excess - unsound.length))];
  const room = Math.max(0, limits.maxLinks - ours.length + drop.length);
  // The far buckets first: most of all nodes lie there.
  const wanted = [...best].sort(([a], [b]) => a - b).map(([, { nodeId }]) => nodeId);
  return { dial: wanted.slice(0, Math.min(limits.maxDials, room)), drop: drop.map(({ nodeId }) => nodeId) };
}

/** Of several links in one bucket those that may go: ours, but for the one that is to stay. */
function spareOf(links: readonly Standing[]): Standing[] {
  const [stays] = [...links].sort(
    (a, b) => Number(b.sound) - Number(a.sound) || Number(a.ours) - Number(b.ours) || a.latencyMs - b.latencyMs,
  );
  return links.filter((link) => link.ours && link !== stays);
}
