import type { TrafficKind } from '../wire/verb.ts';

export interface LinkConfig {
  /** Silence after which a keep-alive is sent (DESIGN section 4). */
  readonly keepAliveMs: number;
  /** Silence after which a link is dead. */
  readonly deadMs: number;
  /** From the connection to the open link. */
  readonly openingTimeoutMs: number;
  readonly dialTimeoutMs: number;
  readonly maxLinks: number;
  /** Connections that have not opened yet. */
  readonly maxOpening: number;
  /** Connections from one address, loopback excepted. */
  readonly maxPerAddress: number;
  /** Above this many queued bytes only direct messages are queued; what else there is waits by its urgency. */
  readonly holdBytes: number;
  /** Bytes that wait so, at most: what is more is shed, the least urgent kind first. Transfers wait above as many queued bytes. */
  readonly shedBytes: number;
  /** Above this many queued bytes the link is closed. */
  readonly maxQueuedBytes: number;
  /** Bytes queued on all links together; above, the link with the longest queue is closed. */
  readonly maxAllQueuedBytes: number;
  /** Units a second that a link may send us before we stop reading; a unit is a message or 4 KiB of it. */
  readonly clientRate: number;
  readonly relayRate: number;
  /** Shares of these rates that one kind of traffic may take: what is more of it is refused. Direct messages are paced by the whole. */
  readonly kindShares: Readonly<Record<Exclude<TrafficKind, 'direct'>, number>>;
  /** Seconds of rate that may be saved up. */
  readonly burstSeconds: number;
  readonly redialMinMs: number;
  readonly redialMaxMs: number;
  /** Score at which a key is banned; no single offence costs more than a tenth of it (WIRE "Opening a link"). */
  readonly banScore: number;
  readonly banMs: number;
  /** Time in which a score halves. */
  readonly scoreHalfLifeMs: number;
  readonly maxTransfers: number;
  /** Bytes of a transfer that may be under way. */
  readonly transferWindowBytes: number;
  /** Bytes in one data frame. */
  readonly dataFrameBytes: number;
}

export const linkDefaults: LinkConfig = {
  keepAliveMs: 15_000,
  deadMs: 45_000,
  openingTimeoutMs: 10_000,
  dialTimeoutMs: 10_000,
  maxLinks: 12_000,
  maxOpening: 1024,
  maxPerAddress: 64,
  holdBytes: 256 * 1024,
  shedBytes: 1024 * 1024,
  maxQueuedBytes: 8 * 1024 * 1024,
  maxAllQueuedBytes: 256 * 1024 * 1024,
  clientRate: 2000,
  relayRate: 20_000,
  kindShares: { broadcast: 0.5, discovery: 0.25, registry: 0.25, bulk: 0.1 },
  burstSeconds: 5,
  redialMinMs: 500,
  redialMaxMs: 60_000,
  banScore: 100,
  banMs: 10 * 60_000,
  scoreHalfLifeMs: 10 * 60_000,
  maxTransfers: 16,
  transferWindowBytes: 4 * 1024 * 1024,
  // With its header a multiple of a TLS record: what is left over would be a record of its own.
  dataFrameBytes: 256 * 1024 - 8,
};
