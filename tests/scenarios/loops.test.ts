import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

const custody = (net: Network): number =>
  net
    .all()
    .filter(({ host }) => net.isRunning(host))
    .reduce((sum, { node }) => sum + (node.metrics.snapshot().gauges.get('custody_messages')?.get('') ?? 0), 0);

const metric = (net: Network, name: string, label = ''): number =>
  net.all().reduce((sum, { node }) => sum + node.metrics.value(name, label), 0);

async function graph(
  seed: string,
  servers: readonly string[],
  links: readonly string[],
  clients: Record<string, string[]>,
): Promise<Network> {
  const net = new Network({ seed, conditions: { latencyMs: 10, jitterMs: 10 } });
  for (const host of servers) await net.server(host);
  for (const host of Object.keys(clients)) await net.client(host);
  for (const pair of links) {
    const [from, to] = pair.split(' ') as [string, string];
    net.link(from, to);
  }
  for (const [host, all] of Object.entries(clients)) for (const server of all) net.link(host, server);
  const hosts = Object.keys(clients);
  await net.world.runUntil(() => hosts.every((a) => hosts.every((b) => a === b || net.reaches(a, b))), { what: 'that all reach all' });
  await net.world.advance(3000);
  return net;
}

describe('split copies that meet again', () => {
  it('in a diamond behind a diamond reach each recipient once, whatever ACKs are lost on the way', async () => {
    // a - s0 <(s1, s2)> s3 <(s4, s5)> s6 - b, c; d hangs between.
    const net = await graph(
      'diamonds',
      ['s0', 's1', 's2', 's3', 's4', 's5', 's6'],
      ['s0 s1', 's0 s2', 's1 s3', 's2 s3', 's3 s4', 's3 s5', 's4 s6', 's5 s6'],
      { a: ['s0'], b: ['s6'], c: ['s6'], d: ['s4', 's2'] },
    );
    const lobby = await net.channel('lobby', 'a', 'b', 'c', 'd');
    // A lost ACK sends a second copy by the other side of a diamond.
    const lossy = net.world.random.fork('acks');
    const mend = net.world.network.onFrame(({ kind, bytes }) =>
      kind === 'message' && Buffer.from(bytes).includes('"msg_type":"ACK"') && lossy.chance(0.3) ? { drop: true } : undefined,
    );
    const texts = Array.from({ length: 60 }, (_, i) => `message ${i}`);
    for (const text of texts) {
      await net.send('a', lobby, text);
      await net.world.advance(200);
    }
    await net.world.runUntil(() => ['b', 'c', 'd'].every((host) => net.texts(host).length >= texts.length), { limitMs: 120_000 });
    mend();
    // Longer than the longest wait before what is held is tried again.
    await net.world.advance(11 * 60_000);
    expect(metric(net, 'duplicates', 'MESSAGE')).toBeGreaterThan(10);
    for (const host of ['b', 'c', 'd']) expect([...net.texts(host)].sort()).toEqual([...texts].sort());
    expect(custody(net)).toBe(0);
    expect(net.errors()).toEqual([]);
  });
});

/** Lies told to each other about where `b` is: each of the three says that it is one hop from it, and is believed. */
function lie(net: Network, loop: readonly string[], target: string): () => void {
  const victim = net.idOf(target);
  return net.world.network.onFrame(({ kind, from, to, bytes }) => {
    if (kind !== 'message' || !loop.includes(from) || !loop.includes(to)) return undefined;
    const text = Buffer.from(bytes).toString();
    if (!text.includes('"msg_type":"ROUTING"')) return undefined;
    const message = JSON.parse(text);
    const nodes = (message.msg_data.nodes as { node_id: string }[]).filter((entry) => entry.node_id !== victim);
    message.msg_data.nodes = [...nodes, { node_id: victim, ttl: 1, latency_ms: 0, reliability: 1 }];
    return { alter: JSON.stringify(message) };
  });
}

describe('a routing loop', () => {
  it.each(['r0', 'r1', 'r2'])('keeps messages until it is broken, though all in it acknowledge, and %s is killed', async (killed) => {
    const net = await graph(`loop ${killed}`, ['r0', 'r1', 'r2', 'exit'], ['r0 r1', 'r1 r2', 'r2 r0', 'exit r2'], {
      a: ['r0'],
      b: ['exit'],
    });
    const lobby = await net.channel('lobby', 'a', 'b');
    await net.world.advance(5000);
    const honest = lie(net, ['r0', 'r1', 'r2'], 'b');
    // The true way ends, and the lie is what is left.
    net.world.network.between('exit', 'r2', { blocked: true });
    net.world.network.breakConnections('exit', 'r2');
    await net.world.advance(35_000);
    const texts = Array.from({ length: 20 }, (_, i) => `message ${i}`);
    for (const text of texts) {
      await net.send('a', lobby, text);
      await net.world.advance(100);
    }
    await net.world.advance(20_000);
    // Each has acknowledged, so the sender is free to go; nobody else has what it said.
    net.crash('a');
    expect(custody(net)).toBeGreaterThan(0);
    net.crash(killed);
    await net.world.advance(5000);
    await net.restart(killed);
    await net.world.advance(30_000);
    honest();
    net.world.network.resetBetween('exit', 'r2');
    await net.world.runUntil(() => net.texts('b').length >= texts.length, { limitMs: 1_200_000, what: 'that all came' });
    await net.world.advance(120_000);
    expect([...net.texts('b')].sort()).toEqual([...texts].sort());
    expect(custody(net)).toBe(0);
  });
});
