import { describe, expect, it } from 'vitest';
import { clients, closedChannel, invite, membersAt, settled } from './lib/closed.ts';
import { Recording } from './lib/recording.ts';

const FIVE = ['a', 'b', 'c', 'd', 'e'];

describe('a closed channel of five', () => {
  it('talks, with one away who catches up in order; and the links hold nothing of it: no text, no name, no list of members', async () => {
    const net = await clients('closed five', ...FIVE);
    const recording = new Recording(net);
    const id = await closedChannel(net, FIVE, { name: 'name-of-the-hideout' });
    expect(membersAt(net, id, 'c')).toEqual(['a:owner', 'b:member', 'c:member', 'd:member', 'e:member']);
    net.crash('e');
    await net.world.advance(60_000);
    const texts = Array.from({ length: 20 }, (_, i) => `word ${i} of the five`);
    for (const [i, text] of texts.entries()) await net.send(['a', 'b', 'c', 'd'][i % 4] as string, id, text);
    for (const host of ['a', 'b', 'c', 'd']) {
      await net.world.runUntil(() => net.texts(host).length === texts.length, { limitMs: 30_000, what: `that ${host} has all` });
    }
    await net.world.advance(60_000);
    await net.restart('e');
    await net.world.runUntil(() => net.texts('e').length === texts.length, { limitMs: 120_000, what: 'that e has all' });
    for (const sender of ['a', 'b', 'c', 'd']) {
      expect(net.textsFrom('e', sender)).toEqual(texts.filter((_, i) => ['a', 'b', 'c', 'd'][i % 4] === sender));
    }
    await net.send('e', id, 'back again');
    await net.world.runUntil(() => FIVE.every((host) => net.texts(host).includes('back again')), { limitMs: 30_000 });
    const keys = FIVE.map((host) => net.get(host).identity.keyId);
    expect(recording.readable([...texts, 'back again', 'name-of-the-hideout', 'parley-role', '"role"'])).toEqual([]);
    // Keys stand in `auth`, each by itself.
    expect(recording.together(keys)).toEqual([]);
    expect(recording.count('CHANNEL') + recording.count('JOIN')).toBe(0);
    expect(net.errors()).toEqual([]);
  });

  it('is the same after everybody started anew', async () => {
    const net = await clients('closed again', ...FIVE);
    const id = await closedChannel(net, FIVE);
    await net.send('a', id, 'before');
    await net.world.runUntil(() => FIVE.every((host) => net.texts(host).includes('before')), { limitMs: 30_000 });
    for (const host of FIVE) {
      net.crash(host);
      await net.restart(host);
    }
    await net.world.runUntil(() => FIVE.every((host) => net.reaches('a', host) || host === 'a'));
    await net.send('b', id, 'after');
    await net.world.runUntil(() => FIVE.every((host) => net.texts(host).includes('after')), { limitMs: 60_000 });
    expect(membersAt(net, id, 'e')).toEqual(membersAt(net, id, 'a'));
  });

  it('takes in whom members invite, with what the channel lets them read of the time before', async () => {
    for (const [history, seen] of [
      ['all', ['one', 'two', 'three']],
      ['none', []],
      [2, ['two', 'three']],
    ] as const) {
      const net = await clients(`closed history ${history}`, 'a', 'b', 'c');
      const id = await closedChannel(net, ['a', 'b'], { history });
      for (const text of ['one', 'two', 'three']) {
        await net.send(text === 'two' ? 'b' : 'a', id, text);
        await net.world.advance(1000);
      }
      await net.world.advance(20_000);
      await invite(net, id, 'b', 'c');
      await settled(net, id, ['a', 'b', 'c']);
      await net.world.advance(180_000);
      await net.send('a', id, 'four');
      await net.world.runUntil(() => net.texts('c').includes('four'), { limitMs: 30_000 });
      expect((await net.history('c', id)).slice(0, -1), String(history)).toEqual(seen);
    }
  });
});
