import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

/** a - s1 - s2 - s3 - b */
async function line(seed: string): Promise<Network> {
  const net = new Network({ seed, conditions: { latencyMs: 5 } });
  for (const host of ['s1', 's2', 's3']) await net.server(host);
  for (const host of ['a', 'b']) await net.client(host);
  net.link('a', 's1');
  net.link('s1', 's2');
  net.link('s2', 's3');
  net.link('b', 's3');
  await net.world.runUntil(() => net.reaches('a', 'b') && net.reaches('b', 'a'));
  return net;
}

/** `npm run soak` sends ten thousand, and so four times as many are under way when the middle goes down. */
const MESSAGES = process.env.PARLEY_SOAK === undefined ? 2500 : 10_000;
/** From each end. */
const SENDING_MS = 50_000;

describe('a line of three servers with a client at each end', () => {
  it('delivers thousands of messages over 4 hops, in order and once, while the middle server is killed and restarted', async () => {
    const net = await line('line-1');
    const { world } = net;
    const lobby = await net.channel('lobby', 'a', 'b');
    // The middle is down for a while, twice.
    const total = { a: MESSAGES / 2, b: MESSAGES / 2 };
    const sending: Promise<unknown>[] = [];
    for (const host of ['a', 'b'] as const) {
      const { channels: mine } = net.get(host).node;
      for (let i = 0; i < total[host]; i++) {
        world.clock.schedule((i * SENDING_MS) / total[host], () => sending.push(mine.send(lobby, `${host} ${i}`)));
      }
    }
    await world.advance(10_000);
    net.crash('s2');
    await world.advance(7000);
    await net.restart('s2');
    await world.advance(10_000);
    net.crash('s2', { silent: true });
    await world.advance(20_000);
    await net.restart('s2');
    await world.advance(5000);
    const done = (): boolean => net.textsFrom('b', 'a').length >= total.a && net.textsFrom('a', 'b').length >= total.b;
    await world.runUntil(done, { limitMs: 600_000, everyMs: 1000, what: 'that all are there' });
    await world.until(Promise.all(sending));
    await world.advance(120_000);
    for (const [from, to] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      expect(net.textsFrom(to, from)).toEqual(Array.from({ length: total[from] }, (_, i) => `${from} ${i}`));
      expect(net.get(to).gaps).toEqual([]);
      expect(net.get(to).shown.filter((event) => event.late)).toEqual([]);
    }
    expect(net.errors()).toEqual([]);
    for (const host of ['a', 'b', 's1', 's2', 's3']) {
      expect(net.get(host).node.metrics.snapshot().gauges.get('custody_messages')?.get('')).toBe(0);
      expect(await net.stop(host)).toBe(0);
    }
  });
});
