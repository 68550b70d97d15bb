import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

const names = (letter: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${letter}${i}`);

async function servers(seed: string, hosts: readonly string[], pairs: readonly (readonly [number, number])[]): Promise<Network> {
  const net = new Network({ seed });
  for (const host of hosts) await net.server(host);
  for (const [a, b] of pairs) net.link(`${hosts[a]}`, `${hosts[b]}`);
  await net.world.runUntil(() => hosts.every((a) => hosts.every((b) => a === b || net.reaches(a, b))), { what: 'that all reach all' });
  await net.world.advance(5000);
  return net;
}

/** Counts messages of a verb on the wire from now on. */
function count(net: Network, verb: string): () => number {
  let found = 0;
  net.world.network.onFrame(({ kind, bytes }) => {
    if (kind === 'message' && Buffer.from(bytes).includes(`"msg_type":"${verb}"`)) found++;
    return undefined;
  });
  return () => found;
}

const ring = (size: number) => Array.from({ length: size }, (_, i) => [i, (i + 1) % size] as const);

function random(net: Network, size: number, chords: number): (readonly [number, number])[] {
  const pairs = new Map<string, readonly [number, number]>();
  for (let i = 1; i < size; i++) {
    const j = net.world.random.integer(i);
    pairs.set(`${j} ${i}`, [i, j]);
  }
  while (pairs.size < size - 1 + chords) {
    const [a, b] = [net.world.random.integer(size), net.world.random.integer(size)];
    if (a < b) pairs.set(`${a} ${b}`, [a, b]);
  }
  return [...pairs.values()];
}

describe('when a node leaves', () => {
  it.each([
    ['a ring of 12', 12, ring(12)],
    ['a random graph of 30', 30, random(new Network({ seed: 'graph' }), 30, 20)],
  ] as const)('all others in %s forget the way to it within a dozen seconds, with few messages', async (what, size, pairs) => {
    const hosts = names('n', size);
    const net = await servers(`leave ${what}`, hosts, pairs);
    const leaver = net.idOf('n5');
    const others = hosts.filter((host) => host !== 'n5');
    const messages = count(net, 'ROUTING');
    const startedAt = net.world.clock.monotonic();
    net.crash('n5');
    await net.world.runUntil(() => others.every((host) => !net.get(host).node.overlay.destinations().includes(leaver)), {
      limitMs: 60_000,
      what: 'that it is forgotten',
    });
    expect(net.world.clock.monotonic() - startedAt).toBeLessThan(12_000);
    expect(messages()).toBeGreaterThan(0);
    expect(messages()).toBeLessThan(pairs.length * 20);
    // It stays forgotten.
    await net.world.advance(120_000);
    for (const host of others) expect(net.reaches(host, 'n5')).toBe(false);
  });

  it('and comes back, it is found at once; and a link that comes back is used again', async () => {
    const hosts = names('n', 6);
    const net = await servers('back', hosts, ring(6));
    net.crash('n0');
    await net.world.advance(30_000);
    const startedAt = net.world.clock.monotonic();
    await net.restart('n0');
    await net.world.runUntil(() => net.reaches('n3', 'n0'));
    // Its neighbours dial again after a second or two.
    expect(net.world.clock.monotonic() - startedAt).toBeLessThan(10_000);
    await net.world.advance(10_000);
    expect(net.get('n1').node.overlay.paths(net.idOf('n2'))[0]).toMatchObject({ hops: 1 });
    net.world.network.between('n1', 'n2', { blocked: true });
    net.world.network.breakConnections('n1', 'n2');
    await net.world.runUntil(() => net.get('n1').node.overlay.paths(net.idOf('n2'))[0]?.hops === 5, { what: 'the long way round' });
    net.world.network.resetBetween('n1', 'n2');
    await net.world.runUntil(() => net.get('n1').node.overlay.paths(net.idOf('n2'))[0]?.hops === 1, {
      limitMs: 120_000,
      what: 'the short way',
    });
  });
});

describe('a neighbour that forges routes', () => {
  it('with 10,000 entries leaves real routes and known nodes as they are, and memory bounded', async () => {
    const hosts = names('n', 8);
    const net = await servers('forged', hosts, ring(8));
    const liar = await Stranger.meet(net, 'liar', 'n0');
    // Forged nodes seem nearer than most real ones.
    for (let at = 0; at < 10_000; at += 1000) {
      liar.say('ROUTING', { nodes: Array.from({ length: 1000 }, (_, i) => ({ node_id: guid(at + i), ttl: 1 })) });
      await net.world.advance(200);
    }
    // Through two rounds of full tables.
    await net.world.advance(70_000);
    for (const a of hosts) {
      for (const b of hosts) if (a !== b) expect(net.reaches(a, b), `${a} ${b}`).toBe(true);
      expect(net.get(a).node.overlay.destinations().length).toBeLessThan(2100);
    }
    expect(net.get('n0').node.metrics.value('rejections', 'routing-too-many')).toBeGreaterThan(8000);
    // And still after a real node came back, which has to find room among them.
    net.crash('n4');
    await net.world.advance(20_000);
    await net.restart('n4');
    await net.world.runUntil(() => hosts.every((host) => host === 'n4' || net.reaches(host, 'n4')), {
      limitMs: 60_000,
      what: 'that all reach it',
    });
  });

  it('to draw messages to itself is passed over in the end: what it takes and drops goes another way', async () => {
    const net = new Network({ seed: 'hole' });
    for (const host of ['s1', 's2']) await net.server(host);
    for (const [host, server] of [
      ['a', 's1'],
      ['b', 's2'],
    ] as const) {
      await net.client(host);
      net.link(host, server);
    }
    net.link('s1', 's2');
    await net.world.runUntil(() => net.reaches('a', 'b') && net.reaches('b', 'a'));
    const lobby = await net.channel('lobby', 'a', 'b');
    const liar = await Stranger.meet(net, 'liar', 's1');
    let eaten = 0;
    liar.onMessage = (message) => {
      if (message.msg_type === 'MESSAGE') eaten++;
      liar.acknowledge(message);
    };
    // As near as the true way, and quicker.
    liar.say('ROUTING', { nodes: [{ node_id: net.idOf('b'), ttl: 1, latency_ms: 0, reliability: 1 }] });
    net.world.network.between('s1', 's2', { latencyMs: 80 });
    await net.world.advance(5000);
    const texts = Array.from({ length: 8 }, (_, i) => `message ${i}`);
    for (const text of texts) {
      await net.send('a', lobby, text);
      await net.world.advance(1000);
    }
    expect(eaten).toBeGreaterThan(0);
    await net.world.runUntil(() => net.texts('b').length >= 8, { limitMs: 600_000, what: 'that all came' });
    expect([...net.texts('b')].sort()).toEqual(texts);
  });
});
