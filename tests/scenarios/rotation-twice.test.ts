import { describe, expect, it } from 'vitest';
import { contactOf } from './lib/friends.ts';
import { anotherKey, begin, finish, type Scene, swap, told } from './lib/rotation.ts';

const MINUTE = 60_000;

/** Ann has replaced her key twice before Ben said anything of it. */
async function twice(seed: string): Promise<{ first: Scene; second: Scene; old: string }> {
  const first = await begin(seed);
  const { net, keeper } = first;
  const old = net.get('ann').identity.keyId;
  await net.world.until(net.get('ann').node.succession.begin(['ben']));
  await net.world.runUntil(() => told(first), { limitMs: MINUTE });
  await finish(first, { anyway: true });
  await swap(first);
  const second = { ...first, next: await anotherKey(net, 'after next') };
  keeper.prepare(second.next);
  await net.world.until(net.get('ann').node.succession.begin(['ben']));
  await net.world.runUntil(() => net.get('ann').node.succession.plan?.contacts.every(({ handed }) => handed) === true, { limitMs: MINUTE });
  await net.world.advance(5000);
  await finish(second, { anyway: true });
  await swap(second);
  await net.world.runUntil(() => net.reaches('ben', 'ann') && net.reaches('ann', 'ben'), { limitMs: MINUTE });
  return { first, second, old };
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
});
