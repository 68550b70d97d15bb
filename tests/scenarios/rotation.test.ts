import { describe, expect, it } from 'vitest';
import { contactOf } from './lib/friends.ts';
import { begin, finish, swap, told } from './lib/rotation.ts';

const MINUTE = 60_000;

describe('a new key of a user', () => {
  it('goes to the contacts that were picked, with the conversation and its history; others see a stranger', async () => {
    const scene = await begin('rotation');
    const { net, keeper, next } = scene;
    const old = net.get('ann').identity;
    await net.world.until(net.get('ann').node.succession.begin(['ben']));
    await net.world.runUntil(() => told(scene), { limitMs: MINUTE, what: 'that ben is told' });
    await net.world.advance(5000);
    expect(net.get('ann').node.succession.plan?.contacts.every(({ handed }) => handed)).toBe(true);
    await finish(scene);
    expect(keeper.taken).toBe(true);
    await swap(scene);
    const ann = net.get('ann').node;
    await net.world.runUntil(() => net.reaches('ben', 'ann'), { limitMs: MINUTE });
    expect(ann.contacts.list().map(({ name }) => name)).toEqual(['ben']);
    // Until he believes it, what she writes waits.
    await net.send('ann', '@ben', 'from the new key');
    await net.world.advance(MINUTE);
    expect(net.texts('ben')).not.toContain('from the new key');
    expect(await net.history('ann', '@ben')).toEqual(['from the old key', 'to the old key', 'from the new key']);
    await net.world.until(net.get('ben').node.contacts.decideKey(old.keyId, true));
    await net.world.runUntil(() => net.texts('ben').includes('from the new key'), { limitMs: 15 * MINUTE, what: 'the new conversation' });
    await net.send('ben', '@ann', 'to the new key');
    await net.world.runUntil(() => net.texts('ann').includes('to the new key'), { limitMs: MINUTE });
    const all = ['from the old key', 'to the old key', 'from the new key', 'to the new key'];
    const histories = async (host: string, with_: string): Promise<string[]> => {
      const { channels, direct, contacts } = net.get(host).node;
      return (await net.world.until(channels.archive.history(direct.idWith(contacts.find(with_).keyId), { limit: 50 }))).map(
        ({ text }) => text,
      );
    };
    expect(await histories('ann', 'ben')).toEqual(all);
    expect(await histories('ben', next.keyId)).toEqual(all);
    // Pages end and begin in either.
    const { channels, direct } = net.get('ben').node;
    const id = direct.idWith(next.keyId);
    const [third] = (await net.world.until(channels.archive.history(id, { limit: 2 }))).map(({ cursor }) => cursor);
    const earlier = await net.world.until(channels.archive.history(id, { limit: 1, before: third as string }));
    expect(earlier.map(({ text }) => text)).toEqual(['to the old key']);
    const later = await net.world.until(channels.archive.history(id, { limit: 2, after: earlier[0]?.cursor as string }));
    expect(later.map(({ text }) => text)).toEqual(['from the new key', 'to the new key']);
    expect(contactOf(net, 'ben', 'ann')).toMatchObject({ keyId: next.keyId, verified: false, before: { keyId: old.keyId } });
    // Cid was not told: to him the new key is nobody's.
    expect(net.get('cid').node.contacts.get(next.keyId)).toBeUndefined();
    expect(net.get('cid').node.contacts.get(old.keyId)).toMatchObject({ state: 'accepted' });
    expect(net.get('cid').node.contacts.get(old.keyId)?.change).toBeUndefined();
    expect(net.errors()).toEqual([]);
  });

  it('waits for a contact who is away, and the server has the statement before the old key goes', async () => {
    const scene = await begin('rotation away');
    const { net } = scene;
    net.crash('ben');
    await net.world.advance(MINUTE);
    await net.world.until(net.get('ann').node.succession.begin('all'));
    await net.world.advance(MINUTE);
    await finish(scene);
    await swap(scene);
    await net.world.advance(MINUTE);
    // Nobody of that name is there when he comes.
    net.crash('ann');
    await net.world.advance(MINUTE);
    await net.restart('ben');
    await net.world.runUntil(
      () =>
        net
          .get('ben')
          .node.contacts.list()
          .some(({ change }) => change),
      {
        limitMs: MINUTE,
        what: 'that ben is told',
      },
    );
  });

  it('is not hurried: while a contact is not told the old key stays, unless the user goes on; the new one tells them then', async () => {
    const scene = await begin('rotation untold');
    const { net } = scene;
    net.crash('s');
    await net.world.advance(MINUTE);
    await net.world.until(net.get('ann').node.succession.begin(['ben']));
    await net.world.advance(MINUTE);
    await expect(finish(scene)).rejects.toMatchObject({ code: 'conflict' });
    await finish(scene, { anyway: true });
    await swap(scene);
    await net.restart('s');
    await net.world.runUntil(
      () =>
        net
          .get('ben')
          .node.contacts.list()
          .some(({ change }) => change),
      { limitMs: 15 * MINUTE },
    );
    await net.world.runUntil(() => net.get('ann').node.succession.plan === undefined, { limitMs: 15 * MINUTE, what: 'that all are told' });
  });

  it('takes over the places of the old one in channels, with the same roles', async () => {
    const scene = await begin('rotation channels');
    const { net, next } = scene;
    const { world } = net;
    const ann = () => net.get('ann').node;
    const garden = await net.channel('garden', 'ann', 'ben');
    const owned = (await world.until(ann().channels.createClosed('owned'))).id;
    const guest = (await world.until(net.get('ben').node.channels.createClosed('guest'))).id;
    await world.until(ann().channels.closed.invite(owned, net.idOf('ben')));
    await world.until(net.get('ben').node.channels.closed.invite(guest, net.idOf('ann'), 'moderator'));
    for (const [host, id] of [
      ['ben', owned],
      ['ann', guest],
    ] as const) {
      await world.runUntil(() => net.get(host).node.channels.closed.invitations().length > 0, { limitMs: MINUTE });
      await world.until(net.get(host).node.channels.closed.accept(id));
    }
    await world.advance(MINUTE);
    await world.until(ann().succession.begin(['ben']));
    await world.advance(10_000);
    await finish(scene);
    await swap(scene);
    await world.advance(2 * MINUTE);
    for (const host of ['ann', 'ben']) {
      const { closed } = net.get(host).node.channels;
      const roles = (id: string) => Object.fromEntries(closed.members(id).map(({ key, role, joined }) => [key, joined ? role : 'invited']));
      const ben = net.get('ben').identity.keyId;
      expect(roles(owned)).toEqual({ [next.keyId]: 'owner', [ben]: 'member' });
      expect(roles(guest)).toEqual({ [next.keyId]: 'moderator', [ben]: 'owner' });
      expect(new Set(net.get(host).node.channels.members(garden))).toEqual(new Set([next.nodeId, net.idOf('ben')]));
    }
    for (const id of [garden, owned, guest]) {
      await net.send('ann', id, `new in ${id}`);
      await net.send('ben', id, `welcome in ${id}`);
    }
    await world.runUntil(
      () =>
        [garden, owned, guest].every((id) => net.texts('ben').includes(`new in ${id}`) && net.texts('ann').includes(`welcome in ${id}`)),
      {
        limitMs: 5 * MINUTE,
        what: 'that both read both',
      },
    );
    expect(net.errors()).toEqual([]);
  });

  it('comes through a crash at each step', async () => {
    const scene = await begin('rotation crash');
    const { net, keeper } = scene;
    await net.world.until(net.get('ann').node.succession.begin(['ben']));
    net.crash('ann');
    await net.restart('ann');
    await net.world.runUntil(() => told(scene), { limitMs: 15 * MINUTE, what: 'that ben is told after a crash' });
    await net.world.advance(10_000);
    // The old key has begun to give up its places when it crashes.
    await net.world.until(net.get('ann').node.contacts.rotation.leave());
    net.crash('ann');
    await net.restart('ann');
    await net.world.until(net.get('ann').node.succession.resume());
    expect(keeper.taken).toBe(true);
    await swap(scene, false);
    net.crash('ann');
    await net.restart('ann');
    await net.world.runUntil(() => net.reaches('ben', 'ann'), { limitMs: MINUTE });
    expect(
      net
        .get('ann')
        .node.contacts.list()
        .map(({ name }) => name),
    ).toEqual(['ben']);
    expect(await net.history('ann', '@ben')).toEqual(['from the old key', 'to the old key']);
  });

  it('can be given up', async () => {
    const scene = await begin('rotation given up');
    const { net } = scene;
    net.crash('s');
    const { succession } = net.get('ann').node;
    await net.world.until(succession.begin('all'));
    await expect(net.world.until(succession.begin('all'))).rejects.toMatchObject({ code: 'conflict' });
    await net.world.until(succession.cancel());
    expect(succession.plan).toBeUndefined();
    await expect(finish(scene)).rejects.toMatchObject({ code: 'not-found' });
    await expect(net.world.until(succession.begin(['nobody']))).rejects.toMatchObject({ code: 'not-found' });
  });
});
