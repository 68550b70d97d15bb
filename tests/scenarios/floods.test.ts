import { CHANNEL, JOIN, type JsonObject, type Message } from '@parley/core';
import { describe, expect, it, vi } from 'vitest';
import { Network } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** s1 - s2 - c, and strangers at s1. */
async function line(seed: string): Promise<Network> {
  const net = new Network({ seed });
  for (const host of ['s1', 's2']) await net.server(host);
  await net.client('c');
  net.link('s1', 's2');
  net.link('c', 's2');
  await net.world.runUntil(() => net.reaches('c', 's1'));
  await net.world.advance(2000);
  return net;
}

const joining = (number: number, more: JsonObject = {}): JsonObject => ({
  msg_id: guid(number),
  channel: 'x',
  channel_id: guid(7),
  ...more,
});

/** Members of the strangers' channel, as a node knows them. */
function members(net: Network, host: string): string[] {
  return net.knows(host, guid(7)) ? net.get(host).node.channels.members(guid(7)) : [];
}

const rejections = (net: Network, host: string, reason: string): number => net.get(host).node.metrics.value('rejections', reason);

describe('a flood', () => {
  it('about one channel makes no work for each of the others that are known', async () => {
    const net = await line('one of many channels');
    const stranger = await Stranger.meet(net, 'stranger', 's1');
    const listed = ['s1', 'c'].map((host) => vi.spyOn(net.get(host).node.channels, 'list'));
    for (let i = 0; i < 10; i++)
      stranger.send(await stranger.compose(CHANNEL, { msg_id: guid(i), channel: 'x', channel_id: guid(100 + i), members: [] }));
    await net.world.advance(5000);
    for (const list of listed) expect(list).not.toHaveBeenCalled();
    expect(net.knows('c', guid(109))).toBe(true);
  });

  it('with the msg_id of another is another, when its origin is', async () => {
    const net = await line('copied');
    const [honest, thief] = [await Stranger.meet(net, 'honest', 's1'), await Stranger.meet(net, 'thief', 's1')];
    thief.send(await thief.compose(JOIN, joining(1)));
    await net.world.advance(500);
    honest.send(await honest.compose(JOIN, joining(1)));
    await net.world.advance(500);
    expect(members(net, 'c').sort()).toEqual([honest.nodeId, thief.nodeId].sort());
  });

  it('that a stranger altered or signed in another’s name goes no further, and does not keep the true one out', async () => {
    const net = await line('altered');
    const [honest, thief] = [await Stranger.meet(net, 'honest', 's1'), await Stranger.meet(net, 'thief', 's1')];
    const message = await honest.compose(JOIN, joining(1));
    thief.send({ ...message, msg_data: { ...message.msg_data, channel: 'y' } });
    const own = await thief.compose(JOIN, joining(1));
    thief.send({ ...own, msg_data: { ...own.msg_data, node_id: honest.nodeId } });
    await net.world.advance(500);
    expect(rejections(net, 's1', 'auth-signature')).toBe(1);
    expect(rejections(net, 's1', 'auth-node-id')).toBe(1);
    expect(net.knows('s2', guid(7))).toBe(false);
    honest.send(message);
    await net.world.advance(500);
    expect(members(net, 'c')).toEqual([honest.nodeId]);
  });

  it('counts once however often it is replayed, and not at all when it is stale or of the future', async () => {
    const net = await line('replayed');
    const stranger = await Stranger.meet(net, 'stranger', 's1');
    const message = await stranger.compose(JOIN, joining(1));
    let floods = 0;
    net.world.network.onFrame(({ from, to, bytes }) => {
      if (from === 's1' && to === 's2' && Buffer.from(bytes).includes('"JOIN"')) floods++;
      return undefined;
    });
    for (let i = 0; i < 20; i++) {
      stranger.send(message);
      await net.world.advance(MINUTE);
    }
    expect(floods).toBe(1);
    // Its time is over while it is still remembered; so there is no moment at which it is new again.
    for (let i = 0; i < 60; i++) {
      stranger.send(message);
      await net.world.advance(MINUTE);
    }
    expect(floods).toBe(1);
    expect(rejections(net, 's1', 'auth-stale')).toBeGreaterThan(10);
    for (const aheadMs of [-16 * MINUTE, 16 * MINUTE, -24 * HOUR, 24 * HOUR]) {
      stranger.send(await stranger.compose(JOIN, joining(100 + aheadMs / MINUTE + 2000), aheadMs));
    }
    await net.world.advance(1000);
    expect(floods).toBe(1);
    expect(rejections(net, 's1', 'auth-future')).toBe(2);
    stranger.send(await stranger.compose(JOIN, joining(3), 14 * MINUTE));
    stranger.send(await stranger.compose(JOIN, joining(4), -14 * MINUTE));
    await net.world.advance(1000);
    expect(floods).toBe(3);
  });

  it('of one origin has a quota at every hop, which costs its neighbours nothing', async () => {
    const net = await line('quota');
    const [noisy, quiet] = [await Stranger.meet(net, 'noisy', 's1'), await Stranger.meet(net, 'quiet', 's1')];
    for (let i = 0; i < 600; i++)
      noisy.send(await noisy.compose(CHANNEL, { ...joining(1000 + i), channel_id: guid(1000 + i), members: [] }));
    quiet.send(await quiet.compose(JOIN, joining(1)));
    await net.world.advance(1000);
    const known = net.get('c').node.channels.list().length;
    expect(known).toBeGreaterThan(150);
    expect(known).toBeLessThan(250);
    expect(rejections(net, 's1', 'quota-origin')).toBeGreaterThan(300);
    expect(members(net, 'c')).toEqual([quiet.nodeId]);
    const { reputation } = net.get('s2').node.links;
    expect(reputation.score(net.get('s1').identity.keyId, net.get('s2').node.links.now())).toBe(0);
  });

  it.each([
    ['negative', -5, 0, 0],
    ['0', 0, 0, 0],
    ['1', 1, 1, 0],
    ['2', 2, 1, 1],
    ['huge', Number.MAX_SAFE_INTEGER, 1, 1],
  ])('with a ttl that is %s', async (_, ttl, atFirst, atSecond) => {
    const net = await line(`ttl ${ttl}`);
    const stranger = await Stranger.meet(net, 'stranger', 's1');
    const forwarded: Message[] = [];
    net.world.network.onFrame(({ from, to, bytes }) => {
      if (from === 's1' && to === 's2' && Buffer.from(bytes).includes('"JOIN"')) forwarded.push(JSON.parse(Buffer.from(bytes).toString()));
      return undefined;
    });
    stranger.send({ ...(await stranger.compose(JOIN, joining(1))), ttl });
    await net.world.advance(1000);
    expect([members(net, 's1').length, members(net, 's2').length]).toEqual([atFirst, atSecond]);
    for (const message of forwarded) expect(message.ttl).toBe(Math.min(ttl, 64) - 1);
  });
});

describe('a node whose clock is a day off', () => {
  it.each([24 * HOUR, -24 * HOUR])('(by %i ms) is told, keeps its links, and disturbs nobody', async (skewMs) => {
    const net = new Network({ seed: `skew ${skewMs}` });
    await net.server('s');
    for (const host of ['a', 'b']) {
      await net.client(host);
      net.link(host, 's');
    }
    await net.client('off', { skewMs });
    const skews: number[] = [];
    net.get('off').node.links.events.on('skew', ({ ms }) => skews.push(ms));
    net.link('off', 's');
    await net.world.runUntil(() => net.reaches('a', 'b') && net.reaches('off', 'b'));
    const lobby = await net.channel('lobby', 'a', 'b');
    // Hundreds of floods from each side are out of time for the other.
    for (let i = 0; i < 150; i++) {
      await net.world.until(net.get('b').node.channels.leave(lobby));
      await net.world.until(net.get('b').node.channels.join(lobby));
      await net.world.advance(2000);
    }
    const mine = await net.world.until(net.get('off').node.channels.create('mine'));
    await net.send('off', mine.id, 'to nobody');
    await net.send('a', lobby, 'still here');
    await net.world.advance(10_000);
    expect(Math.abs(skews[0] ?? 0)).toBeGreaterThan(23 * HOUR);
    expect(net.get('off').node.links.size).toBe(1);
    expect(net.get('s').node.links.size).toBe(3);
    expect(net.get('off').node.metrics.value('links_closed')).toBe(0);
    expect(net.knows('a', mine.id)).toBe(false);
    expect(net.textsFrom('b', 'a')).toEqual(['still here']);
    expect(net.errors()).toEqual([]);
  });
});
