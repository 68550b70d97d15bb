/** Unreliable, unordered packets of at most 1,200 bytes (WIRE "UDP"). */
export interface Datagrams {
  readonly address: string;
  /** Sends and forgets; a packet above the size is refused with `too-large`. */
  send(address: string, packet: Uint8Array): void;
  onPacket(handler: (packet: Uint8Array, from: string) => void): void;
  close(): Promise<void>;
}

export interface DatagramTransport {
  bind(address: string): Promise<Datagrams>;
}

export const MAX_DATAGRAM_BYTES = 1200;
