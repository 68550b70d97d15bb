import { type DatagramTransport, type MulticastTransport, ParleyError, type Transport } from '@parley/core';
import type { VirtualClock } from '../clock.ts';
import type { SeededRandom } from '../random.ts';
import { type Conditions, ConditionTable } from './conditions.ts';
import type { MemoryConnection } from './connection.ts';
import { MemoryDatagrams } from './datagrams.ts';
import type { Hosts } from './dial.ts';
import { type Fabric, NETWORK_DEFAULTS, type NetworkConfig, type NetworkCounters } from './fabric.ts';
import { SimHost } from './host.ts';
import { MemoryMulticast } from './multicast.ts';
import { type FrameHandler, Taps } from './tap.ts';
import { MemoryTransport } from './transport.ts';

export interface NetworkOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly conditions?: Partial<Conditions>;
  readonly config?: Partial<NetworkConfig>;
}

/** A network of simulated hosts in one process. Addresses are `NAME:PORT`. Everything about it can change while it runs. */
export class MemoryNetwork implements Hosts {
  readonly fabric: Fabric;
  readonly #hosts = new Map<string, SimHost>();

  constructor(options: NetworkOptions) {
    this.fabric = {
      clock: options.clock,
      random: options.random,
      conditions: new ConditionTable(options.conditions ?? {}),
      taps: new Taps(),
      pipes: new Set(),
      config: { ...NETWORK_DEFAULTS, ...options.config },
      counters: { frames: 0, bytes: 0, dropped: 0, datagrams: 0, connections: 0 },
    };
  }

  get counters(): Readonly<NetworkCounters> {
    return this.fabric.counters;
  }

  find(name: string): SimHost | undefined {
    return this.#hosts.get(name);
  }

  /** The host of this name, made when it is first named. */
  host(name: string): SimHost {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) throw new ParleyError('bad-argument', `not a host name: ${name}`);
      host = new SimHost(name);
      this.#hosts.set(name, host);
    }
    return host;
  }

  /**
   * Streams for the process that runs on this host now. From then on `certificate` is what the transport proves of it
   * (both sides of a connection need one), and `maxMessageBytes` the longest JSON message that it makes and takes.
   */
  transport(name: string, options: { certificate?: Uint8Array; maxMessageBytes?: number } = {}): Transport {
    const host = this.host(name);
    if (options.certificate !== undefined) host.certificate = options.certificate;
    if (options.maxMessageBytes !== undefined) host.maxMessageBytes = options.maxMessageBytes;
    return new MemoryTransport(this, host);
  }

  /** Packets for the process that runs on this host now. */
  datagrams(name: string): DatagramTransport {
    return new MemoryDatagrams(this, this.host(name));
  }

  /** Packets to all on the local network of this host, for the process that runs on it now. */
  multicast(name: string): MulticastTransport {
    return new MemoryMulticast(this, this.host(name));
  }

  /** Puts hosts on one local network, where multicast reaches them; each leaves the one it was on. */
  lan(...hosts: string[]): void {
    this.fabric.conditions.setLan(hosts);
  }

  /** Changes the conditions of every pair that has none of its own. */
  set(change: Partial<Conditions>): void {
    this.fabric.conditions.set(change);
    this.#changed();
  }

  /** Changes the conditions between two hosts, both ways. */
  between(a: string, b: string, change: Partial<Conditions>): void {
    this.fabric.conditions.setOneWay(a, b, change);
    this.fabric.conditions.setOneWay(b, a, change);
    this.#changed();
  }

  /** Changes the conditions of one direction. */
  oneWay(from: string, to: string, change: Partial<Conditions>): void {
    this.fabric.conditions.setOneWay(from, to, change);
    this.#changed();
  }

  /** Takes back what `between` and `oneWay` said of two hosts. */
  resetBetween(a: string, b: string): void {
    this.fabric.conditions.clearPair(a, b);
    this.#changed();
  }

  /**
   * Only hosts of the same group reach each other; hosts that no group names are a group together. Connections across
   * stand still and die when they have something to send for `stallTimeoutMs`.
   */
  partition(groups: readonly (readonly string[])[]): void {
    this.fabric.conditions.partition(groups);
    this.#changed();
  }

  /** Ends the partition. */
  heal(): void {
    this.fabric.conditions.heal();
    this.#changed();
  }

  /** Shows every frame and datagram to `handler` as it goes on the wire. Returns a function that ends it. */
  onFrame(handler: FrameHandler): () => void {
    return this.fabric.taps.add(handler);
  }

  /** Living connections, one end of each (the one that dialled, while it lives), of one host or between two. */
  connections(a?: string, b?: string): MemoryConnection[] {
    const found = new Map<number, MemoryConnection>();
    for (const host of this.#hosts.values()) {
      for (const end of host.connections) {
        const { from, to } = end.route;
        if (a !== undefined && from !== a && to !== a) continue;
        if (b !== undefined && from !== b && to !== b) continue;
        if (end.dialled || !found.has(end.number)) found.set(end.number, end);
      }
    }
    return [...found.values()];
  }

  /** Breaks the connections of one host or between two; silently, so that each end must find out. Returns how many. */
  breakConnections(a: string, b?: string, options: { silent?: boolean } = {}): number {
    const all = this.connections(a, b);
    for (const connection of all) connection.breakUp(options.silent === true);
    return all.length;
  }

  /**
   * The process on the host ends: its kernel resets its connections and refuses new ones. `silent`: the machine loses
   * its power instead, and nothing answers for it any more.
   */
  crash(name: string, options: { silent?: boolean } = {}): void {
    const host = this.host(name);
    const silent = options.silent === true;
    host.life++;
    host.running = false;
    host.listeners.clear();
    host.openings.clear();
    host.packets.clear();
    host.groups.clear();
    for (const end of [...host.connections]) end.crash(silent);
    if (silent) {
      for (const pipe of this.fabric.pipes) if (pipe.route.from === name) pipe.sever();
      this.fabric.conditions.setDark(name, true);
      this.#changed();
    }
  }

  /** A new process can run on the host. */
  restart(name: string): void {
    const host = this.host(name);
    host.running = true;
    this.fabric.conditions.setDark(name, false);
    this.#changed();
  }

  #changed(): void {
    for (const pipe of [...this.fabric.pipes]) pipe.refresh();
  }
}
