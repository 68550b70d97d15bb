import type { Rate } from '../util/bounded.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export interface OverlayConfig {
  /** Memory of floods (WIRE "Seen before"). */
  readonly seenMs: number;
  readonly seenCapacity: number;
  /** What one neighbour brought may take up so many times the room that is left; of it, what comes from nodes that are not known. */
  readonly seenShare: number;
  readonly seenFreshShare: number;
  /** Bytes of floods of nodes that are not known that one neighbour may bring, a second and at once: each of them goes to all others. */
  readonly freshFloods: Rate;
  /** Changes of routes are gathered for this long. */
  readonly routingDelayMs: number;
  readonly routingFullMs: number;
  /** After all loop-free routes to a node are lost, others count only after this long: old claims are withdrawn meanwhile. */
  readonly routingHoldMs: number;
  /** Messages of changes to each neighbour, a second and at once; what is more is gathered. */
  readonly routingPerSecond: number;
  readonly routingBurst: number;
  /** Entries of one neighbour that may be new or change their hops, a second and at once. */
  readonly routingChurnPerSecond: number;
  readonly routingChurnBurst: number;
  /** How long it waits to be told that a destination which comes and goes is there again: at first, at most; and when that is forgotten by half. */
  readonly flapFirstMs: number;
  readonly flapMaxMs: number;
  readonly flapHalfLifeMs: number;
  /** Above this many entries a link without `relays` gets only what concerns it. */
  readonly routingWholeTable: number;
  /** Neighbours are told by ROUTING of what is at most so many hops away; beyond, greedy forwarding has to do. */
  readonly routingHorizon: number;
  /** What is for a node to which no way is known has its record looked up at most so often, and so many a second. */
  readonly seekMs: number;
  readonly seeksPerSecond: number;
  /** A node that signed its record within this time is believed to be there. */
  readonly presentMs: number;
  /** A node seen within this time is known (WIRE "ACK, NACK, RECEIPT"). */
  readonly knownMs: number;
  readonly knownCapacity: number;
  /** Silence after which the next candidate is tried, and the longest that it is waited for of a neighbour whose ACKs take long. */
  readonly ackTimeoutMs: number;
  readonly maxAckTimeoutMs: number;
  /** Without a RECEIPT from a recipient that is present, the origin sends again after this long. */
  readonly receiptTimeoutMs: number;
  /** First wait before all candidates are tried anew; doubles up to `retryMaxMs`. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** Messages, and bytes, that one neighbour may have from us without an ACK. */
  readonly windowMessages: number;
  readonly windowBytes: number;
  /** The same bytes of a circuit, whose hops hold nothing back: what one of them cannot pass on at once ends it. */
  readonly circuitWindowBytes: number;
  readonly receiptBatchMs: number;
  /** How long a NACK or RECEIPT waits for a route. */
  readonly reportWaitMs: number;
  /** How long a message is held. */
  readonly expiryMs: number;
  /** Held for one destination, for one pair of origin and destination, and in all. */
  readonly destinationMessages: number;
  readonly destinationBytes: number;
  readonly pairMessages: number;
  readonly pairBytes: number;
  readonly totalMessages: number;
  readonly totalBytes: number;
  /** Of others' messages: for whom they are, each recipient of each of them counted. */
  readonly totalRecipients: number;
  /** What may wait for a destination that is present: in transit, rather than stored. */
  readonly transitMessages: number;
  /** Own messages that wait for their recipients. */
  readonly ownMessages: number;
  /** Of messages that came and are not on disk yet; above, links are read slowly. */
  readonly underWayBytes: number;
  /** Bodies of held messages that stay in memory. */
  readonly bodyCacheBytes: number;
  /** Quota of each origin's floods, as a multiple of the verb's rate. */
  readonly originRateScale: number;
}

export const overlayDefaults: OverlayConfig = {
  seenMs: 30 * MINUTE,
  seenCapacity: 200_000,
  seenShare: 1,
  seenFreshShare: 1 / 3,
  freshFloods: { perSecond: 64 * 1024, burst: 8 * 1024 * 1024 },
  routingDelayMs: 250,
  routingFullMs: 30_000,
  routingHoldMs: 3000,
  routingPerSecond: 2,
  routingBurst: 20,
  routingChurnPerSecond: 100,
  routingChurnBurst: 5000,
  flapFirstMs: 1000,
  flapMaxMs: 15_000,
  flapHalfLifeMs: MINUTE,
  routingWholeTable: 100,
  routingHorizon: 32,
  seekMs: MINUTE,
  seeksPerSecond: 5,
  presentMs: 120 * MINUTE,
  knownMs: 7 * DAY,
  knownCapacity: 20_000,
  ackTimeoutMs: 2000,
  maxAckTimeoutMs: 10_000,
  receiptTimeoutMs: 30_000,
  retryMinMs: 5000,
  retryMaxMs: 10 * MINUTE,
  windowMessages: 1024,
  windowBytes: 4 * 1024 * 1024,
  circuitWindowBytes: 512 * 1024,
  receiptBatchMs: 2000,
  reportWaitMs: 30_000,
  expiryMs: 7 * DAY,
  destinationMessages: 1000,
  destinationBytes: 16 * 1024 * 1024,
  pairMessages: 500,
  pairBytes: 8 * 1024 * 1024,
  totalMessages: 200_000,
  totalBytes: 1024 * 1024 * 1024,
  totalRecipients: 400_000,
  transitMessages: 10_000,
  ownMessages: 50_000,
  underWayBytes: 32 * 1024 * 1024,
  bodyCacheBytes: 32 * 1024 * 1024,
  originRateScale: 1,
};
