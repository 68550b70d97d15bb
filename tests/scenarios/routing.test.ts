import type { Records } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';
import { lineOfTwo } from './lib/places.ts';
import { guid, Stranger } from './lib/stranger.ts';

const NO_RECORDS: Records = { get: () => undefined, find: async () => undefined, contacts: () => [] };

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

  it('with a million entries, in one message or in a thousand, is kept to its bound', async () => {
    const hosts = names('n', 4);
    const net = await servers('million', hosts, ring(4));
    const big = await Stranger.meet(net, 'big', 'n0');
    big.say('ROUTING', { full: true, nodes: Array.from({ length: 15_000 }, (_, i) => ({ node_id: guid(i), ttl: 1 })) });
    await net.world.advance(1000);
    const { metrics } = net.get('n0').node;
    expect(metrics.value('rejections', 'verb-size')).toBe(1);
    const liar = await Stranger.meet(net, 'liar', 'n0');
    for (let at = 0; at < 1_000_000; at += 1000) {
      liar.say('ROUTING', { nodes: Array.from({ length: 1000 }, (_, i) => ({ node_id: guid(at + i), ttl: 1 })) });
      if (at % 10_000 === 0) await net.world.advance(1000);
    }
    await net.world.advance(40_000);
    // What came over the quota of the verb was not even looked at.
    expect(metrics.value('rejections', 'quota-link') + metrics.value('rejections', 'routing-too-many') / 1000).toBeGreaterThan(900);
    for (const a of hosts) {
      for (const b of hosts) if (a !== b) expect(net.reaches(a, b), `${a} ${b}`).toBe(true);
      expect(net.get(a).node.overlay.destinations().length).toBeLessThan(1100);
    }
  });

  it.each([
    ['is passed over in the end, where there are no records: what it takes and drops goes another way', { records: NO_RECORDS }, true],
    ['gets none where the record of their recipient names a neighbour: that is signed', {}, false],
  ] as const)('to draw messages to itself %s', async (_, config, draws) => {
    const { net, lobby } = await lineOfTwo('hole', config);
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
    expect(eaten > 0).toBe(draws);
    await net.world.runUntil(() => net.texts('b').length >= 8, { limitMs: 600_000, what: 'that all came' });
    expect([...net.texts('b')].sort()).toEqual(texts);
  });
});

describe('a neighbour whose routes come and go', () => {
  /** A ring of 6 with a liar at `n0`, who claims what `turn` says, three times a second for a minute and a half. */
  async function flapping(seed: string, turn: (liar: Stranger, step: number) => void) {
    const hosts = names('n', 6);
    const net = await servers(seed, hosts, ring(6));
    const liar = await Stranger.meet(net, 'liar', 'n0');
    await net.world.advance(5000);
    const messages = count(net, 'ROUTING');
    for (let step = 0; step < 270; step++) {
      turn(liar, step);
      await net.world.advance(333);
    }
    return { net, hosts, liar, messages: messages() };
  }

  /** Ways to a node that has left are forgotten, and found again when it is back, as quickly as ever. */
  async function converges(net: Network, hosts: readonly string[]): Promise<void> {
    const others = hosts.filter((host) => host !== 'n3');
    const knows = (host: string): boolean => net.get(host).node.overlay.destinations().includes(net.idOf('n3'));
    const began = net.world.clock.monotonic();
    net.crash('n3');
    await net.world.runUntil(() => !others.some(knows), { limitMs: 60_000, what: 'that it is forgotten' });
    expect(net.world.clock.monotonic() - began).toBeLessThan(12_000);
    await net.world.advance(20_000);
    const back = net.world.clock.monotonic();
    await net.restart('n3');
    await net.world.runUntil(() => others.every((host) => net.reaches(host, 'n3')), { limitMs: 60_000, what: 'that all reach it' });
    expect(net.world.clock.monotonic() - back).toBeLessThan(10_000);
  }

  /** Full tables, twice over each of 6 links in 30 s, for 90 s; what comes beside them is of changes. */
  const FULL = 12 * 4;

  it('one destination: the others hear of few changes, and of where it stands in the end', async () => {
    const turn = (liar: Stranger, step: number): void =>
      liar.say('ROUTING', { nodes: [{ node_id: guid(1), ttl: step % 2 === 0 ? 1 : 33 }] });
    const { net, hosts, liar, messages } = await flapping('flap one', turn);
    // Undamped it is a message for each change over each link.
    expect(messages - 270).toBeLessThan(FULL + 12 * 36);
    liar.say('ROUTING', { nodes: [{ node_id: guid(1), ttl: 1 }] });
    const reached = (host: string): boolean => net.get(host).node.overlay.reaches(guid(1));
    await net.world.runUntil(() => hosts.every(reached), { limitMs: 20_000, what: 'that all reach it' });
    liar.say('ROUTING', { nodes: [{ node_id: guid(1), ttl: 33 }] });
    await net.world.runUntil(() => !hosts.some(reached), { limitMs: 10_000, what: 'that it is forgotten' });
    await converges(net, hosts);
  });

  it('a way that is now near and now far: the same', async () => {
    const target = (net: Network): string => net.idOf('n3');
    let net: Network | undefined;
    const hosts = names('n', 6);
    net = await servers('flap way', hosts, ring(6));
    const liar = await Stranger.meet(net, 'liar', 'n0');
    await net.world.advance(5000);
    const messages = count(net, 'ROUTING');
    for (let step = 0; step < 270; step++) {
      liar.say('ROUTING', { nodes: [{ node_id: target(net), ttl: step % 2 === 0 ? 1 : 9 }] });
      await net.world.advance(333);
    }
    expect(messages() - 270).toBeLessThan(FULL + 12 * 40);
  });

  it('others each time, by the hundred: the others hear of them in few messages, and of no more than a bound', async () => {
    let entries = 0;
    const turn = (liar: Stranger, step: number): void =>
      liar.say('ROUTING', {
        full: true,
        nodes: Array.from({ length: 900 }, (_, i) => ({ node_id: guid(step * 900 + i), ttl: 1 })),
      });
    const hosts = names('n', 6);
    const net = await servers('flap many', hosts, ring(6));
    const liar = await Stranger.meet(net, 'liar', 'n0');
    await net.world.advance(5000);
    net.world.network.onFrame(({ kind, from, bytes }) => {
      if (kind !== 'message' || from !== 'n1') return undefined;
      const message = JSON.parse(Buffer.from(bytes).toString()) as { msg_type: string; msg_data: { full?: boolean; nodes: unknown[] } };
      if (message.msg_type === 'ROUTING' && !message.msg_data.full) entries += message.msg_data.nodes.length;
      return undefined;
    });
    const messages = count(net, 'ROUTING');
    for (let step = 0; step < 270; step++) {
      turn(liar, step);
      await net.world.advance(333);
    }
    // Fewer each way than its 270 turns.
    expect(messages() - 270).toBeLessThan(FULL + 12 * 240);
    // Nine hundred came, and nine hundred went, 270 times.
    expect(entries).toBeLessThan(2 * 2 * 20_000);
    expect(net.get('n0').node.metrics.value('rejections', 'routing-churn')).toBeGreaterThan(100_000);
    await converges(net, hosts);
  });
});
