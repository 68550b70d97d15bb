import { describe, expect, it } from 'vitest';
import { content, MIB, read, same, share, until } from './lib/file-scene.ts';
import { begin, finish, swap, told } from './lib/rotation.ts';

const MINUTE = 60_000;

describe('a large file of a conversation', () => {
  it('can be fetched when a key of either was replaced since', async () => {
    const scene = await begin('rotation and a file');
    const { net } = scene;
    const ben = net.get('ben').node;
    const old = net.get('ann').identity;
    const id = net.get('ann').node.direct.idWith(ben.identity.keyId);
    const bytes = content(20 * MIB);
    const about = await share({ net, id }, bytes);
    await net.world.runUntil(() => net.texts('ben').includes('a film'), { limitMs: MINUTE });
    await net.world.until(net.get('ann').node.succession.begin(['ben']));
    await net.world.runUntil(() => told(scene), { limitMs: MINUTE, what: 'that ben is told' });
    await net.world.advance(5000);
    await finish(scene);
    await swap(scene);
    await net.world.runUntil(() => net.reaches('ben', 'ann'), { limitMs: MINUTE });
    await net.world.until(ben.contacts.decideKey(old.keyId, true));
    await net.send('ann', '@ben', 'from the new key');
    await net.world.runUntil(() => net.texts('ben').includes('from the new key'), { limitMs: 15 * MINUTE, what: 'the new conversation' });
    await net.world.until(ben.files.fetch(about, id, old.nodeId));
    await until({ net, id }, 'ben', about, 'here');
    expect(same(await read({ net, id }, 'ben', about), bytes)).toBe(true);
    expect(net.errors()).toEqual([]);
  });
});
