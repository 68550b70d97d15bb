import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

describe('a message by its id', () => {
  it('is found however far back it is, of others as of oneself, and only in its channel', async () => {
    const net = new Network({ seed: 'by id', conditions: { latencyMs: 5 } });
    await net.server('s');
    for (const host of ['a', 'b']) {
      await net.client(host);
      net.link(host, 's');
    }
    const lobby = await net.channel('lobby', 'a', 'b');
    const other = await net.channel('other', 'a', 'b');
    const first = await net.send('a', lobby, 'the first');
    for (let i = 0; i < 1200; i++) await net.send('a', lobby, `and more ${i}`);
    await net.world.runUntil(() => net.texts('b').length === 1201, { limitMs: 120_000 });
    for (const host of ['a', 'b']) {
      const { channels } = net.get(host).node;
      expect((await net.world.until(channels.archive.message(lobby, first.msgId)))?.text).toBe('the first');
      expect(await net.world.until(channels.archive.message(other, first.msgId))).toBeUndefined();
      expect(await net.world.until(channels.archive.message(lobby, '00000000-0000-4000-8000-000000000000'))).toBeUndefined();
    }
  });
});
