import { type Connection, ParleyError } from '@parley/core';
import { MemoryConnection } from './connection.ts';
import { type Fabric, retransmission } from './fabric.ts';
import { type BoundListener, parseAddress, type SimHost } from './host.ts';

/** First pause before a connection request is repeated (RFC 6298 section 2); doubles each time. */
const SYN_RETRY_MS = 1000;

export interface Hosts {
  readonly fabric: Fabric;
  find(name: string): SimHost | undefined;
}

/**
 * Opens a connection: one round trip for TCP and one for TLS, then the first packet brings the listener to life. A dial
 * whose host crashes meanwhile never settles, as its process is gone.
 */
export function dial(hosts: Hosts, from: SimHost, address: string, signal: AbortSignal): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const attempt = new Dial(hosts, from, address, {
      resolve: (connection) => {
        signal.removeEventListener('abort', aborted);
        resolve(connection);
      },
      reject: (error) => {
        signal.removeEventListener('abort', aborted);
        reject(error);
      },
    });
    const aborted = (): void => attempt.fail(new ParleyError('aborted', 'the dial was given up', { cause: signal.reason }));
    if (signal.aborted) {
      aborted();
      return;
    }
    signal.addEventListener('abort', aborted, { once: true });
    attempt.start();
  });
}

class Dial {
  readonly #hosts: Hosts;
  readonly #from: SimHost;
  readonly #address: string;
  readonly #settle: { resolve: (connection: Connection) => void; reject: (error: ParleyError) => void };
  readonly #life: number;
  #retryMs = SYN_RETRY_MS;
  #done = false;

  constructor(
    hosts: Hosts,
    from: SimHost,
    address: string,
    settle: { resolve: (connection: Connection) => void; reject: (error: ParleyError) => void },
  ) {
    this.#hosts = hosts;
    this.#from = from;
    this.#address = address;
    this.#settle = settle;
    this.#life = from.life;
  }

  start(): void {
    let target: { host: string; port: number };
    try {
      target = parseAddress(this.#address);
      if (target.port === 0) throw new ParleyError('bad-argument', 'port 0 is for listening');
    } catch (error) {
      this.fail(ParleyError.from(error));
      return;
    }
    const { clock, config } = this.#hosts.fabric;
    const timer = clock.schedule(config.dialTimeoutMs, () => {
      this.fail(new ParleyError('timeout', `no answer from ${this.#address}`, { data: { address: this.#address } }));
    });
    this.#cleanUp = () => clock.cancel(timer);
    this.#ask(target.host, target.port);
  }

  fail(error: ParleyError): void {
    if (this.#over()) return;
    this.#done = true;
    this.#cleanUp();
    this.#settle.reject(error);
  }

  #cleanUp: () => void = () => {};

  #over(): boolean {
    return this.#done || this.#from.life !== this.#life;
  }

  #ask(name: string, port: number): void {
    if (this.#over()) return;
    const { fabric } = this.#hosts;
    const target = this.#hosts.find(name);
    const lost = retransmission(fabric, fabric.conditions.between(this.#from.name, name).loss, fabric.config.dialTimeoutMs);
    if (target === undefined || lost === undefined || !this.#bothWays(name)) {
      this.#askAgain(name, port);
      return;
    }
    fabric.clock.schedule(lost + this.#latency(this.#from.name, name), () => {
      if (!this.#bothWays(name)) this.#askAgain(name, port);
      else if (target.listeners.has(port)) this.#handshake(target, port);
      else fabric.clock.schedule(this.#latency(name, this.#from.name), () => this.#refused());
    });
  }

  #askAgain(name: string, port: number): void {
    this.#hosts.fabric.clock.schedule(this.#retryMs, () => this.#ask(name, port));
    this.#retryMs *= 2;
  }

  #handshake(target: SimHost, port: number): void {
    const there = this.#latency(this.#from.name, target.name);
    const back = this.#latency(target.name, this.#from.name);
    this.#hosts.fabric.clock.schedule(2 * back + there, () => {
      if (this.#over()) return;
      const listener = target.listeners.get(port);
      if (!this.#bothWays(target.name)) this.#askAgain(target.name, port);
      else if (listener === undefined) this.#refused();
      else this.#connect(target, listener);
    });
  }

  #refused(): void {
    this.fail(new ParleyError('refused', `nobody listens at ${this.#address}`, { data: { address: this.#address } }));
  }

  #connect(target: SimHost, listener: BoundListener): void {
    const { fabric } = this.#hosts;
    const from = { host: this.#from, address: `${this.#from.name}:${this.#from.ephemeralPort()}` };
    const to = { host: target, address: listener.address };
    const ours = connectHosts(fabric, from, to, { dialledTo: this.#address, accept: listener.accept });
    this.#done = true;
    this.#cleanUp();
    this.#settle.resolve(ours);
  }

  #latency(from: string, to: string): number {
    const { latencyMs, jitterMs } = this.#hosts.fabric.conditions.between(from, to);
    return latencyMs + (jitterMs === 0 ? 0 : jitterMs * this.#hosts.fabric.random.number());
  }

  #bothWays(name: string): boolean {
    const { conditions } = this.#hosts.fabric;
    return conditions.reachable(this.#from.name, name) && conditions.reachable(name, this.#from.name);
  }
}

/** A host, and the address at which it has its end of a connection. */
export interface Place {
  readonly host: SimHost;
  readonly address: string;
}

/** A connection of two hosts. Returns the end that dialled; the other is accepted when the first packet gets there. */
export function connectHosts(
  fabric: Fabric,
  from: Place,
  to: Place,
  { dialledTo = to.address, transport, accept }: { dialledTo?: string; transport?: string; accept: (theirs: MemoryConnection) => void },
): MemoryConnection {
  const proven = from.host.certificate !== undefined && to.host.certificate !== undefined;
  const shared = { connection: ++fabric.counters.connections, transport, binding: proven ? undefined : to.address };
  const end = (own: Place, other: Place, remoteAddress: string, dialled: boolean): MemoryConnection => {
    const made = new MemoryConnection(fabric, {
      ...shared,
      dialled,
      localHost: own.host.name,
      remoteHost: other.host.name,
      localAddress: own.address,
      remoteAddress,
      peerCertificate: proven ? copyOf(other.host.certificate) : undefined,
      maxMessageBytes: own.host.maxMessageBytes ?? fabric.config.maxMessageBytes,
      gone: (gone) => own.host.connections.delete(gone),
    });
    own.host.connections.add(made);
    return made;
  };
  const ours = end(from, to, dialledTo, true);
  const theirs = end(to, from, from.address, false);
  MemoryConnection.join(ours, theirs, () => accept(theirs));
  return ours;
}

function copyOf(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes && new Uint8Array(bytes);
}
