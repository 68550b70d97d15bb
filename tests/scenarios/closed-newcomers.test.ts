import { base64, encodeCompact, type Identity, type JsonObject, MESSAGE, peekJws, SEALED, sealJwe, signJws, timestamp } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { clients, closedChannel, epochsOn, invite } from './lib/closed.ts';
import type { Network } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

/** All of them are invited before any accepts: nobody's invitation names the others as members. */
async function invitedTogether(net: Network, founder: string, others: readonly string[]): Promise<string> {
  const { channels } = net.get(founder).node;
  const { id } = await net.world.until(channels.createClosed('hideout', 'all'));
  for (const host of others) await net.world.until(channels.closed.invite(id, net.idOf(host)));
  const isInvited = (host: string): boolean => net.get(host).node.channels.closed.invitations().length > 0;
  await net.world.runUntil(() => others.every(isInvited), { what: 'that all are invited' });
  return id;
}

const accept = (net: Network, id: string, host: string): Promise<void> => net.world.until(net.get(host).node.channels.closed.accept(id));

/** Milliseconds until all of these were shown a text. */
async function shownAfter(net: Network, text: string, hosts: readonly string[]): Promise<number> {
  const begun = net.world.clock.now();
  await net.world.runUntil(() => hosts.every((host) => net.texts(host).includes(text)), {
    limitMs: 120_000,
    what: `that all have ${text}`,
  });
  return net.world.clock.now() - begun;
}

describe('whoever has just come into a closed channel', () => {
  it('is heard at once by those who came a moment before', async () => {
    const net = await clients('closed newcomers', 'ada', 'bob', 'cat', 'dan', 'eve');
    const others = ['ada', 'bob', 'dan', 'eve'];
    const id = await invitedTogether(net, 'cat', others);
    await Promise.all(['ada', 'bob'].map((host) => accept(net, id, host)));
    await net.world.advance(8000);
    await accept(net, id, 'dan');
    await net.world.advance(4000);
    await accept(net, id, 'eve');
    await net.world.runUntil(() => net.get('eve').node.channels.members(id).length === 5, { what: 'that she knows all' });
    await net.send('eve', id, 'the moment she came');
    expect(await shownAfter(net, 'the moment she came', ['ada', 'bob', 'cat', 'dan'])).toBeLessThan(3000);
    await net.send('bob', id, 'welcome');
    expect(await shownAfter(net, 'welcome', ['ada', 'cat', 'dan', 'eve'])).toBeLessThan(3000);
  });

  it('is heard though whoever invited it is gone, and nobody has told of it', async () => {
    const net = await clients('closed orphans', 'ada', 'bob', 'cat', 'dan', 'eve');
    const id = await invitedTogether(net, 'cat', ['ada', 'bob', 'dan', 'eve']);
    await accept(net, id, 'dan');
    await net.world.advance(5000);
    // Once more, so that they know of dan; who has the key from now on.
    for (const host of ['ada', 'eve']) await net.world.until(net.get('cat').node.channels.closed.invite(id, net.idOf(host)));
    await net.world.advance(2000);
    net.crash('cat');
    for (const host of ['ada', 'eve']) {
      await net.world.until(
        net
          .get(host)
          .node.channels.closed.accept(id)
          .catch(() => {}),
      );
      await net.world.runUntil(() => net.get(host).node.channels.isJoined(id), { limitMs: 120_000, what: `that ${host} is in` });
      await net.world.advance(5000);
    }
    await net.world.runUntil(() => net.get('eve').node.channels.members(id).length === 4, { limitMs: 60_000 });
    await net.send('eve', id, 'of whom nobody told');
    expect(await shownAfter(net, 'of whom nobody told', ['ada', 'dan'])).toBeLessThan(3000);
  });

  it('asks for nothing more often than members meet, when a stranger pretends to be one', async () => {
    const net = await clients('closed noise', 'a', 'b', 'c');
    const id = await closedChannel(net, ['a', 'b', 'c']);
    await net.world.advance(60_000);
    const said = (): number => net.get('a').node.metrics.value('sent', 'HAVE');
    const stranger = await Stranger.meet(net, 'stranger', 's1');
    const { kid = '' } = epochsOn(net, id, 'a').at(-1) ?? {};
    const before = said();
    for (let i = 0; i < 300; i++) {
      const about = { nodeId: stranger.nodeId, msgId: guid(1000 + i), channelId: id };
      // With the id of the true key, which stands on every envelope, and with one that nobody has.
      const key = { kid: i % 2 === 0 ? kid : guid(5000 + i), key: new Uint8Array(32) };
      const text = encodeCompact(await sealJwe(net.world, key, about, { message: base64(new Uint8Array(20)) }));
      const around = { msg_id: about.msgId, channel_id: id, recipient: [{ node_id: net.idOf('a') }] };
      const message = { ...around, channel: '', timestamp: timestamp(net.world.clock.now()), message: text };
      stranger.send(await (i % 3 === 0 ? stranger.compose(SEALED, { ...around, sealed: text }) : stranger.compose(MESSAGE, message)));
      await net.world.advance(2000);
    }
    // Ten minutes: a question a minute to each of the two others, beside what they tell each other anyway.
    expect(said() - before).toBeLessThan(80);
    await net.send('b', id, 'undisturbed');
    expect(await shownAfter(net, 'undisturbed', ['a', 'c'])).toBeLessThan(3000);
    expect(net.get('a').node.metrics.value('rejections', 'message-author')).toBeGreaterThan(50);
  });
});

describe('a channel whose list of entries is longer than one INVITE', () => {
  it('is joined all the same, and the newcomer has all of it', async () => {
    const net = await clients('closed long', 'ann', 'ben');
    const { world } = net;
    const id = await closedChannel(net, ['ann']);
    const { identity } = net.get('ann');
    net.crash('ann');
    // Years of members of whom nothing else is left.
    const { disk } = world.drive('ann');
    const row = JSON.parse(disk.get('closed_channels', id) as string) as { entries: string[] };
    let time = Date.parse(String(peekJws(row.entries[0] ?? '')?.payload.time)) + 1000;
    const add = async (by: Identity, member: string, more: JsonObject = {}): Promise<void> => {
      const payload = { channel_id: id, member, role: 'member', time: timestamp(time++), ...more };
      row.entries.push(await signJws(by, payload, 'parley-role'));
    };
    for (let i = 0; i < 350; i++) {
      const member = await net.identity(`member ${i}`);
      await add(identity, member.keyId);
      await add(member, member.keyId, { sealing_key: base64(member.sealingKey) });
    }
    disk.apply([{ op: 'put', table: 'closed_channels', key: id, value: JSON.stringify(row) }]);
    await net.restart('ann');
    await world.runUntil(() => net.reaches('ann', 'ben'), { limitMs: 60_000 });
    await invite(net, id, 'ann', 'ben');
    await world.runUntil(() => net.get('ben').node.channels.isJoined(id), { limitMs: 60_000, what: 'that ben is in' });
    const all = () => ['ann', 'ben'].map((host) => net.get(host).node.channels.closed.members(id).length);
    await world.runUntil(() => String(all()) === '352,352', { limitMs: 300_000, what: 'that ben knows all members' });
    await net.send('ben', id, 'a large room');
    await world.runUntil(() => net.texts('ann').includes('a large room'), { limitMs: 60_000 });
    expect(net.errors()).toEqual([]);
  });
});
