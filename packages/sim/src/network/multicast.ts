import { MAX_DATAGRAM_BYTES, type Multicast, type MulticastGroup, type MulticastTransport, ParleyError } from '@parley/core';
import type { Hosts } from './dial.ts';
import type { SimHost } from './host.ts';

/** Reaches the other hosts of a local network (see `MemoryNetwork.lan`), and this one. */
export class MemoryMulticast implements MulticastTransport {
  readonly #hosts: Hosts;
  readonly #host: SimHost;
  readonly #life: number;

  constructor(hosts: Hosts, host: SimHost) {
    this.#hosts = hosts;
    this.#host = host;
    this.#life = host.life;
  }

  async join(group: MulticastGroup): Promise<Multicast> {
    const host = this.#host;
    if (host.life !== this.#life) throw new ParleyError('closed', `${host.name} crashed`);
    let handler: ((packet: Uint8Array, from: string) => void) | undefined;
    const receive = (packet: Uint8Array, from: string): void => handler?.(packet, from);
    const key = `${group.ipv4}:${group.port}`;
    const members = host.groups.get(key) ?? new Set();
    host.groups.set(key, members.add(receive));
    const from = `${host.name}:${host.ephemeralPort()}`;
    return {
      send: (packet) => {
        if (packet.length > MAX_DATAGRAM_BYTES) throw new ParleyError('too-large', `a packet of ${packet.length} bytes`);
        if (members.has(receive)) this.#send(from, key, new Uint8Array(packet));
      },
      onPacket: (receiver) => {
        handler = receiver;
      },
      close: async () => {
        members.delete(receive);
      },
    };
  }

  #send(from: string, group: string, packet: Uint8Array<ArrayBuffer>): void {
    const { fabric } = this.#hosts;
    const { conditions, random, counters, clock } = fabric;
    const self = this.#host.name;
    for (const to of conditions.sameLan(self)) {
      const { latencyMs, jitterMs, loss } = conditions.between(self, to);
      counters.datagrams++;
      if (random.chance(loss) || !conditions.reachable(self, to)) {
        counters.dropped++;
        continue;
      }
      const jitter = jitterMs === 0 ? 0 : jitterMs * random.number();
      clock.schedule(latencyMs + jitter, () => {
        for (const receive of this.#hosts.find(to)?.groups.get(group) ?? []) receive(new Uint8Array(packet), from);
      });
    }
  }
}
