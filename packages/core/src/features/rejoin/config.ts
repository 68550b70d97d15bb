export interface RejoinConfig {
  /** Addresses that are remembered. */
  readonly capacity: number;
  /** Of these so many at one host (or in one IPv6 /64) that never answered; loopback excepted. */
  readonly hearsayPerHost: number;
  /** Links to nodes that pass on others' messages that this node wants; below that it dials whom it remembers. */
  readonly wantedLinks: number;
  /** Dials at a time. */
  readonly parallel: number;
  /** Before an address that failed is tried again: doubles each time. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** After so many failures in a row an address is forgotten; one that ever answered, not before `keepMs` after it last did. */
  readonly maxFailures: number;
  readonly keepMs: number;
  /** Of who was only seen, it is written down this often. */
  readonly saveMs: number;
}

export const rejoinDefaults: RejoinConfig = {
  capacity: 200,
  hearsayPerHost: 4,
  wantedLinks: 2,
  parallel: 6,
  retryMinMs: 1000,
  retryMaxMs: 5 * 60_000,
  maxFailures: 8,
  keepMs: 30 * 24 * 60 * 60_000,
  saveMs: 60_000,
};
