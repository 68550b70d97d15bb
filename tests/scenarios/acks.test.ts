import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

describe('a stream of messages', () => {
  it('is acknowledged together, at each hop, and nobody holds or says any of it again', async () => {
    const net = new Network({ seed: 'acks together' });
    await net.server('s');
    for (const host of ['a', 'b']) {
      await net.client(host);
      net.link(host, 's');
    }
    await net.world.runUntil(() => net.reaches('a', 'b') && net.reaches('b', 'a'));
    const lobby = await net.channel('lobby', 'a', 'b');
    await net.world.advance(5000);
    const trouble = (): number[] =>
      net
        .all()
        .flatMap(({ node: { metrics } }) => [
          metrics.value('acks', 'missing'),
          metrics.value('acks', 'late'),
          metrics.value('duplicates', 'MESSAGE'),
        ]);
    const before = trouble();
    const acks: string[] = [];
    net.world.network.onFrame(({ kind, from, to, bytes }) => {
      if (kind === 'message' && Buffer.from(bytes).includes('"msg_type":"ACK"')) acks.push(`${from} ${to}`);
      return undefined;
    });
    const texts = Array.from({ length: 300 }, (_, i) => `message ${i}`);
    await net.world.until(Promise.all(texts.map((text) => net.get('a').node.channels.send(lobby, text))));
    await net.world.advance(10_000);
    expect(net.textsFrom('b', 'a')).toEqual(texts);
    // No more than 257 are in one.
    for (const hop of ['s a', 'b s']) {
      const count = acks.filter((way) => way === hop).length;
      expect(count).toBeGreaterThanOrEqual(2);
      expect(count).toBeLessThan(texts.length / 10);
    }
    expect(trouble()).toEqual(before);
    for (const { node } of net.all()) expect(node.metrics.snapshot().gauges.get('custody_messages')?.get('')).toBe(0);
  });
});
