import { describe, expect, it } from 'vitest';
import { letter } from './lib/letters.ts';
import { Network } from './lib/network.ts';
import { oneAway } from './lib/places.ts';
import { guid, Stranger } from './lib/stranger.ts';

const held = (net: Network): number => net.get('s').node.metrics.snapshot().gauges.get('custody_messages')?.get('') ?? -1;

/** Reasons of the NACKs that a stranger got, by message. */
function nacks(stranger: Stranger): Map<string, string> {
  const found = new Map<string, string>();
  for (const { msg_data } of stranger.of('NACK')) {
    for (const id of [msg_data.msg_id, ...((msg_data.also as string[] | undefined) ?? [])])
      found.set(id as string, msg_data.reason as string);
  }
  return found;
}

describe('what is stored for one who is away', () => {
  it('has a bound for each pair, and each message over it is refused with a reason', async () => {
    const { net } = await oneAway('pair', { pairMessages: 10 });
    const stranger = await Stranger.meet(net, 'stranger', 's');
    for (let i = 0; i < 30; i++) stranger.send(await letter(stranger.identity, i, [net.idOf('b')]));
    await net.world.advance(5000);
    expect(stranger.acknowledged().length).toBe(10);
    expect([...nacks(stranger)].length).toBe(20);
    expect(new Set(nacks(stranger).values())).toEqual(new Set(['quota-pair']));
    expect(held(net)).toBe(10);
  });

  it('has a bound for each destination, half of which strangers cannot fill, whatever names they take', async () => {
    const { net, lobby } = await oneAway('destination', { destinationMessages: 40, pairMessages: 30 });
    const stranger = await Stranger.meet(net, 'stranger', 's');
    for (let i = 0; i < 200; i++) stranger.send(await letter(await net.identity(`name ${i}`), i, [net.idOf('b')]));
    await net.world.advance(5000);
    expect(held(net)).toBe(20);
    expect(net.get('s').node.metrics.value('rejections', 'quota-destination')).toBe(180);
    const texts = Array.from({ length: 15 }, (_, i) => `message ${i}`);
    for (const text of texts) await net.send('a', lobby, text);
    await net.world.advance(5000);
    expect(held(net)).toBe(35);
    await net.restart('b');
    await net.world.runUntil(() => net.texts('b').length >= 15, { limitMs: 60_000 });
    expect(net.textsFrom('b', 'a')).toEqual(texts);
  });

  it('and in all: strangers give way to friends, are told so, and friends never to strangers', async () => {
    const { net, lobby } = await oneAway('total', { totalMessages: 20, destinationMessages: 1000, pairMessages: 1000 });
    const stranger = await Stranger.meet(net, 'stranger', 's');
    for (let i = 0; i < 50; i++) stranger.send(await letter(stranger.identity, i, [net.idOf('b')]));
    await net.world.advance(3000);
    // One stranger's message for another: the oldest go first.
    expect(held(net)).toBe(20);
    expect(stranger.acknowledged().length).toBe(50);
    expect([...nacks(stranger).values()].filter((reason) => reason === 'evicted').length).toBe(30);
    expect(nacks(stranger).get(guid(0))).toBe('evicted');
    expect(nacks(stranger).has(guid(49))).toBe(false);
    const texts = Array.from({ length: 20 }, (_, i) => `message ${i}`);
    for (const text of texts) await net.send('a', lobby, text);
    await net.world.advance(3000);
    expect([...nacks(stranger).values()].filter((reason) => reason === 'evicted').length).toBe(50);
    for (let i = 100; i < 120; i++) stranger.send(await letter(stranger.identity, i, [net.idOf('b')]));
    await net.world.advance(3000);
    expect(nacks(stranger).get(guid(119))).toBe('quota-total');
    // Also after the server was killed, when it does not know yet who is in which channel.
    net.crash('s');
    await net.restart('s');
    const again = await Stranger.meet(net, 'again', 's');
    again.send(await letter(again.identity, 200, [net.idOf('b')]));
    await net.world.advance(3000);
    expect(nacks(again).get(guid(200))).toBe('quota-total');
    await net.restart('b');
    await net.world.runUntil(() => net.texts('b').length >= 20, { limitMs: 60_000 });
    expect(net.textsFrom('b', 'a')).toEqual(texts);
  });

  it('counts bytes too: a flood of long messages ends at the bound, and the disk holds no more', async () => {
    const { net } = await oneAway('bytes', { totalBytes: 2_000_000, destinationBytes: 50_000_000, pairBytes: 50_000_000 });
    const stranger = await Stranger.meet(net, 'stranger', 's');
    for (let i = 0; i < 40; i++) stranger.send(await letter(stranger.identity, i, [net.idOf('b')], { size: 113_000 }));
    await net.world.advance(20_000);
    expect(held(net)).toBe(9);
    expect(net.world.drive('s').disk.bytes).toBeLessThan(2_500_000);
  });
});

describe('a message', () => {
  it.each([
    [0, 'ttl'],
    [-7, 'ttl'],
    [1, 'ttl'],
  ])('with ttl %i for another is refused, and not stored', async (ttl, reason) => {
    const { net } = await oneAway(`ttl ${ttl}`, {});
    const stranger = await Stranger.meet(net, 'stranger', 's');
    stranger.send(await letter(stranger.identity, 1, [net.idOf('a')], { ttl }));
    await net.world.advance(5000);
    expect(stranger.acknowledged()).toEqual([]);
    expect(nacks(stranger).get(guid(1))).toBe(reason);
    expect(held(net)).toBe(0);
  });

  it('with a huge ttl goes on with 63, and says where it has been', async () => {
    const { net } = await oneAway('ttl huge', {});
    const [from, to] = [await Stranger.meet(net, 'from', 's'), await Stranger.meet(net, 'to', 's')];
    to.onMessage = (message) => to.acknowledge(message);
    from.send(await letter(from.identity, 1, [to.nodeId], { ttl: Number.MAX_SAFE_INTEGER }));
    await net.world.advance(5000);
    expect(to.of('MESSAGE')).toMatchObject([{ ttl: 63, via: [net.idOf('s')] }]);
    expect(from.acknowledged()).toEqual([guid(1)]);
    expect(held(net)).toBe(0);
  });

  it('with ttl 1 reaches a neighbour', async () => {
    const { net } = await oneAway('ttl last', {});
    const [from, to] = [await Stranger.meet(net, 'from', 's'), await Stranger.meet(net, 'to', 's')];
    to.onMessage = (message) => to.acknowledge(message);
    from.send(await letter(from.identity, 1, [to.nodeId], { ttl: 2 }));
    await net.world.advance(5000);
    expect(to.of('MESSAGE')).toMatchObject([{ ttl: 1 }]);
  });

  it('for one whom nobody knows is refused, and nothing is stored; for one who is known and away it is, and the sender is told', async () => {
    const { net } = await oneAway('unknown', {});
    const stranger = await Stranger.meet(net, 'stranger', 's');
    stranger.send(await letter(stranger.identity, 1, [guid(99), net.idOf('b')]));
    await net.world.advance(10_000);
    expect(stranger.of('ACK')).toMatchObject([{ msg_data: { msg_id: guid(1), recipient: [{ node_id: net.idOf('b') }] } }]);
    expect(stranger.of('NACK')).toMatchObject([{ msg_data: { recipient: [{ node_id: guid(99) }], reason: 'unknown destination' } }]);
    expect(stranger.of('RECEIPT')).toMatchObject([{ msg_data: { recipient: [{ node_id: net.idOf('b') }], state: 'stored' } }]);
    expect(held(net)).toBe(1);
  });

  it('for one who was there for long and went away is stored: it is known for as long again', async () => {
    const HOUR = 60 * 60_000;
    const net = new Network({ seed: 'known' });
    await net.server('s', { overlay: { knownMs: 4 * HOUR } });
    await net.client('a');
    net.link('a', 's');
    await net.world.advance(7 * HOUR);
    net.crash('a');
    await net.world.advance(2 * HOUR);
    const stranger = await Stranger.meet(net, 'stranger', 's');
    stranger.send(await letter(stranger.identity, 1, [net.idOf('a')]));
    await net.world.advance(5000);
    expect(stranger.acknowledged()).toEqual([guid(1)]);
    await net.world.advance(3 * HOUR);
    stranger.send(await letter(stranger.identity, 2, [net.idOf('a')]));
    await net.world.advance(5000);
    expect(nacks(stranger).get(guid(2))).toBe('unknown destination');
  });
});
