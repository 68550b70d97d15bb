import { type Datagrams, type DatagramTransport, MAX_DATAGRAM_BYTES } from '../ports/datagrams.ts';
import { ParleyError } from '../util/errors.ts';
import type { Counter, Metrics } from '../util/metrics.ts';

/** What takes packets. It answers for judging them: anybody may have sent them, from any address. */
export type PacketHandler = (packet: Uint8Array, from: string) => void;

/** First bytes of packets, both ends among them. */
export interface FirstBytes {
  readonly from: number;
  readonly to: number;
}

/** STUN messages begin with two zero bits (RFC 8489 section 5). */
export const STUN_BYTES: FirstBytes = { from: 0x00, to: 0x3f };
/** Parley's own packets (WIRE "UDP"), by what they serve. */
export const REGISTRY_BYTES: FirstBytes = { from: 0xc0, to: 0xc0 };
export const DISCOVERY_BYTES: FirstBytes = { from: 0xc1, to: 0xc1 };

/** One UDP port for all that speaks UDP: who gets a packet is told by its first byte (WIRE "UDP", RFC 7983). */
export class UdpPort {
  readonly #transport: DatagramTransport | undefined;
  readonly #metrics: Metrics;
  readonly #handlers = new Map<number, PacketHandler>();
  readonly #sent: Counter;
  readonly #sentBytes: Counter;
  readonly #received: Counter;
  readonly #receivedBytes: Counter;
  #datagrams: Datagrams | undefined;

  constructor(transport: DatagramTransport | undefined, metrics: Metrics) {
    this.#transport = transport;
    this.#metrics = metrics;
    this.#sent = metrics.counter('udp_sent');
    this.#sentBytes = metrics.counter('udp_sent_bytes');
    this.#received = metrics.counter('udp_received');
    this.#receivedBytes = metrics.counter('udp_received_bytes');
  }

  /** The bound address, `HOST:PORT`; undefined while there is none. */
  get address(): string | undefined {
    return this.#datagrams?.address;
  }

  /** Hands packets with these first bytes to a handler. */
  claim({ from, to }: FirstBytes, handler: PacketHandler): void {
    for (let byte = from; byte <= to; byte++) {
      if (this.#handlers.has(byte)) throw new ParleyError('bad-argument', `packets that begin with ${byte} have a handler`);
      this.#handlers.set(byte, handler);
    }
  }

  /** Binds, once. Returns the bound address. Errors: `unsupported` (a platform without UDP), `in-use`, `unreachable`, `bad-argument`. */
  async bind(address: string): Promise<string> {
    if (!this.#transport) throw new ParleyError('unsupported', 'there is no UDP here');
    if (this.#datagrams) throw new ParleyError('conflict', `bound to ${this.#datagrams.address} already`);
    this.#datagrams = await this.#transport.bind(address);
    this.#datagrams.onPacket((packet, from) => this.#take(packet, from));
    return this.#datagrams.address;
  }

  /** Sends and forgets; nothing while no port is bound. */
  send(address: string, packet: Uint8Array): void {
    if (!this.#datagrams) return;
    this.#sent.value++;
    this.#sentBytes.value += packet.length;
    this.#datagrams.send(address, packet);
  }

  async close(): Promise<void> {
    await this.#datagrams?.close();
  }

  #take(packet: Uint8Array, from: string): void {
    this.#received.value++;
    this.#receivedBytes.value += packet.length;
    const handler = packet.length > MAX_DATAGRAM_BYTES ? undefined : this.#handlers.get(packet[0] ?? -1);
    if (handler) handler(packet, from);
    else this.#metrics.reject('udp-unknown');
  }
}
