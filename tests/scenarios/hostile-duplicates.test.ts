import { ACK, backoffMs, keepLink, linkDefaults } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { LETTER, LinkLab, NOTE, type Party, type PartyOptions, SHOUT } from './lib/link-lab.ts';

const sides = (a: Party, b: Party): [Party, Party] => (a.identity.nodeId < b.identity.nodeId ? [a, b] : [b, a]);

/** Both dial at once, with ways of different length, and talk as soon as they can. */
async function crossing(seed: string, latencies: { ab: number; ba: number; jitterMs: number }) {
  const lab = new LinkLab(seed);
  const a = await lab.listener('a');
  const b = await lab.listener('b');
  lab.world.network.oneWay('a', 'b', { latencyMs: latencies.ab, jitterMs: latencies.jitterMs });
  lab.world.network.oneWay('b', 'a', { latencyMs: latencies.ba, jitterMs: latencies.jitterMs });
  const said = new Map<Party, number>([
    [a, 0],
    [b, 0],
  ]);
  const speak = (party: Party): void => {
    for (const link of party.links.all()) {
      const number = said.get(party) ?? 0;
      // Floods are what nobody sends again.
      if (link.send(JSON.stringify({ msg_type: 'SHOUT', msg_data: { number }, ttl: 1, flood: true }))) said.set(party, number + 1);
    }
  };
  for (const party of [a, b]) party.links.events.on('up', () => speak(party));
  const settled = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
  const outcomes = Promise.all([settled(lab.dial(a, b)), settled(lab.dial(b, a))]);
  for (let i = 0; i < 80; i++) {
    speak(a);
    speak(b);
    await lab.world.advance(5);
  }
  await lab.world.until(outcomes);
  await lab.world.advance(20_000);
  return { lab, a, b, said };
}

describe('two nodes that dial each other at once', () => {
  it.each([
    ['as far one way as the other', { ab: 20, ba: 20, jitterMs: 0 }],
    ['nearer one way', { ab: 5, ba: 60, jitterMs: 0 }],
    ['nearer the other way', { ab: 60, ba: 5, jitterMs: 0 }],
    ['at random', { ab: 20, ba: 20, jitterMs: 80 }],
    ['at random once more', { ab: 1, ba: 30, jitterMs: 120 }],
  ])('keep one link, the one that the lower id dialled, and lose nothing: %s', async (name, latencies) => {
    const { lab, a, b, said } = await crossing(`crossing ${name}`, latencies);
    const [lower, higher] = sides(a, b);
    expect([lower.links.size, higher.links.size]).toEqual([1, 1]);
    expect(lower.links.all()[0]?.connection.dialled).toBe(true);
    expect(higher.links.all()[0]?.connection.dialled).toBe(false);
    expect(lab.world.network.connections('a', 'b')).toHaveLength(1);
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const numbers = to.heard.map(({ data }) => data.number as number).sort((x, y) => x - y);
      expect(numbers).toEqual(Array.from({ length: said.get(from) ?? 0 }, (_, i) => i));
      expect(numbers.length).toBeGreaterThan(10);
    }
    for (const party of [a, b]) expect(party.metrics.snapshot().counters.get('rejections')).toBeUndefined();
  });
});

describe('two links dialled by the same side', () => {
  it('the newer stays, and a link that lost its other end does not keep it out', async () => {
    const lab = new LinkLab('newer-1', { network: { stallTimeoutMs: 3_600_000 } });
    const server = await lab.listener('s');
    const client = await lab.party('c');
    await lab.linked(client, server);
    lab.world.crash('c', { silent: true });
    const again = await lab.party('c2', { as: 'c' });
    await lab.world.until(lab.dial(again, server));
    await lab.world.advance(1000);
    expect(server.links.all().map((link) => link.connection.remoteAddress.split(':')[0])).toEqual(['c2']);
    expect(server.downs.map(({ replaced }) => replaced)).toEqual([true]);
    await lab.world.advance(60_000);
    expect(lab.world.network.connections('c')).toHaveLength(0);
    expect(server.links.size).toBe(1);
  });

  it('while the older is given up, what was said on it is taken, but for what concerns the link alone', async () => {
    const lab = new LinkLab('newer-2');
    const server = await lab.listener('s');
    const old = await lab.neighbour('p', server);
    const other = await lab.puppet('q', server, { as: 'p' });
    other.hello();
    await lab.world.runUntil(() => old.heard('BYE').length === 1);
    old.say(LETTER, { number: 1 });
    old.say(SHOUT, { number: 2 }, { flood: true });
    old.say(NOTE, { number: 3 });
    old.say(ACK, { node_id: old.identity.nodeId, msg_id: old.identity.nodeId });
    old.say('BYE', { reason: 'replaced' });
    old.say(LETTER, { number: 4 });
    await lab.world.runUntil(() => old.ended);
    expect(server.heard.map(({ data }) => data.number)).toEqual([1, 2]);
    expect(old.heard('BYE')).toEqual([{ reason: 'replaced' }]);
    expect(server.links.size).toBe(1);
    expect(server.ups).toHaveLength(2);
  });

  it('one that goes on talking on the older is cut off', async () => {
    const lab = new LinkLab('newer-3');
    const server = await lab.listener('s');
    const old = await lab.neighbour('p', server);
    const other = await lab.puppet('q', server, { as: 'p' });
    other.hello();
    await lab.world.advance(12_000);
    expect(old.ended).toBe(true);
    expect(other.ended).toBe(false);
  });

  it('a ban that the older earns ends the newer too', async () => {
    const lab = new LinkLab('newer-4');
    const server = await lab.listener('s');
    const old = await lab.neighbour('p', server);
    const other = await lab.puppet('q', server, { as: 'p' });
    other.hello();
    await lab.world.runUntil(() => old.heard('BYE').length === 1);
    for (let i = 0; i < 30; i++) old.raw('{');
    await lab.world.runUntil(() => old.ended && other.ended);
    expect(other.heard('BYE')).toEqual([{ reason: 'banned' }]);
    expect(server.links.size).toBe(0);
  });
});

describe('two links that the same side dialled at the same instant', () => {
  /** `a` dials twice at once, and frames of one way or the other are late on the connection of this place. */
  async function twice(seed: string, late: { from: string; place: 0 | 1; ms: number }[], options: PartyOptions = {}) {
    const lab = new LinkLab(seed);
    const a = await lab.party('a', options);
    const b = await lab.listener('b', options);
    const connections: number[] = [];
    lab.world.network.onFrame(({ from, connection }) => {
      if (!connections.includes(connection)) connections.push(connection);
      const delay = late.find((entry) => entry.from === from && connections[entry.place] === connection);
      return delay && { delayMs: delay.ms };
    });
    const settled = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
    const outcomes = Promise.all([settled(lab.dial(a, b)), settled(lab.dial(a, b))]);
    await lab.world.advance(2000);
    await lab.world.until(outcomes);
    await lab.world.advance(20_000);
    return { lab, a, b };
  }

  it.each([
    ['the first HELLO is late', [{ from: 'a', place: 0, ms: 50 }]],
    ['the second HELLO is late', [{ from: 'a', place: 1, ms: 50 }]],
    ['the answer on the first is late', [{ from: 'b', place: 0, ms: 50 }]],
    ['the answer on the second is late', [{ from: 'b', place: 1, ms: 50 }]],
    [
      'one way on one, the other way on the other',
      [
        { from: 'a', place: 0, ms: 50 },
        { from: 'b', place: 1, ms: 70 },
      ],
    ],
    ['nothing is late', []],
  ] as const)('come down to one, the same at both ends: %s', async (name, late) => {
    for (const proof of [false, true]) {
      const { lab, a, b } = await twice(`instant ${name} ${proof}`, [...late], { proof });
      expect([a.links.size, b.links.size]).toEqual([1, 1]);
      expect(lab.world.network.connections('a', 'b')).toHaveLength(1);
      // What one says on it the other hears.
      a.links.all()[0]?.say(NOTE, { number: 1 });
      b.links.all()[0]?.say(NOTE, { number: 2 });
      await lab.world.advance(1000);
      expect([...a.heard, ...b.heard].map(({ data }) => data.number)).toEqual([2, 1]);
      for (const party of [a, b]) expect(party.metrics.snapshot().counters.get('rejections')).toBeUndefined();
    }
  });
});

describe('dialling again', () => {
  it('waits longer each time, up to a bound, and never twice the same', () => {
    const config = { redialMinMs: 500, redialMaxMs: 60_000 };
    const waits = Array.from({ length: 30 }, (_, failures) => [backoffMs(failures, config, 0), backoffMs(failures, config, 0.999)]);
    for (const [index, [least = 0, most = 0]] of waits.entries()) {
      expect(most).toBeLessThanOrEqual(60_000);
      expect(least).toBeGreaterThan(0);
      expect(most / least).toBeCloseTo(2, 1);
      if (index > 0) expect(least).toBeGreaterThanOrEqual(waits[index - 1]?.[0] ?? 0);
    }
    expect(waits[0]?.[1]).toBeLessThan(501);
    expect(backoffMs(2000, config, 0.5)).toBe(45_000);
  });

  it('spreads those who lost the same server over time, and stops when told', async () => {
    const lab = new LinkLab('redial-1');
    const server = await lab.listener('s');
    const clients: Party[] = [];
    const kept: { close(): Promise<void> }[] = [];
    for (let i = 0; i < 20; i++) {
      const client = await lab.party(`c${i}`);
      clients.push(client);
      kept.push(keepLink({ links: client.links, ...client.ports }, linkDefaults, { transport: 'memory', address: 's:4000' }));
    }
    await lab.world.runUntil(() => server.links.size === 20);
    await lab.world.advance(60_000);
    lab.world.crash('s');
    await lab.world.advance(30_000);
    const back = await lab.listener('s');
    const began = lab.world.clock.monotonic();
    const cameAt: number[] = [];
    back.links.events.on('up', () => cameAt.push(lab.world.clock.monotonic() - began));
    await lab.world.runUntil(() => back.links.size === 20, { limitMs: 70_000 });
    expect(new Set(cameAt.map((ms) => Math.floor(ms / 500))).size).toBeGreaterThan(10);
    await lab.world.until(Promise.all(kept.map((one) => one.close())));
    lab.world.crash('s');
    await lab.world.advance(300_000);
    for (const client of clients) {
      expect(client.links.size).toBe(0);
      await lab.world.until(client.links.shutdown());
      expect(lab.world.stopped(client.host)).toBe(0);
    }
  });

  it('rests while another link with the same node stands', async () => {
    const lab = new LinkLab('redial-2');
    const a = await lab.listener('a');
    const b = await lab.listener('b');
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      keepLink({ links: from.links, ...from.ports }, linkDefaults, { transport: 'memory', address: `${to.host}:4000` });
    }
    await lab.world.advance(10 * 60_000);
    expect([a.links.size, b.links.size]).toEqual([1, 1]);
    expect(lab.world.network.counters.connections).toBeLessThanOrEqual(4);
  });
});
