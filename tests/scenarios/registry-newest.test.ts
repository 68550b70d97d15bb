import { idOf, STORE_PACKET } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';
import { hostOf, registered } from './lib/registry.ts';

const SERVERS = 60;
const K = 4;

/** Servers that have come by one entry point one after the other, and know little of each other yet. */
async function young(seed: string, loss: number): Promise<{ net: Network; hosts: readonly string[] }> {
  const net = new Network({ seed, conditions: { latencyMs: 20, jitterMs: 40, loss } });
  const hosts = Array.from({ length: SERVERS }, (_, i) => hostOf(i + 1));
  for (const [i, host] of hosts.entries()) {
    await net.server(host, { udp: true, registry: { k: K }, neighbours: { maxDials: 0 } });
    if (i > 0) net.link(host, hosts[0] as string);
    if (i % 10 === 9) await net.world.advance(300);
  }
  await net.world.advance(500);
  return { net, hosts };
}

describe('a lookup', () => {
  // A record goes to those who are nearest by what is known then; as the network grows, others are nearer, and the first go on saying what they have.
  it.each([0, 0.03])('gives the newest record though several were put within seconds after a start, at a loss of %d', async (loss) => {
    for (const seed of ['a', 'b']) {
      const { net, hosts } = await young(`newest ${seed}`, loss);
      const { world } = net;
      const put = async (host: string): Promise<number> => net.get(host).node.registry.publishNow();
      await world.until(Promise.all(hosts.map(put)), { limitMs: 60_000 });
      const newest = await world.until(Promise.all(hosts.map(put)), { limitMs: 60_000 });
      const wrong: string[] = [];
      for (let round = 0; round < 3; round++) {
        const gets = hosts.map(async (asker) => {
          const target = world.random.integer(SERVERS);
          const nodeId = net.idOf(hosts[target] as string);
          const found = await net.get(asker).node.registry.find(nodeId, { fresh: true });
          if (found?.seq !== newest[target]) wrong.push(`${seed}: ${asker} finds ${found?.seq} of ${hosts[target]}, not ${newest[target]}`);
        });
        await world.until(Promise.all(gets), { limitMs: 60_000 });
      }
      expect(wrong).toEqual([]);
    }
  });
});

describe('a record that is put', () => {
  it('gets to all of the nearest, though the first packet to each of them is lost', async () => {
    const { net, servers } = await registered('lost', { servers: 12, config: () => ({ registry: { k: K } }) });
    const host = servers[5] as string;
    const nodeId = net.idOf(host);
    const lost = new Set<string>();
    net.world.network.onFrame(({ kind, from, to, bytes }) => {
      if (kind !== 'datagram' || from !== host || bytes[1] !== STORE_PACKET || lost.has(to)) return undefined;
      lost.add(to);
      return { drop: true };
    });
    const seq = await net.world.until(net.get(host).node.registry.publishNow(), { limitMs: 60_000 });
    const target = idOf(nodeId) as Uint8Array;
    const distance = (other: string): string =>
      Buffer.from((idOf(net.idOf(other)) as Uint8Array).map((byte, i) => byte ^ (target[i] as number))).toString('hex');
    const nearest = servers.filter((other) => other !== host).sort((a, b) => (distance(a) < distance(b) ? -1 : 1));
    expect(lost.size).toBe(K);
    for (const holder of nearest.slice(0, K)) expect(net.get(holder).node.registry.get(nodeId)?.seq, holder).toBe(seq);
  });
});
