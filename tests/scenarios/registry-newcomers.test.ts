import { isAnswer, readQuestion, STORE_PACKET } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';
import { hostOf, type Registered, registered } from './lib/registry.ts';
import { UdpStranger } from './lib/udp-stranger.ts';

const MINUTE = 60_000;
const K = 6;

/** Counts records that hosts are given over UDP from now on. */
function given(net: Network): Map<string, number> {
  const counts = new Map<string, number>();
  net.world.network.onFrame(({ kind, to, bytes }) => {
    if (kind === 'datagram' && !isAnswer(bytes) && readQuestion(bytes)?.kind === STORE_PACKET) counts.set(to, (counts.get(to) ?? 0) + 1);
    return undefined;
  });
  return counts;
}

function distance(a: string, b: string): bigint {
  const number = (nodeId: string): bigint => BigInt(`0x${nodeId.replaceAll('-', '')}`);
  return number(a) ^ number(b);
}

/** The hosts nearest to a node, nearest first. */
function nearest({ net }: Registered, nodeId: string, hosts: readonly string[], count: number): string[] {
  const by = (host: string): bigint => distance(net.idOf(host), nodeId);
  return [...hosts].sort((a, b) => (by(a) < by(b) ? -1 : 1)).slice(0, count);
}

const has = (net: Network, host: string, nodeId: string): boolean => net.get(host).node.registry.get(nodeId) !== undefined;

/** More servers, by one that is there already; returns their hosts. */
async function join({ net, servers }: Registered, from: number, count: number, everyMs: number): Promise<string[]> {
  const hosts = Array.from({ length: count }, (_, i) => hostOf(from + i));
  for (const [i, host] of hosts.entries()) {
    await net.server(host, { udp: true, registry: { k: K } });
    net.link(host, servers[i % servers.length] as string);
    await net.world.advance(everyMs);
  }
  return hosts;
}

describe('records, when nearer servers come', () => {
  it('are handed to them at once, and outlive all that had them before', async () => {
    const world = await registered('nearer', { servers: 20, clients: 8, config: () => ({ registry: { k: K } }) });
    const { net, servers, clients } = world;
    const ids = clients.map((host) => net.idOf(host));
    for (const host of clients) net.crash(host);
    const stores = given(net);
    const newcomers = await join(world, 101, 20, 5000);
    await net.world.advance(MINUTE);
    const nearestOf = (id: string): string[] => nearest(world, id, [...servers, ...newcomers], K);
    const lacking = ids.flatMap((id) => nearestOf(id).filter((host) => newcomers.includes(host) && !has(net, host, id)));
    expect(lacking).toEqual([]);
    // By few of those who have it: a newcomer holds records of some of 48 nodes, and is given each by three or a little more.
    for (const host of newcomers) expect(stores.get(host) ?? 0).toBeLessThan(4 * 48);
    const handed = ids.filter((id) => nearestOf(id).some((host) => newcomers.includes(host)));
    expect(handed.length).toBeGreaterThan(clients.length / 2);
    for (const host of servers) net.crash(host, { silent: true });
    const finder = net.get(newcomers[3] as string).node.registry;
    for (const id of handed) {
      const record = await net.world.until(finder.find(id, { fresh: true }), { limitMs: MINUTE });
      expect(record?.nodeId).toBe(id);
    }
  });

  it('are given to nobody who only passes by, and not over and over to whoever comes and goes', async () => {
    const world = await registered('passing', {
      servers: 6,
      clients: 4,
      config: () => ({ registry: { k: K, contactSilentMs: MINUTE } }),
    });
    const { net } = world;
    await net.world.advance(MINUTE);
    const stores = given(net);
    const stranger = await UdpStranger.bind(net, '192.0.2.1');
    const times: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      for (const server of world.servers) await stranger.introduce(server);
      await net.world.advance(MINUTE);
      times.push(stores.get(stranger.host) ?? 0);
      // It is silent until it is given up.
      stranger.answer = () => undefined;
      await net.world.advance(4 * MINUTE);
      stranger.answer = UdpStranger.honest;
    }
    expect(times[0]).toBeGreaterThan(0);
    // Beside what is told anew.
    expect(times[3]).toBeLessThan(2 * (times[0] ?? 0));
    const passer = await UdpStranger.bind(net, '198.51.100.1');
    passer.answer = () => undefined;
    for (const server of world.servers) await passer.introduce(server);
    await net.world.advance(MINUTE);
    expect(stores.get(passer.host) ?? 0).toBeLessThanOrEqual(2 * world.servers.length);
  });
});

describe('servers that come as soon as their entry point does, before it has a record of itself', () => {
  it('get into the table, also those whose place in its own is taken', async () => {
    const { net, servers } = await registered('at once', { servers: 30, config: () => ({ registry: { k: 2 } }) });
    const alone = servers.filter((host) => net.get(host).node.registry.contacts().length === 0);
    expect(alone).toEqual([]);
    expect(net.errors()).toEqual([]);
  });

  it('also when what it gives them is lost', async () => {
    const net = new Network({ seed: 'lost' });
    const servers = Array.from({ length: 12 }, (_, i) => hostOf(i + 1));
    let lost = 0;
    net.world.network.onFrame(({ kind, bytes }) => {
      if (kind !== 'message' || lost > 10 || !Buffer.from(bytes).includes('"msg_type":"RECORDS"')) return undefined;
      lost++;
      return { drop: true };
    });
    for (const [i, host] of servers.entries()) {
      await net.server(host, { udp: true, registry: { k: 1 } });
      if (i > 0) net.link(host, servers[0] as string);
    }
    await net.world.advance(MINUTE);
    expect(lost).toBeGreaterThan(0);
    expect(servers.filter((host) => net.get(host).node.registry.contacts().length === 0)).toEqual([]);
  });
});
