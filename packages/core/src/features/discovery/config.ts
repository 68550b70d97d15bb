import type { MulticastGroup } from '../../ports/index.ts';

/** IPv4: organisation-local, not assigned (RFC 2365). IPv6: link-local, transient (RFC 4291 section 2.7). */
export const LAN_GROUP: MulticastGroup = { ipv4: '239.255.47.17', ipv6: 'ff12::4717', port: 4719 };

export interface DiscoveryConfig {
  readonly group: MulticastGroup;
  /** Links that this node dials because of an announcement, at a time. */
  readonly maxLinks: number;
  /** Nodes that were heard and are remembered. */
  readonly capacity: number;
  /** Between two announcements, half of it at random; longer where many are heard. */
  readonly announceMs: number;
  /** Above so many nodes heard, announcements come less often and newcomers are answered by some only. */
  readonly crowd: number;
  /** When the first announcements of a run are made. */
  readonly firstMs: readonly number[];
  /** The lower of two node ids dials within this time, the higher waits twice as long before it does. */
  readonly dialWithinMs: number;
  /** Before a node that could not be reached is dialled again: doubles each time. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** Announcements a second, and at once, that are looked at: of one sender, and of all. */
  readonly perSecond: number;
  readonly burst: number;
  readonly totalPerSecond: number;
  readonly totalBurst: number;
  /** How far the clock of who announces may differ. */
  readonly windowMs: number;
}

export const discoveryDefaults: DiscoveryConfig = {
  group: LAN_GROUP,
  maxLinks: 8,
  capacity: 1024,
  announceMs: 30_000,
  crowd: 30,
  firstMs: [100, 1500, 5000],
  dialWithinMs: 1000,
  retryMinMs: 5000,
  retryMaxMs: 10 * 60_000,
  perSecond: 2,
  burst: 20,
  totalPerSecond: 50,
  totalBurst: 500,
  windowMs: 15 * 60_000,
};
