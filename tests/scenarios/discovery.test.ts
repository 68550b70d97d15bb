import { LAN_GROUP } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network, type ParticipantConfig } from './lib/network.ts';

/** Nodes that listen and look for each other on one local network. */
async function lan(seed: string, hosts: readonly string[], config: ParticipantConfig = {}): Promise<Network> {
  const net = new Network({ seed, conditions: { latencyMs: 1 } });
  net.world.network.lan(...hosts);
  for (const host of hosts) await arrive(net, host, config);
  return net;
}

async function arrive(net: Network, host: string, config: ParticipantConfig = {}): Promise<void> {
  const { node } = await net.add(host, { listen: true, ...config });
  expect(await net.world.until(node.discovery.start('memory', `${host}:4000`))).toBe(true);
}

const links = (net: Network, host: string): number => net.get(host).node.links.size;
const dialled = (net: Network, host: string): number =>
  net
    .get(host)
    .node.links.all()
    .filter(({ connection }) => connection.dialled).length;

/** Whether every node reaches every other one. */
const whole = (net: Network, hosts: readonly string[]): boolean => hosts.every((a) => hosts.every((b) => net.reaches(a, b)));

/** Somebody on the local network who says what it wants, in the name of `host`. */
async function sender(net: Network, host: string) {
  const ports = net.world.ports(host, { tables: [] });
  const group = await net.world.until(ports.multicast.join(LAN_GROUP, host));
  const packets: Uint8Array[] = [];
  group.onPacket((packet) => packets.push(packet));
  return { send: (packet: Uint8Array) => group.send(packet), packets };
}

describe('discovery on a local network', () => {
  it('brings two nodes together that know nothing of each other, by one link', async () => {
    const net = await lan('two', ['ann', 'ben']);
    await net.world.runUntil(() => net.reaches('ann', 'ben') && net.reaches('ben', 'ann'), { limitMs: 10_000 });
    const channel = await net.channel('lobby', 'ann', 'ben');
    await net.send('ann', channel, 'anybody here?');
    await net.world.runUntil(() => net.texts('ben').includes('anybody here?'), { limitMs: 10_000 });
    await net.world.advance(5 * 60_000);
    expect([links(net, 'ann'), links(net, 'ben')]).toEqual([1, 1]);
    const opened = net.get('ann').node.metrics.value('links_opened', 'memory');
    expect(opened).toBe(1);
  });

  it('answers newcomers at once, and finds who comes back', async () => {
    const net = await lan('newcomer', ['ann']);
    await net.world.advance(10 * 60_000);
    net.world.network.lan('ann', 'ben');
    await arrive(net, 'ben');
    await net.world.runUntil(() => net.reaches('ben', 'ann'), { limitMs: 5000 });
    net.crash('ben');
    await net.world.runUntil(() => links(net, 'ann') === 0, { limitMs: 60_000 });
    await net.restart('ben');
    await net.world.until(net.get('ben').node.discovery.start('memory', 'ben:4000'));
    await net.world.runUntil(() => net.reaches('ben', 'ann'), { limitMs: 60_000 });
  });

  it('stays on its network', async () => {
    const net = new Network({ seed: 'networks' });
    net.world.network.lan('ann', 'ben');
    net.world.network.lan('cas', 'dan');
    for (const host of ['ann', 'ben', 'cas', 'dan']) await arrive(net, host);
    await net.world.advance(120_000);
    expect(net.reaches('ann', 'ben') && net.reaches('cas', 'dan')).toBe(true);
    expect(net.reaches('ann', 'cas')).toBe(false);
  });

  it('joins a crowd without a storm: few links each, few packets, one network', async () => {
    const hosts = Array.from({ length: 16 }, (_, i) => `n${i}`);
    const net = await lan('crowd', hosts, { discovery: { maxLinks: 4 } });
    await net.world.runUntil(() => whole(net, hosts), { limitMs: 120_000, what: 'that all reach all' });
    await net.world.advance(60_000);
    for (const host of hosts) expect(dialled(net, host), host).toBeLessThanOrEqual(4);
    const opened = hosts.reduce((sum, host) => sum + net.get(host).node.metrics.value('links_opened', 'memory'), 0);
    // Each link is opened at two ends; what came of a race is gone again.
    expect(opened / 2).toBeLessThanOrEqual(hosts.length * 4 * 1.1);
    const before = net.world.network.counters.datagrams;
    const minutes = 5;
    await net.world.advance(minutes * 60_000);
    const announced = (net.world.network.counters.datagrams - before) / hosts.length;
    // Each to all others, every half minute or somewhat more often.
    expect(announced).toBeLessThanOrEqual((minutes * 60 * (hosts.length - 1)) / 30 / 0.5);
  });

  it('is not moved by noise, forgeries, replays or a wrong clock, and counts them', async () => {
    const net = await lan('noise', ['ann', 'ben']);
    const evil = await sender(net, 'mallory');
    net.world.network.lan('ann', 'ben', 'mallory');
    await net.world.runUntil(() => evil.packets.length > 0 && net.reaches('ann', 'ben'), { limitMs: 60_000 });
    const [heard] = evil.packets;
    if (!heard) throw new Error('nothing was heard');
    const { metrics } = net.get('ann').node;
    for (const packet of [new Uint8Array(0), Uint8Array.of(0xc1), heard.subarray(0, 100), new Uint8Array(1200).fill(0xc1)])
      evil.send(packet);
    const alien = await net.identity('cas');
    const forged = new Uint8Array(heard);
    forged.set(alien.publicKey, 16);
    evil.send(forged);
    const late = new Uint8Array(forged);
    new DataView(late.buffer).setBigUint64(8, 5n);
    evil.send(late);
    // Of those who are linked: said again by a stranger it changes nothing.
    for (let i = 0; i < 100; i++) evil.send(heard);
    await net.world.advance(10_000);
    expect(metrics.value('rejections', 'lan-malformed')).toBe(4);
    expect(metrics.value('rejections', 'lan-signature')).toBe(1);
    expect(metrics.value('rejections', 'lan-time')).toBe(1);
    expect(metrics.value('lan', 'failed')).toBe(0);
    expect(links(net, 'ann')).toBe(1);
    expect(net.errors()).toEqual([]);
  });

  it('spends little on a sender of many keys', async () => {
    const net = await lan('many keys', ['ann']);
    const evil = await sender(net, 'mallory');
    net.world.network.lan('ann', 'mallory');
    const { metrics } = net.get('ann').node;
    for (let i = 0; i < 300; i++) {
      const packet = new Uint8Array(112);
      packet.set([0xc1, 1, 0, 0, 0x12, 0x34]);
      new DataView(packet.buffer).setBigUint64(8, BigInt(net.get('ann').ports.clock.now()));
      packet.set(net.world.random.bytes(32), 16);
      evil.send(packet);
    }
    await net.world.advance(1000);
    expect(metrics.value('rejections', 'lan-signature')).toBe(20);
    expect(metrics.value('rejections', 'lan-quota')).toBe(280);
  });

  it('backs off from a node that cannot be reached', async () => {
    const net = new Network({ seed: 'unreachable' });
    net.world.network.lan('ann', 'ben');
    await arrive(net, 'ann');
    // It announces a port on which nobody listens.
    const { node } = await net.add('ben', {});
    await net.world.until(node.discovery.start('memory', 'ben:4999'));
    // And its own dials do not get through either.
    const off = net.world.network.onFrame(({ kind, from }) => (kind === 'message' && from === 'ben' ? { break: true } : undefined));
    await net.world.advance(60 * 60_000);
    off();
    const failed = net.get('ann').node.metrics.value('lan', 'failed');
    expect(failed).toBeGreaterThan(3);
    expect(failed).toBeLessThan(30);
  });

  it('does nothing for a listener on loopback, and ends with the node', async () => {
    const net = new Network({ seed: 'end' });
    const { node } = await net.add('ann', { listen: true });
    expect(await net.world.until(node.discovery.start('memory', '127.0.0.1:4000'))).toBe(false);
    expect(await net.world.until(node.discovery.start('memory', 'ann:4000'))).toBe(true);
    await expect(net.world.until(node.discovery.start('memory', 'ann:4000'))).rejects.toMatchObject({ code: 'conflict' });
    await net.world.advance(1000);
    expect(await net.stop('ann')).toBe(0);
  });

  it.each(['0.0.0.0:4000', '[::]:4000', '192.168.0.7:4000'])('begins for a listener at %s', async (address) => {
    const net = new Network({ seed: 'everywhere' });
    const { node } = await net.add('ann', { listen: true });
    expect(await net.world.until(node.discovery.start('memory', address))).toBe(true);
  });
});
