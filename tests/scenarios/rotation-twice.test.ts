import { describe, expect, it } from 'vitest';
import { contactOf, newsAt } from './lib/friends.ts';
import { anotherKey, begin, finish, type Scene, swap, withDevices } from './lib/rotation.ts';

const MINUTE = 60_000;

/** Ann's key is replaced once: whoever is to know has been told. */
async function once(scene: Scene, next = scene.next): Promise<Scene> {
  const { net, keeper } = scene;
  keeper.prepare(next);
  await net.world.until(net.get('ann').node.succession.begin(['ben']));
  await net.world.runUntil(() => net.get('ann').node.succession.plan?.contacts.every(({ handed }) => handed) === true, { limitMs: MINUTE });
  await net.world.advance(5000);
  await finish(scene, { anyway: true });
  await swap({ ...scene, next });
  await net.world.runUntil(() => net.reaches('ben', 'ann') && net.reaches('ann', 'ben'), { limitMs: MINUTE });
  return { ...scene, next };
}

const again = async (scene: Scene): Promise<Scene> => once(scene, await anotherKey(scene.net, 'after next'));

/** Ann has replaced her key twice before Ben said anything of it. */
async function twice(seed: string): Promise<{ second: Scene; old: string }> {
  const first = await begin(seed);
  const old = first.net.get('ann').identity.keyId;
  await once(first);
  expect(first.net.get('ben').node.contacts.get(old)?.change?.keyId).toBe(first.next.keyId);
  return { second: await again(first), old };
}

describe('a key that is replaced twice before a contact believes it', () => {
  it('is followed to the last one, with the conversation', async () => {
    const { second, old } = await twice('rotation twice');
    const { net, next } = second;
    expect(net.get('ben').node.contacts.get(old)?.change).toMatchObject({ keyId: next.keyId });
    await net.send('ann', '@ben', 'from the newest key');
    await net.send('ben', '@ann', 'before he believed it');
    await net.world.until(net.get('ben').node.contacts.decideKey(old, true));
    await net.world.runUntil(() => net.texts('ben').includes('from the newest key'), { limitMs: 15 * MINUTE });
    await net.world.runUntil(() => net.texts('ann').includes('before he believed it'), { limitMs: 15 * MINUTE });
    await net.send('ben', '@ann', 'to the newest key');
    await net.world.runUntil(() => net.texts('ann').includes('to the newest key'), { limitMs: MINUTE });
    expect(contactOf(net, 'ben', 'ann')).toMatchObject({ keyId: next.keyId, before: { keyId: old } });
    const all = ['from the old key', 'to the old key', 'from the newest key', 'to the newest key'];
    for (const host of ['ann', 'ben']) {
      const { channels, direct, contacts } = net.get(host).node;
      const id = direct.idWith(contacts.find(host === 'ann' ? 'ben' : next.keyId).keyId);
      const texts = (await net.world.until(channels.archive.history(id, { limit: 50 }))).map(({ text }) => text);
      expect(texts.filter((text) => text !== 'before he believed it')).toEqual(all);
    }
    expect(net.errors()).toEqual([]);
  });

  it('is not followed by a contact who does not believe it', async () => {
    const { second, old } = await twice('rotation twice refused');
    const { net, next } = second;
    await net.world.until(net.get('ben').node.contacts.decideKey(old, false));
    expect(net.get('ben').node.contacts.get(old)).toMatchObject({ keyId: old, state: 'accepted' });
    expect(net.get('ben').node.contacts.get(next.keyId)).toBeUndefined();
  });

  it('is told also where it comes while the first one is being believed', async () => {
    const first = await begin('rotation race');
    const { net, keeper } = first;
    const old = net.get('ann').identity.keyId;
    await once(first);
    const next = await anotherKey(net, 'after next');
    keeper.prepare(next);
    const news = newsAt(net.get('ben'));
    await net.world.until(net.get('ann').node.succession.begin(['ben']));
    net.world.drive('ben').slow(1000);
    await net.world.until(net.get('ben').node.contacts.decideKey(old, true));
    net.world.drive('ben').slow(0);
    await net.world.advance(MINUTE);
    expect(net.get('ben').node.contacts.get(first.next.keyId)?.change?.keyId).toBe(next.keyId);
    expect(news.filter((one) => one.startsWith('key-change'))).toHaveLength(1);
  });

  it('leads on also from the one between, which the contact has added by itself', async () => {
    const first = await begin('rotation by itself');
    const { net } = first;
    const old = net.get('ann').identity.keyId;
    const { contacts } = net.get('ben').node;
    await once(first);
    await net.world.until(contacts.add(net.get('ann').node.contacts.link, { alias: 'ann at work' }));
    await net.world.runUntil(() => contacts.get(first.next.keyId)?.state === 'accepted', { limitMs: 5 * MINUTE });
    const second = await again(first);
    await net.world.until(contacts.decideKey(old, true));
    await net.world.advance(MINUTE);
    expect(contacts.list()).toMatchObject([{ keyId: first.next.keyId, alias: 'ann at work', change: { keyId: second.next.keyId } }]);
  });

  it.each([true, false])('takes along a device of hers (that was away: %s)', async (away) => {
    const scene = await withDevices('rotation twice with a device', 'phone');
    const { net } = scene;
    const old = net.get('ann').identity.keyId;
    if (away) await net.stop('phone');
    await net.world.advance(5000);
    const second = await again(await once(scene));
    await net.world.until(net.get('ben').node.contacts.decideKey(old, true));
    await net.world.advance(5 * MINUTE);
    if (away) await net.restart('phone');
    await net.world.runUntil(() => net.get('phone').node.devices.person.keyId === second.next.keyId, { limitMs: 60 * MINUTE });
    expect(net.get('ann').node.devices.isOwn(net.idOf('phone'))).toBe(true);
    await net.world.advance(5 * MINUTE);
    await net.send('ben', '@ann', 'to all your devices');
    await net.world.runUntil(() => ['ann', 'phone'].every((host) => net.texts(host).includes('to all your devices')), {
      limitMs: 20 * MINUTE,
    });
  });
});

describe('what goes on under a new key', () => {
  it('is the timer of the conversation, and all of it for who wants it from the beginning', async () => {
    const scene = await begin('rotation goes on');
    const { net, next } = scene;
    const old = net.get('ann').identity.keyId;
    await net.world.until(net.get('ann').node.channels.setTimer('@ben', 3600));
    await net.world.advance(5000);
    await once(scene);
    await net.world.until(net.get('ben').node.contacts.decideKey(old, true));
    await net.send('ann', '@ben', 'from the new key');
    await net.world.runUntil(() => net.texts('ben').includes('from the new key'), { limitMs: 15 * MINUTE });
    for (const [host, other] of [
      ['ann', 'ben'],
      ['ben', next.keyId],
    ] as const) {
      const { channels, contacts, direct } = net.get(host).node;
      const id = direct.idWith(contacts.find(other).keyId);
      expect(channels.find(id).timer?.seconds).toBe(3600);
      const first = await net.world.until(channels.archive.history(id, { after: `${id}/`, limit: 1 }));
      expect(first.map(({ text }) => text)).toEqual(['from the old key']);
      const all = await net.world.until(channels.archive.history(id, { after: `${id}/`, limit: 50 }));
      expect(all.map(({ text }) => text)).toEqual(['from the old key', 'to the old key', 'from the new key']);
      expect(all.at(-1)?.lifetime).toBe(3600);
    }
    await net.stop('ben');
    await net.restart('ben');
    expect(net.get('ben').node.channels.find(net.get('ben').node.direct.idWith(next.keyId)).timer?.seconds).toBe(3600);
  });
});
