import { type Datagrams, type DatagramTransport, MAX_DATAGRAM_BYTES, ParleyError } from '@parley/core';
import type { Hosts } from './dial.ts';
import { type PacketReceiver, parseAddress, type SimHost } from './host.ts';

/** How long a packet that is to be overtaken is held back, at most. */
const OVERTAKEN_MS = 50;

/** Packets of one process on a simulated host. */
export class MemoryDatagrams implements DatagramTransport {
  readonly #hosts: Hosts;
  readonly #host: SimHost;
  readonly #life: number;

  constructor(hosts: Hosts, host: SimHost) {
    this.#hosts = hosts;
    this.#host = host;
    this.#life = host.life;
  }

  async bind(address: string): Promise<Datagrams> {
    const host = this.#host;
    if (host.life !== this.#life) throw new ParleyError('closed', `${host.name} crashed`);
    const port = host.claim(address, host.packets);
    let handler: PacketReceiver | undefined;
    const receive: PacketReceiver = (packet, from) => handler?.(packet, from);
    const open = (): boolean => host.packets.get(port) === receive;
    host.packets.set(port, receive);
    const own = `${host.name}:${port}`;
    return {
      address: own,
      send: (to, packet) => {
        if (packet.length > MAX_DATAGRAM_BYTES) {
          throw new ParleyError('too-large', `a packet of ${packet.length} bytes`, { data: { limit: MAX_DATAGRAM_BYTES } });
        }
        const target = parseAddress(to);
        if (target.port === 0) throw new ParleyError('bad-argument', `not an address to send to: ${to}`);
        if (open()) this.#send(own, target, new Uint8Array(packet));
      },
      onPacket: (receiver) => {
        handler = receiver;
      },
      close: async () => {
        if (open()) host.packets.delete(port);
      },
    };
  }

  #send(from: string, to: { host: string; port: number }, packet: Uint8Array<ArrayBuffer>): void {
    const { fabric } = this.#hosts;
    const { host: name, port } = to;
    const { conditions, random, counters, clock } = fabric;
    const { latencyMs, jitterMs, loss, reorder, duplicate } = conditions.between(this.#host.name, name);
    counters.datagrams++;
    if (random.chance(loss) || !conditions.reachable(this.#host.name, name)) {
      counters.dropped++;
      return;
    }
    const passed = fabric.taps.pass({
      kind: 'datagram',
      from: this.#host.name,
      to: name,
      fromAddress: from,
      toAddress: `${name}:${port}`,
      connection: 0,
      transfer: 0,
      bytes: packet,
      at: clock.monotonic(),
    });
    const copies = passed.copies * (random.chance(duplicate) ? 2 : 1);
    if (copies === 0) counters.dropped++;
    for (let copy = 0; copy < copies; copy++) {
      const held = random.chance(reorder) ? OVERTAKEN_MS * random.number() : 0;
      const jitter = jitterMs === 0 ? 0 : jitterMs * random.number();
      clock.schedule(latencyMs + jitter + held + passed.delayMs, () => {
        if (!conditions.reachable(this.#host.name, name)) return;
        this.#hosts.find(name)?.packets.get(port)?.(copies === 1 ? passed.bytes : new Uint8Array(passed.bytes), from);
      });
    }
  }
}
