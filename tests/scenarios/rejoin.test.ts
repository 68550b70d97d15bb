import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

const rejoin = (net: Network, host: string) => net.world.until(net.get(host).node.rejoin.start());
const links = (net: Network, host: string): number => net.get(host).node.links.size;
const addresses = (net: Network, host: string): string[] =>
  net
    .get(host)
    .node.rejoin.addresses()
    .map(({ address }) => address);

/** Three servers in a line, `s1` to `s3`, and a client `ann` at the first; everybody remembers. */
async function small(seed: string): Promise<Network> {
  const net = new Network({ seed });
  for (const host of ['s1', 's2', 's3']) await net.server(host);
  await net.client('ann');
  for (const host of ['s1', 's2', 's3', 'ann']) await rejoin(net, host);
  // Given once: not the helper's way, which gives it at each start.
  net.get('s1').node.connect('memory', 's2:4000');
  net.get('s2').node.connect('memory', 's3:4000');
  net.get('ann').node.connect('memory', 's1:4000');
  await net.world.runUntil(() => net.reaches('ann', 's3') && net.reaches('s3', 'ann'), { limitMs: 60_000 });
  await net.world.advance(1000);
  return net;
}

async function again(net: Network, host: string): Promise<void> {
  await net.restart(host);
  await rejoin(net, host);
}

describe('going back to whom one knew', () => {
  it('needs no entry point after the first time, for a client and for a server', async () => {
    const net = await small('again');
    expect(addresses(net, 'ann')).toEqual(['s1:4000']);
    net.crash('ann');
    await again(net, 'ann');
    await net.world.runUntil(() => net.reaches('ann', 's3'), { limitMs: 30_000 });
    net.crash('s2');
    await net.world.advance(60_000);
    expect(net.reaches('ann', 's3')).toBe(false);
    await again(net, 's2');
    await net.world.runUntil(() => net.reaches('ann', 's3'), {
      limitMs: 60_000,
      what: 'that the second server is back between the others',
    });
    expect(net.errors()).toEqual([]);
  });

  it('lets one that was only dialled go back too: its neighbours said where they listen', async () => {
    const net = await small('listens');
    // s3 dialled nobody.
    net.crash('s3');
    net.crash('s2', { silent: true });
    await net.world.advance(120_000);
    await again(net, 's3');
    expect(addresses(net, 's3')).toEqual(['s2:4000']);
    await again(net, 's2');
    await net.world.runUntil(() => net.reaches('ann', 's3'), { limitMs: 120_000 });
  });

  it('keeps on trying while nobody is there', async () => {
    const net = await small('nobody');
    for (const host of ['s1', 'ann']) net.crash(host);
    await again(net, 'ann');
    await net.world.advance(2 * 60 * 60_000);
    const failed = net.get('ann').node.metrics.value('rejoin', 'failed');
    expect(failed).toBeGreaterThan(8);
    expect(failed).toBeLessThan(60);
    await again(net, 's1');
    await net.world.runUntil(() => net.reaches('ann', 's3'), { limitMs: 10 * 60_000 });
  });

  it('is not led astray by a memory that is mostly wrong', async () => {
    const net = await small('poisoned');
    await net.server('stranger');
    const store = net.get('ann').ports.store;
    const now = net.get('ann').ports.clock.now();
    const id = (n: number): string => `00000000-0000-8000-8000-${n.toString(16).padStart(12, '0')}`;
    const row = (address: string, node: string, succeeded: number) => ({
      op: 'put' as const,
      table: 'acquaintances',
      key: `memory:${address}`,
      value: JSON.stringify([node, now, succeeded, succeeded > 0 ? 1 : 0, 0]),
    });
    // All of them look better than the one that is right: fresher, and some lead to a node that is another one.
    const dead = Array.from({ length: 150 }, (_, i) => row(`dead${i}:4000`, id(i), now + 1000 + i));
    const other = [row('stranger:4000', id(9999), now + 5000)];
    const damaged = { op: 'put' as const, table: 'acquaintances', key: 'memory:damaged:1', value: 'not JSON' };
    await net.world.until(store.commit([...dead, ...other, damaged]));
    net.crash('ann');
    await again(net, 'ann');
    await net.world.runUntil(() => net.reaches('ann', 's3'), { limitMs: 10 * 60_000, what: 'that the right one was tried too' });
    const { metrics } = net.get('ann').node;
    expect(metrics.value('rejoin', 'another node')).toBe(1);
    expect(metrics.value('rejoin', 'forgotten')).toBe(1);
    // And next time it is tried before them.
    await net.world.advance(1000);
    net.crash('ann');
    await again(net, 'ann');
    await net.world.runUntil(() => net.reaches('ann', 's3'), { limitMs: 15_000 });
  });

  it('remembers a bounded part of what one machine makes up', async () => {
    const net = await small('many');
    // One machine with many keys, each of which says that it listens on ports of its own.
    for (let i = 0; i < 40; i++) {
      const { node } = await net.add('evil', { nodeType: 'server' });
      for (let port = 0; port < 4; port++) node.endpoints.bound('memory', `evil:${5000 + 4 * i + port}`);
      node.connect('memory', 's1:4000');
      await net.world.runUntil(() => node.links.size === 1, { limitMs: 60_000 });
      net.crash('evil');
      await net.world.advance(100);
    }
    expect(addresses(net, 's1').filter((address) => address.startsWith('evil:')).length).toBeLessThanOrEqual(4);
  });

  it('leaves links that stand alone, and what its owner gave up', async () => {
    const net = await small('enough');
    await net.world.advance(10 * 60_000);
    expect(net.get('ann').node.metrics.value('links_opened', 'memory')).toBe(1);
    await net.world.until(net.get('ann').node.disconnect('memory', 's1:4000'));
    const link = net.get('ann').node.links.all()[0];
    if (link) net.get('ann').node.links.close(link, 'enough');
    await net.world.advance(10 * 60_000);
    expect(links(net, 'ann')).toBe(0);
    expect(addresses(net, 'ann')).toEqual([]);
    expect(await net.stop('ann')).toBe(0);
  });
});
