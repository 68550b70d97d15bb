import { type Connection, ParleyError } from '@parley/core';
import type { MemoryConnection } from './connection.ts';

const FIRST_EPHEMERAL_PORT = 40_000;
const LAST_PORT = 65_535;

export interface BoundListener {
  readonly address: string;
  readonly accept: (connection: Connection) => void;
}

/** One side of a connection that both open. */
export interface MeetingEnd {
  /** `HOST:PORT` of the other side. */
  readonly toward: string;
  readonly dials: boolean;
  readonly opened: (connection: MemoryConnection) => void;
}

export type PacketReceiver = (packet: Uint8Array, from: string) => void;

/** A simulated machine: its sockets, and whether it runs. */
export class SimHost {
  readonly name: string;
  readonly listeners = new Map<number, BoundListener>();
  /** Connections that processes here open together with others, by their port. */
  readonly openings = new Map<number, MeetingEnd>();
  readonly packets = new Map<number, PacketReceiver>();
  /** Members of multicast groups, by address of the group. */
  readonly groups = new Map<string, Set<PacketReceiver>>();
  readonly connections = new Set<MemoryConnection>();
  /** What the transport proves of this host's node; undefined where HELLO and PROOF must prove it. */
  certificate: Uint8Array | undefined;
  /** Longest JSON message that it makes and takes; undefined for the limit of the network. */
  maxMessageBytes: number | undefined;
  /** Grows with each crash: what belongs to an earlier life is dead. */
  life = 1;
  /** Whether a process runs on it. */
  running = true;
  #nextPort = FIRST_EPHEMERAL_PORT;

  constructor(name: string) {
    this.name = name;
  }

  /** A port for an outgoing connection or for `NAME:0`. */
  ephemeralPort(): number {
    for (let tries = 0; tries <= LAST_PORT - FIRST_EPHEMERAL_PORT; tries++) {
      const port = this.#nextPort;
      this.#nextPort = port === LAST_PORT ? FIRST_EPHEMERAL_PORT : port + 1;
      if (!this.listeners.has(port) && !this.packets.has(port)) return port;
    }
    throw new ParleyError('in-use', `no free port on ${this.name}`);
  }

  /** The port to bind for `NAME:PORT`. Errors: `bad-argument` for another host's address, `in-use`. */
  claim(address: string, taken: ReadonlyMap<number, unknown>): number {
    const { host, port } = parseAddress(address);
    if (host !== this.name) throw new ParleyError('bad-argument', `${address} is not an address of ${this.name}`);
    if (port === 0) return this.ephemeralPort();
    if (taken.has(port)) throw new ParleyError('in-use', `${address} is in use`);
    return port;
  }
}

/** Errors: `bad-argument`. */
export function parseAddress(address: string): { host: string; port: number } {
  const match = /^(.+):(\d{1,5})$/.exec(address);
  const port = Number(match?.[2]);
  if (!match?.[1] || port > LAST_PORT) throw new ParleyError('bad-argument', `not an address: ${address}`);
  return { host: match[1], port };
}
