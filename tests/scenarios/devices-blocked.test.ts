import { aboutFile, DEVICES } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { closedChannel } from './lib/closed.ts';
import { conversation, devicesOf, knows, say, withTablet } from './lib/devices.ts';
import { content, MIB, standing } from './lib/file-scene.ts';
import type { Network } from './lib/network.ts';

const MINUTE = 60_000;

/** Ann has revoked the tablet, which a thief keeps away from the network, so that it does not forget by itself; and her list of before. */
async function lost(seed: string): Promise<{ readonly net: Network; readonly old: string }> {
  const net = await withTablet(seed, async (before) => {
    await before.server('s2');
    for (const host of ['tablet', 'ben']) before.link(host, 's2');
  });
  await net.world.advance(MINUTE);
  const old = net.get('ann').node.devices.ownList?.signed ?? '';
  net.world.network.partition([
    ['ann', 's', 'ben'],
    ['tablet', 's2'],
  ]);
  await net.world.until(net.get('ann').node.devices.revoke('tablet'));
  await knows(net, 'ann', ['ann'], 'ann', 'ben');
  return { net, old };
}

/** Ann turns her machine off for the night; the thief comes back, by a server that has nothing for it. */
async function thiefComes(net: Network, old: string): Promise<void> {
  net.world.network.partition([
    ['s2', 'ben', 'tablet'],
    ['ann', 's'],
  ]);
  await net.world.runUntil(() => net.reaches('tablet', 'ben'), { limitMs: 5 * MINUTE });
  await say(net, 'tablet', 'ben', DEVICES, { list: old });
}

describe('who blocks a person', () => {
  it('is not invited to closed channels by another device of that person', async () => {
    const net = await withTablet('blocked device');
    const { world } = net;
    await world.advance(MINUTE);
    await world.until(net.get('ben').node.contacts.block(net.get('ann').identity.keyId));
    await world.advance(MINUTE);
    // Nothing but what any program can: make a channel, invite.
    for (const host of ['ann', 'tablet']) {
      const { channels } = net.get(host).node;
      const { id } = await world.until(channels.createClosed(`come-${host}`));
      await world.until(channels.closed.invite(id, net.idOf('ben')));
      await world.advance(MINUTE);
    }
    const names = net
      .get('ben')
      .node.channels.closed.invitations()
      .map(({ channel }) => channel.state.name);
    expect(names).toEqual([]);
  });

  it('gives no file to another device of that person (ADR 0034), and is not shown that it types', async () => {
    const net = await withTablet('blocked device, file');
    const { world } = net;
    const id = await closedChannel(net, ['ben', 'ann']);
    await world.runUntil(() => net.get('tablet').node.channels.isJoined(id), { limitMs: 20 * MINUTE });
    await world.until(net.get('ben').node.contacts.block(net.get('ann').identity.keyId));
    await world.advance(MINUTE);
    net.world.files('ben').place('/x.bin', content(MIB));
    const { node } = net.get('ben');
    const file = await world.until(node.files.offer('/x.bin', id));
    const sent = await world.until(node.channels.send(id, 'film', { attachments: [{ ...file, type: 'application/octet-stream' }] }));
    const about = sent.attachments[0] && aboutFile(sent.attachments[0]);
    if (!about) throw new Error('no file');
    await world.advance(2 * MINUTE);
    const typed: string[] = [];
    node.channels.typing.events.on('typing', ({ people }) => typed.push(...people));
    net.get('tablet').node.channels.typing.typed(id, true);
    await world.advance(5000);
    expect({
      ann: standing({ net, id }, 'ann', about).state,
      tablet: standing({ net, id }, 'tablet', about).state,
      typed: typed.length,
    }).toEqual({ ann: 'waiting', tablet: 'waiting', typed: 0 });
  });
});

describe('a revoked device', () => {
  it('is not taken for the person again by a contact who was forgotten and added anew, with the list of before', async () => {
    const { net, old } = await lost('old list');
    const { world } = net;
    await world.until(net.get('ben').node.contacts.remove(net.get('ann').identity.keyId));
    await world.advance(10 * MINUTE);
    await world.until(net.get('ben').node.contacts.add(net.get('ann').node.contacts.link));
    await world.runUntil(() => net.get('ben').node.contacts.get(net.idOf('ann'))?.state === 'accepted', { limitMs: 5 * MINUTE });
    await world.advance(10 * MINUTE);
    await thiefComes(net, old);
    await world.advance(MINUTE);
    expect(net.get('tablet').node.devices.standing.state).toBe('linked');
    const devices = devicesOf(net, 'ben', 'ann');
    await net.send('ben', conversation(net, 'ben', 'ann'), 'for ann alone');
    await world.advance(10 * MINUTE);
    expect({ devices, thief: net.texts('tablet') }).toEqual({ devices: ['ann'], thief: [] });
  });

  it('is not taken for the person again by a contact who blocked that person for a minute; it stays so for hours while the person is there', async () => {
    const { net, old } = await lost('old list, block');
    const { world } = net;
    await world.until(net.get('ben').node.contacts.block(net.get('ann').identity.keyId));
    await world.advance(MINUTE);
    await world.until(net.get('ben').node.contacts.unblock(net.get('ann').identity.keyId));
    await world.advance(5 * MINUTE);
    await thiefComes(net, old);
    const taken = devicesOf(net, 'ben', 'ann');
    // Everybody is there again, and ann and ben talk.
    world.network.heal();
    await world.runUntil(() => net.reaches('ann', 'ben'), { limitMs: 10 * MINUTE });
    await net.send('ben', conversation(net, 'ben', 'ann'), 'are you there');
    await net.send('ann', conversation(net, 'ann', 'ben'), 'yes');
    await world.advance(3 * 60 * MINUTE);
    expect({ taken, hoursLater: devicesOf(net, 'ben', 'ann') }).toEqual({ taken: ['ann'], hoursLater: ['ann'] });
  });
});
