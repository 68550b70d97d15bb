import { createSocket, type Socket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { type Log, MAX_DATAGRAM_BYTES, type Multicast, type MulticastGroup, type MulticastTransport, silentLog } from '@parley/core';
import { formatAddress, plainHost } from './tls/address.ts';

/** A machine with more has virtual ones, and packets go out once by each. */
const MAX_INTERFACES = 16;

/** One address of this machine from which a network can be reached. */
export interface LanInterface {
  readonly family: 'IPv4' | 'IPv6';
  /** With its zone where it is IPv6. */
  readonly address: string;
  readonly name: string;
  readonly netmask: string;
}

/**
 * The interfaces on which a listener bound to `host` is reached: of IPv4 those with a network behind them, of IPv6 their link-local
 * addresses. They are asked for one by one, since the system's own choice needs a default route.
 */
export function lanInterfaces(all: NodeJS.Dict<NetworkInterfaceInfo[]>, host: string): LanInterface[] {
  const wanted = plainHost(host);
  const everywhere = wanted === '::' || (wanted === '0.0.0.0' ? 'IPv4' : false);
  const found: LanInterface[] = [];
  for (const [name, addresses] of Object.entries(all)) {
    for (const { address, netmask, family, internal } of addresses ?? []) {
      // A whole address as mask is one end of a tunnel.
      const local = family === 'IPv4' ? netmask !== '255.255.255.255' : address.startsWith('fe80:');
      const own = family === 'IPv4' ? address : `${address}%${name}`;
      const listening = everywhere === true || everywhere === family || wanted === own;
      if (!internal && local && listening) found.push({ family, address: own, name, netmask });
    }
  }
  return found.slice(0, MAX_INTERFACES);
}

/** Whether a packet comes from a network of this machine: others have no business in a group of the local network. */
export function isNeighbour(from: string, interfaces: readonly LanInterface[]): boolean {
  if (!isIPv4(from)) return from.startsWith('fe80:');
  const number = (address: string): number => address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0) | 0;
  return interfaces.some(
    ({ family, address, netmask }) => family === 'IPv4' && (number(address) & number(netmask)) === (number(from) & number(netmask)),
  );
}

interface Deps {
  readonly log: Log;
  readonly onRefused: (reason: string) => void;
}

class LanSockets implements Multicast {
  readonly #group: MulticastGroup;
  readonly #host: string;
  readonly #deps: Deps;
  /** By family. Several processes of a machine share the port. */
  readonly #receivers = new Map<LanInterface['family'], Socket>();
  /** One for each interface, by its address. */
  readonly #senders = new Map<string, { readonly socket: Socket; readonly at: LanInterface }>();
  #handler: ((packet: Uint8Array, from: string) => void) | undefined;
  /** One look at the interfaces after the other. */
  #work: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(group: MulticastGroup, host: string, deps: Deps) {
    this.#group = group;
    this.#host = host;
    this.#deps = deps;
  }

  /** Opens what is there, closes what is gone. */
  refresh(): Promise<void> {
    this.#work = this.#work.then(() => this.#refresh());
    return this.#work;
  }

  send(packet: Uint8Array): void {
    if (this.#closing) return;
    const bytes = Buffer.from(packet);
    void this.refresh().then(() => {
      for (const { socket, at } of this.#senders.values()) {
        const to = at.family === 'IPv4' ? this.#group.ipv4 : `${this.#group.ipv6}%${at.name}`;
        socket.send(bytes, this.#group.port, to, (error) => {
          if (error) this.#deps.log.debug('an announcement was not sent', { address: at.address, error: error.message });
        });
      }
    });
  }

  onPacket(handler: (packet: Uint8Array, from: string) => void): void {
    this.#handler = handler;
  }

  close(): Promise<void> {
    this.#closing ??= this.#work.then(() => this.#close());
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#handler = undefined;
    const sockets = [...this.#receivers.values(), ...[...this.#senders.values()].map(({ socket }) => socket)];
    this.#receivers.clear();
    this.#senders.clear();
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  }

  async #refresh(): Promise<void> {
    const present = lanInterfaces(networkInterfaces(), this.#host);
    for (const [address, { socket }] of this.#senders) {
      if (present.some((at) => at.address === address)) continue;
      this.#senders.delete(address);
      socket.close();
    }
    for (const at of present) {
      if (this.#senders.has(at.address) || this.#closing) continue;
      try {
        await this.#join(at);
      } catch (error) {
        // Interfaces come and go, and some of them take no multicast: tried again with the next announcement.
        this.#deps.log.debug('no multicast by an interface', { address: at.address, error: String(error) });
      }
    }
  }

  async #join(at: LanInterface): Promise<void> {
    const { family } = at;
    const by = family === 'IPv4' ? at.address : `::%${at.name}`;
    const receiver = this.#receivers.get(family) ?? (await this.#receiver(family));
    try {
      receiver.addMembership(family === 'IPv4' ? this.#group.ipv4 : this.#group.ipv6, by);
    } catch (error) {
      // A member already, by another address of the interface.
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
    const socket = await this.#bind(createSocket({ type: family === 'IPv4' ? 'udp4' : 'udp6' }), at.address, 0);
    socket.setMulticastInterface(by);
    // Not beyond this network.
    socket.setMulticastTTL(1);
    socket.setMulticastLoopback(true);
    this.#senders.set(at.address, { socket, at });
  }

  async #receiver(family: LanInterface['family']): Promise<Socket> {
    const socket =
      family === 'IPv4' ? createSocket({ type: 'udp4', reuseAddr: true }) : createSocket({ type: 'udp6', reuseAddr: true, ipv6Only: true });
    // Bound to the group it gets nothing else; Windows does not know that.
    const address = family === 'IPv6' ? '::' : process.platform === 'win32' ? '0.0.0.0' : this.#group.ipv4;
    await this.#bind(socket, address, this.#group.port);
    socket.on('message', (packet, from) => this.#received(packet, from.address, from.port));
    this.#receivers.set(family, socket);
    return socket;
  }

  async #bind(socket: Socket, address: string, port: number): Promise<Socket> {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close();
        reject(error);
      });
      socket.bind({ address, port }, resolve);
    });
    socket.removeAllListeners('error');
    socket.on('error', (error) => this.#deps.log.debug('a multicast socket reports', { error: error.message }));
    return socket;
  }

  #received(packet: Uint8Array, host: string, port: number): void {
    const interfaces = [...this.#senders.values()].map(({ at }) => at);
    if (packet.length > MAX_DATAGRAM_BYTES) this.#deps.onRefused('lan-size');
    else if (!isNeighbour(host, interfaces)) this.#deps.onRefused('lan-elsewhere');
    else {
      try {
        this.#handler?.(packet, formatAddress(host, port));
      } catch (error) {
        this.#deps.log.error('a packet could not be handled', { error });
      }
    }
  }
}

/** Multicast by `node:dgram`. Where there is no network yet `join` succeeds, and later packets go by what has come. */
export function createMulticast(options: { readonly log?: Log; readonly onRefused?: (reason: string) => void } = {}): MulticastTransport {
  const deps: Deps = { log: options.log ?? silentLog, onRefused: options.onRefused ?? (() => {}) };
  return {
    async join(group: MulticastGroup, host: string): Promise<Multicast> {
      const sockets = new LanSockets(group, host, deps);
      await sockets.refresh();
      return sockets;
    },
  };
}
