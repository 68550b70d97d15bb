/** Where the members of a group are found. */
export interface MulticastGroup {
  readonly ipv4: string;
  /** Of link-local scope. */
  readonly ipv6: string;
  readonly port: number;
}

/** Packets of at most 1,200 bytes to whoever is in a group on the local network, and never beyond. */
export interface Multicast {
  /** Once by each interface; sends and forgets. */
  send(packet: Uint8Array): void;
  /** `from` is the `HOST:PORT` of a neighbour on a network of this machine. Own packets may come too. */
  onPacket(handler: (packet: Uint8Array, from: string) => void): void;
  close(): Promise<void>;
}

export interface MulticastTransport {
  /**
   * By those interfaces, as they come and go, on which a listener bound to `host` can be reached: all for a wildcard, else the one with
   * that address; for an IPv4 address by IPv4 alone.
   */
  join(group: MulticastGroup, host: string): Promise<Multicast>;
}
