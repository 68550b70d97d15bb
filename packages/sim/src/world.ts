import {
  type Crypto,
  type DatagramTransport,
  type Identity,
  type MulticastTransport,
  ParleyError,
  type Ports,
  silentLog,
  type TableSpec,
} from '@parley/core';
import { type RunUntilOptions, VirtualClock } from './clock.ts';
import { MemoryFiles } from './files.ts';
import { lateCrypto, lateIdentity } from './late-crypto.ts';
import { CollectedLogs } from './log.ts';
import { memoCrypto } from './memo-crypto.ts';
import { type Conditions, MemoryNetwork, type NetworkConfig } from './network/index.ts';
import type { NodeClock } from './node-clock.ts';
import { chooseSeed, describeSeed, SeededRandom } from './random.ts';
import { MemoryDrive } from './store/index.ts';
import { Trace } from './trace.ts';

export interface WorldOptions {
  /** The environment variable PARLEY_SEED overrides it. */
  readonly seed: string | number;
  readonly crypto: Crypto;
  /** What the system clocks show when the world begins. Default 2026-01-01. */
  readonly epochMs?: number;
  readonly conditions?: Partial<Conditions>;
  readonly network?: Partial<NetworkConfig>;
  /** Time that a disk takes for a group of commits. Default 1. */
  readonly commitMs?: number;
  /** Time that it takes at most to check a signature, and a node to make one. The environment variable PARLEY_SIGNATURE_MS overrides it. Default 0: all at once. */
  readonly signatureMs?: number;
}

export interface NodeOptions {
  /** How far the system clock of this machine is ahead. */
  readonly skewMs?: number;
  /** Tables that the node keeps. */
  readonly tables: readonly TableSpec[];
  /** DER; what the transport proves of the node. Without one, HELLO and PROOF must. */
  readonly certificate?: Uint8Array;
  readonly log?: 'silent' | 'collected';
}

/** The ports of one process in a simulated world. */
export interface SimPorts extends Ports {
  readonly clock: NodeClock;
  readonly random: SeededRandom;
  readonly datagrams: DatagramTransport;
  readonly multicast: MulticastTransport;
  readonly files: MemoryFiles;
}

interface Machine {
  readonly drive: MemoryDrive;
  readonly files: MemoryFiles;
  /** Of its last process. */
  options: NodeOptions | undefined;
  /** Of the process that runs. */
  clock: NodeClock | undefined;
}

/**
 * A world of machines under one clock: it makes the ports for nodes, and lets machines crash and start again with what
 * is on their disks. The same seed and the same calls give the same history.
 */
export class World {
  readonly seed: string;
  readonly clock: VirtualClock;
  /** For decisions of the test itself. */
  readonly random: SeededRandom;
  readonly network: MemoryNetwork;
  readonly logs: CollectedLogs;
  readonly crypto: Crypto;
  readonly #commitMs: number;
  readonly #signatureMs: number;
  readonly #machines = new Map<string, Machine>();
  readonly #root: SeededRandom;

  constructor(options: WorldOptions) {
    this.seed = chooseSeed(options.seed);
    this.#root = new SeededRandom(this.seed);
    this.random = this.#root.fork('world');
    this.clock = new VirtualClock(options.epochMs === undefined ? {} : { epochMs: options.epochMs });
    this.network = new MemoryNetwork({
      clock: this.clock,
      random: this.#root.fork('network'),
      conditions: options.conditions ?? {},
      config: options.network ?? {},
    });
    this.logs = new CollectedLogs(() => this.clock.monotonic());
    this.crypto = memoCrypto(options.crypto, this.clock);
    this.#commitMs = options.commitMs ?? 1;
    this.#signatureMs = Number(process.env.PARLEY_SIGNATURE_MS ?? options.signatureMs ?? 0);
  }

  /** How to repeat this run. */
  describeSeed(): string {
    return describeSeed(this.seed);
  }

  /** Ports for a process on a machine that runs none. Errors: `in-use`. */
  ports(host: string, options: NodeOptions): SimPorts {
    const machine = this.#machine(host);
    machine.options = options;
    return this.#start(host, machine, options);
  }

  /** The disk of a machine. */
  drive(host: string): MemoryDrive {
    return this.#machine(host).drive;
  }

  /** The files of a machine. */
  files(host: string): MemoryFiles {
    return this.#machine(host).files;
  }

  /**
   * The process ends without warning: its timers stop, its connections are reset, what it had not committed is lost.
   * `silent`: the machine loses its power, and the others hear nothing. `written`: the disk had just finished the
   * group of commits that it was busy with.
   */
  crash(host: string, options: { silent?: boolean; written?: boolean } = {}): void {
    const machine = this.#machine(host);
    machine.clock?.stop();
    machine.clock = undefined;
    machine.drive.crash(options);
    this.network.crash(host, options);
  }

  /** The node on this machine has closed, and its process ends. Returns the timers that it left behind, which should be none. */
  stopped(host: string): number {
    const machine = this.#machine(host);
    const left = machine.clock?.pending ?? 0;
    this.crash(host);
    return left;
  }

  /** Ports for a new process on a machine whose last one ended, with the disk as it is. Errors: `in-use`, `not-found`. */
  restart(host: string, options: Partial<NodeOptions> = {}): SimPorts {
    const machine = this.#machine(host);
    if (machine.options === undefined) throw new ParleyError('not-found', `no process ever ran on ${host}`);
    machine.options = { ...machine.options, ...options };
    return this.#start(host, machine, machine.options);
  }

  /** Lets time go by. */
  advance(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  /** Until the predicate holds; the error of a failure says how to repeat the run. */
  runUntil(predicate: () => boolean, options: RunUntilOptions = {}): Promise<void> {
    return this.#withSeed(this.clock.runUntil(predicate, options));
  }

  /** Until the promise settles; a promise that does not fails with the seed. */
  until<T>(promise: Promise<T>, options: RunUntilOptions = {}): Promise<T> {
    return this.#withSeed(this.clock.until(promise, options));
  }

  /** Starts to record what goes over the network. */
  trace(options: { keep?: number } = {}): Trace {
    return new Trace(this.network, options);
  }

  /** An identity as a node on a host uses it, whose ports these are: where signatures take their time, its own do. */
  signing(host: string, ports: SimPorts, identity: Identity): Identity {
    if (this.#signatureMs === 0) return identity;
    const random = this.#root.fork(`${host}#${this.network.host(host).life} own signatures`);
    return lateIdentity(identity, ports.clock, random, this.#signatureMs);
  }

  #start(host: string, machine: Machine, options: NodeOptions): SimPorts {
    if (machine.clock !== undefined) throw new ParleyError('in-use', `a process runs on ${host}`);
    const store = machine.drive.open(options.tables);
    this.network.restart(host);
    const clock = this.clock.view({ skewMs: options.skewMs ?? 0 });
    machine.clock = clock;
    const life = `${host}#${this.network.host(host).life}`;
    return {
      clock,
      random: this.#root.fork(life),
      crypto:
        this.#signatureMs > 0 ? lateCrypto(this.crypto, clock, this.#root.fork(`${life} signatures`), this.#signatureMs) : this.crypto,
      store,
      log: options.log === 'collected' ? this.logs.log(host) : silentLog,
      transports: [this.network.transport(host, options.certificate === undefined ? {} : { certificate: options.certificate })],
      datagrams: this.network.datagrams(host),
      multicast: this.network.multicast(host),
      files: machine.files,
    };
  }

  #machine(host: string): Machine {
    let machine = this.#machines.get(host);
    if (machine === undefined) {
      machine = {
        drive: new MemoryDrive({ clock: this.clock, commitMs: this.#commitMs }),
        files: new MemoryFiles(),
        options: undefined,
        clock: undefined,
      };
      this.#machines.set(host, machine);
    }
    return machine;
  }

  async #withSeed<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'timeout') {
        throw new ParleyError('timeout', `${error.message}; ${this.describeSeed()}`, { cause: error });
      }
      throw error;
    }
  }
}
