import { NodeService } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { around, befriend, contactOf } from './lib/friends.ts';
import { Network } from './lib/network.ts';

const MINUTE = 60_000;
const FULL = { code: 'quota', message: expect.stringContaining('3 channels and conversations') };

/** Ann has room for three conversations, and is in as many channels as are named. */
async function narrow(seed: string, ...channels: string[]): Promise<Network> {
  const net = new Network({ seed });
  await around(net, ['ben', 'cat']);
  await net.client('ann', { channels: { maxJoined: 3 } });
  net.link('ann', 's');
  await net.world.runUntil(() => ['ben', 'cat'].every((host) => net.reaches('ann', host) && net.reaches(host, 'ann')), {
    what: 'that all meet',
  });
  for (const name of channels) await net.world.until(net.get('ann').node.channels.create(name));
  return net;
}

const joinedAt = (net: Network, host: string): string[] =>
  net
    .get(host)
    .node.channels.list()
    .flatMap(({ name, joined }) => (joined ? [name] : []))
    .sort();

const apiOf = (net: Network, host: string): NodeService => {
  const { node, ports } = net.get(host);
  const around = { clock: ports.clock, tls: undefined, udp: undefined, http: undefined, connect: [], stop: () => {} };
  return new NodeService(node, around);
};

describe('with as many conversations as there may be', () => {
  it('nothing more is made, joined, asked or accepted, and whoever tries is told what to do', async () => {
    const net = await narrow('no room', 'one', 'two', 'three');
    const { node } = net.get('ann');
    const elsewhere = await net.channel('elsewhere', 'ben');
    await net.world.runUntil(() => net.knows('ann', elsewhere), { limitMs: MINUTE, what: 'that ann knows of it' });
    await net.world.until(net.get('cat').node.contacts.add(node.contacts.link));
    const { id: closed } = await net.world.until(net.get('ben').node.channels.createClosed('hideout'));
    await net.world.until(net.get('ben').node.channels.closed.invite(closed, net.idOf('ann')));
    await net.world.runUntil(() => node.channels.closed.invitations().length > 0 && contactOf(net, 'ann', 'cat') !== undefined, {
      limitMs: MINUTE,
      what: 'both',
    });
    const tries: (() => Promise<unknown>)[] = [
      () => node.channels.create('four'),
      () => node.channels.createClosed('four'),
      () => node.channels.join(elsewhere),
      () => node.channels.closed.accept(closed),
      () => node.contacts.add(net.get('ben').node.contacts.link),
      () => node.contacts.accept(net.get('cat').identity.keyId),
    ];
    for (const attempt of tries) await expect(net.world.until(attempt())).rejects.toMatchObject(FULL);
    // Nothing is half done: with room, all of it is still there to be accepted.
    await net.world.until(node.channels.leave('one'));
    await net.world.until(node.channels.leave('two'));
    await net.world.until(node.channels.closed.accept(closed));
    await net.world.until(node.contacts.accept(net.get('cat').identity.keyId));
    await net.world.advance(MINUTE);
    expect(joinedAt(net, 'ann')).toEqual(['cat', 'hideout', 'three']);
    expect(net.errors()).toEqual([]);
  });

  it('a contact who says yes has a conversation as soon as there is room, also over a restart', async () => {
    const net = await narrow('room again', 'one', 'two');
    await net.world.until(net.get('ann').node.contacts.add(net.get('ben').node.contacts.link));
    await net.world.runUntil(() => contactOf(net, 'ben', 'ann') !== undefined, { limitMs: MINUTE, what: 'the request' });
    await net.world.until(net.get('ann').node.channels.create('three'));
    await net.world.until(net.get('ben').node.contacts.accept(net.get('ann').identity.keyId));
    await net.world.runUntil(() => contactOf(net, 'ann', 'ben')?.state === 'accepted', { limitMs: MINUTE, what: 'the answer' });
    expect(joinedAt(net, 'ann')).toEqual(['one', 'three', 'two']);
    await expect(apiOf(net, 'ann').messages('@ben', {})).rejects.toMatchObject(FULL);
    net.crash('ann');
    await net.restart('ann');
    expect(joinedAt(net, 'ann')).toEqual(['one', 'three', 'two']);
    await net.world.until(net.get('ann').node.channels.leave('two'));
    await net.world.advance(5000);
    expect(joinedAt(net, 'ann')).toEqual(['ben', 'one', 'three']);
    await net.send('ben', net.get('ben').node.direct.idWith(net.get('ann').identity.keyId), 'at last');
    await net.world.advance(MINUTE);
    expect(net.texts('ann')).toEqual(['at last']);
    expect(net.errors()).toEqual([]);
  });

  it('an invitation for whose key there is no room by the time that it comes stays open, and nobody counts ann as a member', async () => {
    const net = await narrow('no room any more', 'one', 'two');
    const { world } = net;
    const { channels } = net.get('ann').node;
    const { id } = await world.until(net.get('ben').node.channels.createClosed('hideout'));
    await world.until(net.get('ben').node.channels.closed.invite(id, net.idOf('ann')));
    await world.runUntil(() => channels.closed.invitations().length > 0, { limitMs: MINUTE, what: 'the invitation' });
    net.crash('ben');
    await expect(world.until(channels.closed.accept(id))).rejects.toMatchObject({ code: 'timeout' });
    await world.until(channels.create('three'));
    await net.restart('ben');
    await world.runUntil(() => channels.closed.invitations().every(({ accepted }) => !accepted), { limitMs: 5 * MINUTE, what: 'the key' });
    await world.advance(MINUTE);
    expect(net.get('ben').node.channels.members(id)).toEqual([net.idOf('ben')]);
    expect(world.drive('ann').disk.get('closed_channels', id)).toBeUndefined();
    await world.until(channels.leave('one'));
    await world.until(channels.closed.accept(id));
    await world.runUntil(() => net.get('ben').node.channels.members(id).length === 2, { limitMs: MINUTE, what: 'that ann is in it' });
    expect(net.errors()).toEqual([]);
  });

  it('a contact who goes makes room for another', async () => {
    const net = await narrow('room of a contact', 'one');
    await befriend(net, 'ann', 'ben');
    await net.world.until(net.get('ann').node.contacts.add(net.get('cat').node.contacts.link));
    await net.world.runUntil(() => contactOf(net, 'cat', 'ann') !== undefined, { limitMs: MINUTE, what: 'the request' });
    await net.world.until(net.get('ann').node.channels.create('two'));
    await net.world.until(net.get('cat').node.contacts.accept(net.get('ann').identity.keyId));
    await net.world.runUntil(() => contactOf(net, 'ann', 'cat')?.state === 'accepted', { limitMs: MINUTE, what: 'the answer' });
    expect(joinedAt(net, 'ann')).toEqual(['ben', 'one', 'two']);
    await net.world.until(net.get('ann').node.contacts.remove(net.get('ben').identity.keyId));
    await net.world.advance(5000);
    expect(joinedAt(net, 'ann')).toEqual(['cat', 'one', 'two']);
  });
});
