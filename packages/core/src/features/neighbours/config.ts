export interface NeighbourConfig {
  /** How often a server looks whether a bucket of the id space lacks a link; jittered by half either way. */
  readonly checkMs: number;
  /** Links that a server makes for the sake of the id space, at most, and how many at a time. */
  readonly maxLinks: number;
  readonly maxDials: number;
  /** A link of which less than this share of messages gets through does not count as one. */
  readonly minReliability: number;
  /** Wait before a contact that could not be reached is dialled again: at first, and at most; doubles. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** Own messages to one node within `directWindowMs` that make a direct link worth dialling. */
  readonly directMessages: number;
  readonly directWindowMs: number;
  /** Direct links that stand at once, and how long one stays after the last own message (S3; DESIGN section 10). 0: none is dialled. */
  readonly maxDirect: number;
  readonly directWarmMs: number;
  /** The same, those counted in that others' circuits need. */
  readonly maxReached: number;
}

const MINUTE = 60_000;

export const neighbourDefaults: NeighbourConfig = {
  checkMs: 10_000,
  maxLinks: 40,
  maxDials: 3,
  minReliability: 0.5,
  retryMinMs: 30_000,
  retryMaxMs: 60 * MINUTE,
  directMessages: 3,
  directWindowMs: 10 * MINUTE,
  maxDirect: 8,
  directWarmMs: 10 * MINUTE,
  maxReached: 256,
};
