import { createSocket, type Socket } from 'node:dgram';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { type Datagrams, type DatagramTransport, type Log, MAX_DATAGRAM_BYTES, ParleyError, silentLog } from '@parley/core';
import { formatAddress, parseAddress } from './tls/address.ts';
import { connectError } from './tls/errors.ts';

/** Room in the kernel for a burst that comes while we are busy. */
const RECEIVE_BUFFER_BYTES = 1024 * 1024;

/** Addresses that were sent to, taken apart. When there are so many it begins anew: with an order of use each packet would cost more. */
const REMEMBERED = 4096;

interface Target {
  readonly host: string;
  readonly port: number;
}

class UdpSocket implements Datagrams {
  readonly address: string;
  readonly #socket: Socket;
  readonly #isIPv6: boolean;
  readonly #log: Log;
  readonly #targets = new Map<string, Target>();
  #handler: ((packet: Uint8Array, from: string) => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(socket: Socket, log: Log) {
    const { address, port, family } = socket.address();
    this.address = formatAddress(address, port);
    this.#isIPv6 = family === 'IPv6';
    this.#socket = socket;
    this.#log = log;
    socket.on('error', (error) => log.debug('a UDP socket reports', { error: error.message }));
    socket.on('message', (packet, from) => this.#received(packet, formatAddress(from.address, from.port)));
  }

  send(address: string, packet: Uint8Array): void {
    if (packet.length > MAX_DATAGRAM_BYTES) {
      throw new ParleyError('too-large', `a packet of ${packet.length} bytes, above ${MAX_DATAGRAM_BYTES}`);
    }
    const target = this.#targets.get(address) ?? this.#target(address);
    if (this.#closing || !target) return;
    // A copy, since the socket may send later. Nobody is called back, which would cost as much as a hash: errors are those of the network, where
    // packets get lost anyway.
    this.#socket.send(Buffer.from(packet), target.port, target.host);
  }

  /** Undefined for an IPv6 address where the socket has none. Throws for what is no IP address and port. */
  #target(address: string): Target | undefined {
    const { host, port } = parseAddress(address);
    // A name would have to be looked up for each packet.
    if (isIP(host) === 0 || port === 0) throw new ParleyError('bad-argument', `not an IP address and a port: ${address}`);
    if (isIPv6(host) && !this.#isIPv6) return undefined;
    const target = { host: this.#isIPv6 && isIPv4(host) ? `::ffff:${host}` : host, port };
    if (this.#targets.size >= REMEMBERED) this.#targets.clear();
    this.#targets.set(address, target);
    return target;
  }

  onPacket(handler: (packet: Uint8Array, from: string) => void): void {
    this.#handler = handler;
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#handler = undefined;
      this.#socket.close(() => resolve());
    });
    return this.#closing;
  }

  #received(packet: Uint8Array, from: string): void {
    if (packet.length > MAX_DATAGRAM_BYTES) return;
    try {
      this.#handler?.(packet, from);
    } catch (error) {
      this.#log.error('a packet could not be handled', { error });
    }
  }
}

/** Only IP addresses come here: nothing is looked up, and nothing waits for a thread that would do it. */
function asItIs(host: string, _options: unknown, done: (error: null, address: string, family: number) => void): void {
  done(null, host, isIP(host));
}

/**
 * UDP by `node:dgram`. Addresses are IP addresses with a port; a socket on `[::]` also speaks IPv4. Until `onPacket` is
 * called packets are dropped. `bind` fails with `in-use`, `unreachable` (not an address of this machine), `refused`,
 * `bad-argument`.
 */
export function createUdp(options: { readonly log?: Log } = {}): DatagramTransport {
  return {
    async bind(address: string): Promise<Datagrams> {
      const { host, port } = parseAddress(address);
      const type = isIPv6(host) ? 'udp6' : 'udp4';
      const socket = createSocket({ type, recvBufferSize: RECEIVE_BUFFER_BYTES, lookup: asItIs });
      await new Promise<void>((resolve, reject) => {
        socket.once('error', (error) => {
          socket.close();
          reject(connectError(error, `cannot bind ${address}`));
        });
        socket.bind({ address: host, port, exclusive: true }, resolve);
      });
      socket.removeAllListeners('error');
      return new UdpSocket(socket, options.log ?? silentLog);
    },
  };
}
