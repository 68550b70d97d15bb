import { describe, expect, it } from 'vitest';
import { conversation, devicesOf, knows } from './lib/devices.ts';
import { contactOf } from './lib/friends.ts';
import type { Network } from './lib/network.ts';
import { finish, type Scene, swap, withDevices } from './lib/rotation.ts';

const MINUTE = 60_000;

const shows = (net: Network, text: string, ...hosts: string[]): Promise<void> =>
  net.world.runUntil(() => hosts.every((host) => net.texts(host).includes(text)), {
    limitMs: 20 * MINUTE,
    what: `that ${hosts.join()} show ${text}`,
  });

/** Ben is told of ann's key, and believes it. */
async function believes({ net }: Scene, old: string): Promise<void> {
  const { contacts } = net.get('ben').node;
  await net.world.runUntil(() => contacts.get(old)?.change !== undefined, { limitMs: 15 * MINUTE, what: 'that ben is told' });
  await net.world.until(contacts.decideKey(old, true));
}

describe('a new key of a user with several devices', () => {
  it('takes them along: all go on as one person, in the conversation and in the channels, and contacts who were not told are nobody’s any more', async () => {
    const scene = await withDevices('rotation devices', 'tablet', 'phone');
    const { net, next } = scene;
    const { world } = net;
    const old = net.get('ann').identity;
    const closed = (await world.until(net.get('ben').node.channels.createClosed('hideout'))).id;
    await world.until(net.get('ben').node.channels.closed.invite(closed, net.idOf('ann')));
    await world.runUntil(() => net.get('ann').node.channels.closed.invitations().length > 0, { limitMs: MINUTE });
    await world.until(net.get('ann').node.channels.closed.accept(closed));
    await world.runUntil(() => net.get('ben').node.channels.members(closed).length === 4, { limitMs: 5 * MINUTE, what: 'all devices' });
    const begun = await world.until(net.get('ann').node.succession.begin(['ben']));
    expect(begun.contacts.filter(({ device }) => device)).toHaveLength(2);
    // Nobody is linked to a key that goes.
    await expect(world.until(net.get('ann').node.devices.ask(net.get('s').node.devices.code().link))).rejects.toMatchObject({
      code: 'conflict',
    });
    await world.advance(MINUTE);
    await finish(scene);
    await swap(scene);
    await knows(net, 'ann', ['ann', 'tablet', 'phone'], 'ann', 'tablet', 'phone');
    expect(net.get('tablet').node.devices.person.keyId).toBe(next.keyId);
    await believes(scene, old.keyId);
    await knows(net, 'ann', ['ann', 'tablet', 'phone'], 'ben');
    expect(devicesOf(net, 'ben', 'ann')).toHaveLength(3);
    const id = conversation(net, 'ann', 'ben');
    for (const host of ['tablet', 'phone', 'ben']) expect(conversation(net, host, host === 'ben' ? 'ann' : 'ben')).toBe(id);
    await world.advance(5 * MINUTE);
    for (const host of ['ann', 'tablet', 'phone', 'ben']) {
      await net.send(host, host === 'ben' ? conversation(net, 'ben', 'ann') : '@ben', `direct from ${host}`);
      await net.send(host, closed, `closed from ${host}`);
      await world.advance(5000);
    }
    for (const host of ['ann', 'tablet', 'phone', 'ben'])
      for (const where of ['direct', 'closed']) await shows(net, `${where} from ${host}`, 'ann', 'tablet', 'phone', 'ben');
    // What was said before belongs to it on each of them.
    for (const host of ['ann', 'tablet', 'phone'])
      expect((await net.history(host, '@ben')).slice(0, 2)).toEqual(['from the old key', 'to the old key']);
    expect(net.get('tablet').node.devices.isOwn(old.nodeId)).toBe(true);
    const members = net.get('ben').node.channels.closed.members(closed);
    expect(members.filter(({ person }) => person === next.keyId)).toHaveLength(2);
    for (const host of ['ann', 'tablet', 'phone'])
      expect(
        net
          .get(host)
          .node.contacts.list()
          .map(({ name }) => name),
      ).toEqual(['ben']);
    expect(contactOf(net, 'ben', 'ann')).toMatchObject({ keyId: next.keyId, verified: false });
    expect(net.errors()).toEqual([]);
  });

  it('takes them along though its list is no later than the last of the old key, as within the second in which they were linked', async () => {
    const scene = await withDevices('rotation devices behind', 'tablet', 'phone');
    const { net, next } = scene;
    net.get('ann').ports.clock.jump(5 * MINUTE);
    await net.world.until(net.get('ann').node.devices.revoke('phone'));
    await net.world.advance(10_000);
    await net.world.until(net.get('ann').node.succession.begin(['ben']));
    await net.world.advance(MINUTE);
    await finish(scene);
    // With it the clock is right again.
    await swap(scene);
    await net.world.advance(MINUTE);
    expect(net.get('tablet').node.devices.person.keyId).toBe(next.keyId);
    expect(net.errors()).toEqual([]);
  });

  it('waits for one that was away, over the change; one that was revoked does not come along, whatever it has heard', async () => {
    const scene = await withDevices('rotation devices away', 'tablet', 'phone');
    const { net, next } = scene;
    const { world } = net;
    const old = net.get('ann').identity;
    net.crash('tablet');
    net.crash('phone');
    await world.advance(MINUTE);
    await world.until(net.get('ann').node.succession.begin(['ben']));
    await world.advance(MINUTE);
    await world.until(net.get('ann').node.devices.revoke('phone'));
    await world.advance(10_000);
    await finish(scene);
    await swap(scene);
    await believes(scene, old.keyId);
    expect(devicesOf(net, 'ann', 'ann')).toEqual(['ann']);
    await world.advance(10 * MINUTE);
    for (const host of ['tablet', 'phone']) await net.restart(host);
    await knows(net, 'ann', ['ann', 'tablet'], 'ann', 'tablet', 'ben');
    await world.advance(10_000);
    await net.send('tablet', '@ben', 'here again');
    await shows(net, 'here again', 'ben', 'ann');
    await world.advance(10 * MINUTE);
    expect(net.get('phone').node.devices.person.keyId).not.toBe(next.keyId);
    expect(devicesOf(net, 'ben', 'ann').sort()).toEqual(['ann', 'tablet']);
    const shown = net.texts('phone').length;
    await net.send('ben', conversation(net, 'ben', 'ann'), 'not for the phone');
    await shows(net, 'not for the phone', 'ann', 'tablet');
    expect(net.texts('phone').length).toBe(shown);
    expect(net.errors()).toEqual([]);
  });

  it('can be taken twice, and comes through a crash of the new one before it has its devices', async () => {
    const scene = await withDevices('rotation devices crash', 'tablet', 'phone');
    const { net, next } = scene;
    const { world } = net;
    await world.until(net.get('ann').node.succession.begin(['ben']));
    await world.advance(MINUTE);
    await finish(scene);
    await swap(scene, false);
    net.crash('ann');
    await net.restart('ann');
    await knows(net, 'ann', ['ann', 'tablet', 'phone'], 'ann', 'tablet', 'phone');
    net.crash('tablet');
    await net.restart('tablet');
    expect(net.get('tablet').node.devices.person.keyId).toBe(next.keyId);
    await world.until(net.get('ann').node.devices.revoke('phone'));
    await knows(net, 'ann', ['ann', 'tablet'], 'ann', 'tablet');
    await world.runUntil(() => net.get('phone').node.devices.standing.state === 'revoked', { limitMs: 5 * MINUTE, what: 'that it knows' });
    expect(net.errors()).toEqual([]);
  });

  it('is written with on them at once: what a contact gets who has not decided yet waits for that', async () => {
    const scene = await withDevices('rotation devices writing', 'tablet', 'phone');
    const { net } = scene;
    const old = net.get('ann').identity;
    await net.world.until(net.get('ann').node.succession.begin(['ben']));
    await net.world.advance(MINUTE);
    await finish(scene);
    await swap(scene);
    await knows(net, 'ann', ['ann', 'tablet', 'phone'], 'ann', 'tablet', 'phone');
    await net.world.advance(10_000);
    const { msgId } = await net.send('tablet', '@ben', 'already with the new key');
    await net.world.advance(2 * MINUTE);
    const states = async () => (await net.world.until(net.get('tablet').node.channels.delivery(msgId)))?.state;
    expect(await states()).not.toBe('failed');
    await believes(scene, old.keyId);
    await net.world.runUntil(() => net.texts('ben').includes('already with the new key'), { limitMs: MINUTE, what: 'that ben shows it' });
    await net.world.advance(10_000);
    expect(await states()).toBe('delivered');
  });
});
