import { createSocket, type Socket } from 'node:dgram';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { type Datagrams, type DatagramTransport, type Log, MAX_DATAGRAM_BYTES, ParleyError, silentLog } from '@parley/core';
import { formatAddress, parseAddress } from './tls/address.ts';
import { connectError } from './tls/errors.ts';

/** Room in the kernel for a burst that comes while we are busy. */
const RECEIVE_BUFFER_BYTES = 1024 * 1024;

class UdpSocket implements Datagrams {
  readonly address: string;
  readonly #socket: Socket;
  readonly #isIPv6: boolean;
  readonly #log: Log;
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
    const { host, port } = parseAddress(address);
    // A name would have to be looked up for each packet.
    if (isIP(host) === 0 || port === 0) throw new ParleyError('bad-argument', `not an IP address and a port: ${address}`);
    if (this.#closing || (isIPv6(host) && !this.#isIPv6)) return;
    const target = this.#isIPv6 && isIPv4(host) ? `::ffff:${host}` : host;
    // A copy, since the socket sends later; errors are those of the network, where packets get lost anyway.
    this.#socket.send(Buffer.from(packet), port, target, (error) => {
      if (error) this.#log.debug('a packet was not sent', { error: error.message });
    });
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

/**
 * UDP by `node:dgram`. Addresses are IP addresses with a port; a socket on `[::]` also speaks IPv4. Until `onPacket` is
 * called packets are dropped. `bind` fails with `in-use`, `unreachable` (not an address of this machine), `refused`,
 * `bad-argument`.
 */
export function createUdp(options: { readonly log?: Log } = {}): DatagramTransport {
  return {
    async bind(address: string): Promise<Datagrams> {
      const { host, port } = parseAddress(address);
      const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
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
