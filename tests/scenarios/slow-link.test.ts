import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

const acks = (net: Network, outcome: string): number => net.get('a').node.metrics.value('acks', outcome);

/** Ann has two servers, and Ben is behind either. */
async function twoWays(seed: string): Promise<{ net: Network; lobby: string }> {
  const net = new Network({ seed });
  for (const server of ['s', 't']) await net.server(server);
  for (const host of ['a', 'b']) {
    await net.client(host);
    for (const server of ['s', 't']) net.link(host, server);
  }
  await net.world.runUntil(() => net.reaches('a', 'b') && net.reaches('b', 'a'));
  return { net, lobby: await net.channel('lobby', 'a', 'b') };
}

describe('a link on which an ACK takes longer than two seconds', () => {
  it('is learnt to be slow: what goes by it is not sent by the other as well', async () => {
    const { net, lobby } = await twoWays('slow-1');
    for (const server of ['s', 't']) net.world.network.between('a', server, { latencyMs: 1400 });
    // So long it takes at most until each has been measured.
    for (let i = 0; i < 4; i++) {
      await net.send('a', lobby, `first ${i}`);
      await net.world.advance(30_000);
    }
    expect(acks(net, 'missing')).toBeGreaterThan(0);
    const before = { missing: acks(net, 'missing'), late: acks(net, 'late') };
    const texts = Array.from({ length: 10 }, (_, i) => `then ${i}`);
    for (const text of texts) {
      await net.send('a', lobby, text);
      await net.world.advance(30_000);
    }
    expect({ missing: acks(net, 'missing'), late: acks(net, 'late') }).toEqual(before);
    expect(net.textsFrom('b', 'a').slice(-10)).toEqual(texts);
  });

  it('is left all the same when nothing comes by it any more', async () => {
    const { net, lobby } = await twoWays('slow-2');
    for (const server of ['s', 't']) net.world.network.between('a', server, { latencyMs: 1400 });
    for (let i = 0; i < 4; i++) {
      await net.send('a', lobby, `first ${i}`);
      await net.world.advance(30_000);
    }
    net.crash('s', { silent: true });
    await net.send('a', lobby, 'is one of them left?');
    await net.world.advance(20_000);
    expect(net.textsFrom('b', 'a')).toContain('is one of them left?');
  });
});
