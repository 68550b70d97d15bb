import { type Connection, type Listener, type Meeting, ParleyError, type Transport } from '@parley/core';
import { dial, type Hosts } from './dial.ts';
import type { SimHost } from './host.ts';
import { MemoryMeeting } from './meeting.ts';

/** The transport of one process on a simulated host. It ends with that process. */
export class MemoryTransport implements Transport {
  readonly name = 'memory';
  readonly #hosts: Hosts;
  readonly #host: SimHost;
  readonly #life: number;

  constructor(hosts: Hosts, host: SimHost) {
    this.#hosts = hosts;
    this.#host = host;
    this.#life = host.life;
  }

  dial(address: string, signal: AbortSignal): Promise<Connection> {
    if (this.#host.life !== this.#life) return new Promise(() => {});
    return dial(this.#hosts, this.#host, address, signal);
  }

  async listen(address: string, accept: (connection: Connection) => void): Promise<Listener> {
    const host = this.#host;
    if (host.life !== this.#life) throw new ParleyError('closed', `${host.name} crashed`);
    const port = host.claim(address, host.listeners);
    const bound = { address: `${host.name}:${port}`, accept };
    host.listeners.set(port, bound);
    return {
      address: bound.address,
      close: async () => {
        if (host.listeners.get(port) === bound) host.listeners.delete(port);
      },
    };
  }

  async meet(): Promise<Meeting> {
    if (this.#host.life !== this.#life) throw new ParleyError('closed', `${this.#host.name} crashed`);
    return new MemoryMeeting(this.#hosts, this.#host);
  }
}
