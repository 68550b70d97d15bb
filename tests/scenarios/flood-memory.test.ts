import { CHANNEL, composeMessage, JOIN } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

const overlay = { seenCapacity: 400 };

/** s1 - s2, with `a` at s1 and `b` at s2, who are members of #lobby. */
async function begin(seed: string): Promise<{ net: Network; lobby: string }> {
  const net = new Network({ seed });
  for (const host of ['s1', 's2']) await net.server(host, { overlay });
  net.link('s2', 's1');
  for (const [host, server] of [
    ['a', 's1'],
    ['b', 's2'],
  ] as const) {
    await net.client(host);
    net.link(host, server);
  }
  await net.world.runUntil(() => net.reaches('a', 'b') && net.reaches('b', 'a'));
  const lobby = await net.channel('lobby', 'a', 'b');
  await net.world.advance(5000);
  return { net, lobby };
}

/** A neighbour brings floods of so many origins, each a key of its own. */
async function storm(net: Network, stranger: Stranger, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const origin = await net.identity(`made up by ${stranger.nodeId}: ${i}`);
    const data = { msg_id: guid(i), node_id: origin.nodeId, channel: 'x', channel_id: guid(7) };
    stranger.send(await composeMessage(origin, JOIN, data, net.world.clock.now()));
    if (i % 20 === 19) await net.world.advance(1000);
  }
  await net.world.advance(3000);
}

const rejections = (net: Network, host: string, reason: string): number => net.get(host).node.metrics.value('rejections', reason);
const seen = (net: Network, host: string): number => net.get(host).node.metrics.snapshot().gauges.get('seen_floods')?.get('') ?? -1;

describe('the memory of floods', () => {
  it('cannot be filled by one neighbour with many keys: what others say still passes', async () => {
    const { net } = await begin('one neighbour');
    const stranger = await Stranger.meet(net, 'stranger', 's1');
    await storm(net, stranger, 600);
    // Somebody who came just now, and whom no node knows yet.
    const other = await Stranger.meet(net, 'other', 's1');
    other.send(await other.compose(JOIN, { msg_id: guid(1), channel: 'y', channel_id: guid(8) }));
    // And those who are known, also behind the relay over whose link the storm came to the others.
    const garden = await net.world.until(net.get('a').node.channels.create('garden'));
    await net.world.advance(5000);
    expect(net.knows('a', guid(8))).toBe(true);
    expect(net.knows('b', garden.id)).toBe(true);
    expect(rejections(net, 's1', 'quota-unknown-origins')).toBeGreaterThan(400);
    expect(seen(net, 's1')).toBeLessThan(200);
    expect(rejections(net, 's1', 'seen-full') + rejections(net, 's2', 'seen-full')).toBe(0);
  });

  it('has room for later ones, however many fill it one after the other', async () => {
    const { net } = await begin('many neighbours');
    for (let i = 0; i < 4; i++) await storm(net, await Stranger.meet(net, `stranger${i}`, 's1'), 120);
    const other = await Stranger.meet(net, 'other', 's1');
    other.send(await other.compose(JOIN, { msg_id: guid(1), channel: 'y', channel_id: guid(8) }));
    await net.world.advance(5000);
    expect(net.knows('a', guid(8))).toBe(true);
  });

  it('takes again what was refused of one, when another brings it', async () => {
    const { net } = await begin('again');
    const stranger = await Stranger.meet(net, 'stranger', 's1');
    await storm(net, stranger, 300);
    const late = await net.identity('late');
    const data = { msg_id: guid(1), node_id: late.nodeId, channel: 'y', channel_id: guid(8) };
    const message = await composeMessage(late, JOIN, data, net.world.clock.now());
    stranger.send(message);
    await net.world.advance(1000);
    expect(net.knows('a', guid(8))).toBe(false);
    const other = await Stranger.meet(net, 'other', 's1');
    other.send(message);
    await net.world.advance(1000);
    expect(net.knows('a', guid(8))).toBe(true);
  });

  it('is not what is spared alone: of unknown origins one neighbour may bring so many bytes, since each goes to all others', async () => {
    const net = new Network({ seed: 'long floods' });
    await net.server('s', { overlay: { freshFloods: { perSecond: 1000, burst: 200_000 } } });
    const [stranger, other, listener] = [
      await Stranger.meet(net, 'stranger', 's'),
      await Stranger.meet(net, 'other', 's'),
      await Stranger.meet(net, 'listener', 's'),
    ];
    const members = Array.from({ length: 1000 }, (_, i) => ({ node_id: guid(i) }));
    const long = async (i: number) => {
      const origin = await net.identity(`long ${i}`);
      const data = { msg_id: guid(i), node_id: origin.nodeId, channel: 'x', channel_id: guid(7), members };
      return composeMessage(origin, CHANNEL, data, net.world.clock.now());
    };
    for (let i = 0; i < 20; i++) stranger.send(await long(i));
    await net.world.advance(1000);
    const told = () => listener.of('CHANNEL').length;
    expect(told()).toBe(3);
    expect(rejections(net, 's', 'quota-unknown-bytes')).toBe(17);
    // Its own name, which is known, and what others bring, goes on.
    stranger.send(await stranger.compose(CHANNEL, { msg_id: guid(1), channel: 'x', channel_id: guid(7), members }));
    other.send(await long(19));
    await net.world.advance(1000);
    expect(told()).toBe(5);
  });

  it('is free again after the time for which floods are remembered', async () => {
    const { net } = await begin('free');
    const stranger = await Stranger.meet(net, 'stranger', 's1');
    await storm(net, stranger, 200);
    const before = rejections(net, 's1', 'quota-unknown-origins');
    expect(before).toBeGreaterThan(0);
    for (let i = 0; i < 125; i++) {
      await net.world.advance(30_000);
      stranger.keepAlive();
    }
    stranger.send(await stranger.compose(JOIN, { msg_id: guid(9999), channel: 'y', channel_id: guid(8) }));
    await net.world.advance(1000);
    expect(net.knows('a', guid(8))).toBe(true);
    expect(rejections(net, 's1', 'quota-unknown-origins')).toBe(before);
  });
});
