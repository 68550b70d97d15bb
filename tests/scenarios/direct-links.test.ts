import { describe, expect, it } from 'vitest';
import { befriend } from './lib/friends.ts';
import { Network, type ParticipantConfig } from './lib/network.ts';
import { RecordBook } from './lib/records.ts';

/** `a` is a client of `s`; `b` is too, and can be dialled, as its record says. */
async function pair(seed: string, config: ParticipantConfig = {}, nodeType: 'client' | 'server' = 'client') {
  const net = new Network({ seed, conditions: { latencyMs: 5 } });
  const book = new RecordBook(net);
  await net.server('s');
  const records = async (host: string) => ({ records: book.view((await net.identity(host)).nodeId) });
  await net.client('a', { ...(await records('a')), ...config });
  await net.add('b', { nodeType, ...(await records('b')), listen: true });
  for (const host of ['a', 'b']) net.link(host, 's');
  const { identity } = net.get('b');
  book.sign({ ...identity, nodeType, endpoints: ['udp:192.0.2.7:4717', 'memory:b:4000'], attachments: [] });
  await net.world.runUntil(() => net.reaches('a', 'b'));
  const lobby = await net.channel('lobby', 'a', 'b');
  await net.world.until(net.get('a').node.find(identity.keyId));
  return { net, book, lobby, linked: () => net.get('a').node.links.get(identity.nodeId) !== undefined };
}

describe('a direct link', () => {
  it('is dialled once several messages went to one node, is the way of the next, and ends when none went for long', async () => {
    const { net, lobby, linked } = await pair('direct');
    const { node } = net.get('a');
    const b = net.idOf('b');
    expect(node.paths(b).map(({ kind, endpoint }) => [kind, endpoint])).toEqual([
      ['routing', undefined],
      ['direct', 'memory:b:4000'],
    ]);
    for (let i = 0; i < 2; i++) await net.send('a', lobby, `message ${i}`);
    await net.world.advance(5000);
    expect(linked()).toBe(false);
    await net.send('a', lobby, 'message 2');
    await net.world.runUntil(linked, { limitMs: 5000, what: 'the direct link' });
    await net.send('a', lobby, 'message 3');
    await net.world.runUntil(() => net.texts('b').length === 4, { limitMs: 20_000 });
    const last = net.get('b').shown.at(-1)?.message.way;
    expect(last).toEqual({ via: [] });
    expect(node.paths(b)[0]).toMatchObject({ kind: 'neighbour', next: b, hops: 1, chosen: true });
    await net.world.advance(9 * 60_000);
    expect(linked()).toBe(true);
    await net.world.advance(3 * 60_000);
    expect(linked()).toBe(false);
    await net.send('a', lobby, 'message 4');
    await net.world.runUntil(() => net.texts('b').length === 5);
    expect(net.errors()).toEqual([]);
    expect(await net.stop('a')).toBe(0);
  });

  it('that the user asked for stays', async () => {
    const { net, lobby, linked } = await pair('asked');
    for (let i = 0; i < 3; i++) await net.send('a', lobby, `message ${i}`);
    await net.world.runUntil(linked, { limitMs: 5000 });
    net.link('a', 'b');
    await net.world.advance(30 * 60_000);
    expect(linked()).toBe(true);
  });

  it('is dialled at once when no other way is left', async () => {
    const { net, lobby } = await pair('lost');
    net.crash('s');
    await net.world.advance(5000);
    expect(net.reaches('a', 'b')).toBe(false);
    await net.send('a', lobby, 'still there?');
    await net.world.runUntil(() => net.texts('b').length === 1, { limitMs: 10_000, what: 'that it came' });
  });

  it('to whoever answers at an address that is not theirs is ended, counted, and not dialled again soon', async () => {
    const { net, book, lobby } = await pair('lies');
    const { identity } = net.get('b');
    book.sign({ ...identity, nodeType: 'client', endpoints: ['memory:s:4000', 'memory:nowhere:4000'], attachments: [] });
    await net.world.until(net.get('a').node.find(identity.nodeId));
    net.crash('s');
    await net.server('other');
    book.sign({ ...identity, nodeType: 'client', endpoints: ['memory:other:4000', 'memory:nowhere:4000'], attachments: [] });
    await net.world.until(net.get('a').node.find(identity.nodeId));
    await net.send('a', lobby, 'still there?');
    await net.world.advance(20_000);
    const { metrics } = net.get('a').node;
    expect(metrics.value('rejections', 'endpoint-not-theirs')).toBe(1);
    expect(metrics.value('direct_dials', 'failed')).toBe(1);
    expect(net.get('a').node.links.size).toBe(0);
    expect(
      net
        .get('a')
        .node.paths(identity.nodeId)
        .map(({ kind, reliability }) => [kind, reliability]),
    ).toEqual([
      ['direct', 0.75],
      ['direct', 0.75],
    ]);
  });

  it.each([0, 8])('is not dialled where that is turned off (with at most %i allowed)', async (maxDirect) => {
    const { net, lobby, linked } = await pair('off', { neighbours: { maxDirect } });
    if (maxDirect > 0) await net.world.until(net.get('a').node.settings.set({ direct: false }));
    for (let i = 0; i < 8; i++) await net.send('a', lobby, `message ${i}`);
    await net.world.advance(10_000);
    expect(linked()).toBe(false);
  });

  it.each(['client', 'server'] as const)('ends when it is not wanted any more, and is not made again (a %s)', async (nodeType) => {
    for (const how of ['blocked', 'off'] as const) {
      const { net, lobby, linked } = await pair(`unwanted ${how}`, {}, nodeType);
      await befriend(net, 'a', 'b');
      for (let i = 0; i < 3; i++) await net.send('a', lobby, `message ${i}`);
      await net.world.runUntil(linked, { limitMs: 5000 });
      const { contacts, settings } = net.get('a').node;
      await net.world.until<unknown>(how === 'blocked' ? contacts.block(net.get('b').identity.keyId) : settings.set({ direct: false }));
      await net.world.advance(1000);
      expect(linked()).toBe(false);
      for (let i = 0; i < 6; i++) await net.send('a', lobby, `more ${i}`);
      await net.world.advance(20_000);
      expect(linked()).toBe(false);
    }
  });

  it('ends at once when it became unwanted while it was being dialled', async () => {
    const { net, linked } = await pair('off meanwhile');
    const { neighbours, settings } = net.get('a').node;
    neighbours.wrote(net.idOf('b'), true);
    await net.world.until(settings.set({ direct: false }));
    await net.world.advance(60_000);
    expect(linked()).toBe(false);
    expect(net.get('a').node.metrics.value('direct_dials', 'open')).toBe(1);
  });
});
