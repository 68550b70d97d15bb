import { addressGroup, isLoopback } from './address.ts';

/** Why an incoming connection was turned away; one metric label each. */
export type RefusalReason =
  | 'connections'
  | 'connections-per-address'
  | 'handshakes'
  | 'handshakes-per-address'
  | 'handshake-timeout'
  | 'handshake-failed'
  | 'no-certificate'
  | 'listener-closed';

export interface TlsLimits {
  /** Incoming connections at once, those in a handshake included. Default 20,000. */
  readonly maxConnections: number;
  /** The same from one IPv4 address or IPv6 /64. Default 64. */
  readonly maxConnectionsPerAddress: number;
  /** Handshakes at once. Default 512. */
  readonly maxHandshakes: number;
  /** The same from one IPv4 address or IPv6 /64. Default 16. */
  readonly maxHandshakesPerAddress: number;
  /** Whether the limits per address leave loopback out: what runs on this machine is its owner's. Default true. */
  readonly exemptLoopback: boolean;
}

export const DEFAULT_TLS_LIMITS: TlsLimits = {
  maxConnections: 20_000,
  maxConnectionsPerAddress: 64,
  maxHandshakes: 512,
  maxHandshakesPerAddress: 16,
  exemptLoopback: true,
};

interface Counts {
  connections: number;
  handshakes: number;
}

/** A place among the incoming connections. */
export interface Admission {
  /** The handshake is over, however it ended. Only the first call counts. */
  handshakeDone(): void;
  /** The connection is gone. Only the first call counts. */
  release(): void;
}

/** Counts incoming connections, in all and by address. Holds no more entries than there are connections. */
export class AddressLimits {
  readonly #limits: TlsLimits;
  readonly #groups = new Map<string, Counts>();
  #connections = 0;
  #handshakes = 0;

  constructor(limits: Partial<TlsLimits> = {}) {
    this.#limits = { ...DEFAULT_TLS_LIMITS, ...limits };
  }

  get connections(): number {
    return this.#connections;
  }

  get handshakes(): number {
    return this.#handshakes;
  }

  /** A place for a connection from `host`, or the limit that is in its way. */
  admit(host: string): Admission | RefusalReason {
    const limits = this.#limits;
    if (this.#connections >= limits.maxConnections) return 'connections';
    if (this.#handshakes >= limits.maxHandshakes) return 'handshakes';
    const group = limits.exemptLoopback && isLoopback(host) ? undefined : addressGroup(host);
    if (group !== undefined) {
      const counts = this.#groups.get(group);
      if (counts && counts.connections >= limits.maxConnectionsPerAddress) return 'connections-per-address';
      if (counts && counts.handshakes >= limits.maxHandshakesPerAddress) return 'handshakes-per-address';
    }
    return this.#take(group);
  }

  #take(group: string | undefined): Admission {
    const counts = (group === undefined ? undefined : this.#groups.get(group)) ?? { connections: 0, handshakes: 0 };
    if (group !== undefined) this.#groups.set(group, counts);
    counts.connections++;
    counts.handshakes++;
    this.#connections++;
    this.#handshakes++;
    let shaking = true;
    let present = true;
    const handshakeDone = (): void => {
      if (!shaking) return;
      shaking = false;
      counts.handshakes--;
      this.#handshakes--;
    };
    const release = (): void => {
      if (!present) return;
      present = false;
      handshakeDone();
      counts.connections--;
      this.#connections--;
      if (counts.connections === 0 && group !== undefined) this.#groups.delete(group);
    };
    return { handshakeDone, release };
  }
}
