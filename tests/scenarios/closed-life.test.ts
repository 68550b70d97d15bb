import { describe, expect, it } from 'vitest';
import { clients, closedChannel, epochsOn, invite, membersAt, settled } from './lib/closed.ts';
import type { Network } from './lib/network.ts';

const closedAt = (net: Network, host: string) => net.get(host).node.channels.closed;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe('a member who leaves', () => {
  it('is followed by a new key, which it does not get, made by one of those who are left', async () => {
    const net = await clients('leave', 'a', 'b', 'c');
    const id = await closedChannel(net, ['a', 'b', 'c']);
    const [before] = epochsOn(net, id, 'a');
    await net.world.until(net.get('c').node.channels.leave(id));
    expect(epochsOn(net, id, 'c')).toEqual([]);
    await settled(net, id, ['a', 'b']);
    const latest = (host: string) => epochsOn(net, id, host).at(-1)?.kid;
    await net.world.runUntil(() => latest('a') !== before?.kid && latest('a') === latest('b'), { limitMs: MINUTE, what: 'a new key' });
    await net.send('b', id, 'without c');
    await net.world.runUntil(() => net.texts('a').includes('without c'), { limitMs: MINUTE });
    expect(net.knows('c', id)).toBe(false);
    await expect(net.send('c', id, 'x')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('and owns the channel hands it over first', async () => {
    const net = await clients('hand over', 'a', 'b', 'c');
    const id = await closedChannel(net, ['a', 'b', 'c']);
    await expect(net.world.until(net.get('a').node.channels.leave(id))).rejects.toMatchObject({ code: 'conflict' });
    await net.world.until(closedAt(net, 'a').setRole(id, net.idOf('b'), 'owner'));
    await net.world.until(net.get('a').node.channels.leave(id));
    await settled(net, id, ['b', 'c']);
    await net.world.until(closedAt(net, 'b').settings(id, { name: 'new-name', history: 5 }));
    await net.world.runUntil(() => net.get('c').node.channels.find(id).name === 'new-name', { limitMs: MINUTE });
    expect(closedAt(net, 'c').history(id)).toBe(5);
    await net.world.until(closedAt(net, 'b').remove(id, net.idOf('c')));
    expect(membersAt(net, id, 'b')).toEqual(['b:owner']);
  });
});

describe('an invitation', () => {
  it('may be declined, and the inviter sees it', async () => {
    const net = await clients('decline', 'a', 'b', 'c');
    const id = await closedChannel(net, ['a', 'b']);
    await net.world.until(closedAt(net, 'b').invite(id, net.idOf('c'), 'observer'));
    await net.world.runUntil(() => closedAt(net, 'c').invitations().length === 1, { limitMs: MINUTE });
    await net.world.runUntil(() => membersAt(net, id, 'a').includes('c:observer?'), { limitMs: MINUTE });
    await net.world.until(closedAt(net, 'c').decline(id));
    await net.world.runUntil(() => ['a', 'b'].every((host) => !membersAt(net, id, host).includes('c:observer?')), { limitMs: MINUTE });
    expect(closedAt(net, 'c').invitations()).toEqual([]);
    await expect(net.world.until(closedAt(net, 'c').accept(id))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is answered by another member while the inviter is away, and outlives the invitee and its first try', async () => {
    const net = await clients('away', 'a', 'b', 'c');
    const id = await closedChannel(net, ['a', 'b']);
    await net.world.until(closedAt(net, 'a').invite(id, net.idOf('c')));
    await net.world.runUntil(() => closedAt(net, 'c').invitations().length === 1, { limitMs: MINUTE });
    await net.world.runUntil(() => membersAt(net, id, 'b').includes('c:member?'), { limitMs: MINUTE });
    for (const host of ['a', 'b']) net.crash(host);
    await net.world.advance(MINUTE);
    const accepting = closedAt(net, 'c').accept(id);
    await expect(net.world.until(accepting, { limitMs: MINUTE })).rejects.toMatchObject({ code: 'timeout' });
    net.crash('c');
    await net.restart('c');
    expect(closedAt(net, 'c').invitations()[0]?.accepted).toBe(true);
    await net.restart('b');
    await net.world.runUntil(() => net.get('c').node.channels.isJoined(id), { limitMs: 5 * MINUTE });
    await net.send('c', id, 'here I am');
    await net.world.runUntil(() => net.texts('b').includes('here I am'), { limitMs: MINUTE });
    await net.restart('a');
    await net.world.runUntil(() => net.texts('a').includes('here I am'), { limitMs: 5 * MINUTE });
    expect(membersAt(net, id, 'a')).toEqual(['a:owner', 'b:member', 'c:member']);
  });
});

describe('a member who was away', () => {
  it('while others came and went and keys changed, reads all in order when it is back', async () => {
    const net = await clients('away for days', 'a', 'b', 'c', 'd');
    const id = await closedChannel(net, ['a', 'b', 'c']);
    net.crash('c');
    const texts: string[] = [];
    const say = async (text: string): Promise<void> => {
      texts.push(text);
      await net.send('a', id, text);
    };
    for (let round = 0; round < 3; round++) {
      await say(`round ${round}, before`);
      await invite(net, id, 'a', 'd');
      await net.world.runUntil(() => net.get('a').node.channels.members(id).length === 4, { limitMs: MINUTE });
      await say(`round ${round}, with d`);
      await net.world.until(closedAt(net, 'a').remove(id, net.idOf('d')));
      await say(`round ${round}, without d`);
      await net.world.runUntil(() => !net.get('d').node.channels.isJoined(id), { limitMs: MINUTE });
      await net.world.advance(10 * MINUTE);
    }
    expect(epochsOn(net, id, 'a').length).toBe(4);
    await net.restart('c');
    await net.world.runUntil(() => net.texts('c').length === texts.length, { limitMs: 10 * MINUTE, what: 'that c has all' });
    expect(net.textsFrom('c', 'a')).toEqual(texts);
    await net.world.runUntil(() => String(membersAt(net, id, 'c')) === String(membersAt(net, id, 'a')), { limitMs: 5 * MINUTE });
    await net.send('c', id, 'and I am back');
    await net.world.runUntil(() => net.texts('b').includes('and I am back'), { limitMs: MINUTE });
  });

  it('for longer than anybody stores, finds the way back by asking', async () => {
    const net = await clients('away for weeks', 'a', 'b', 'c', 'd');
    const id = await closedChannel(net, ['a', 'b', 'c', 'd']);
    net.crash('c');
    await net.world.until(closedAt(net, 'a').remove(id, net.idOf('d')));
    await net.send('a', id, 'weeks ago');
    await net.world.runUntil(() => net.texts('b').length === 1, { limitMs: MINUTE });
    await net.world.advance(MINUTE);
    // Nobody runs for so long, which takes no time to simulate; what servers held has expired then.
    for (const host of ['a', 'b', 'd', 's1', 's2']) net.crash(host);
    await net.world.advance(9 * DAY);
    for (const host of ['s1', 's2', 'a', 'b']) await net.restart(host);
    await net.world.advance(MINUTE);
    await net.restart('c');
    await net.world.runUntil(() => net.reaches('a', 'c') && net.reaches('c', 'a'));
    await net.send('b', id, 'today');
    await net.world.runUntil(() => net.texts('c').length === 2, { limitMs: 10 * MINUTE, what: 'that c has both' });
    expect((await net.history('c', id)).sort()).toEqual(['today', 'weeks ago']);
    await net.world.runUntil(() => String(membersAt(net, id, 'c')) === 'a:owner,b:member,c:member', { limitMs: 5 * MINUTE });
    // The key that d had is destroyed by now.
    await net.world.advance(65 * MINUTE);
    expect(epochsOn(net, id, 'a').length).toBe(1);
  });
});

describe('a channel that can hold no more changes', () => {
  it('says so to whoever makes one more, and who would invite', async () => {
    const net = await clients('full', 'a', 'b');
    const id = await closedChannel(net, ['a']);
    const { channels } = net.get('a').node;
    const change = (seconds: number) => net.world.until(channels.closed.timer.set(id, seconds));
    for (let at = 0; at < 998; at++) await change(60 + at);
    await expect(change(5000)).rejects.toMatchObject({ code: 'quota', message: expect.stringContaining('begin a new one') });
    const invited = net.world.until(channels.closed.invite(id, net.idOf('b')));
    await expect(invited).rejects.toMatchObject({ code: 'quota', message: expect.stringContaining('begin a new one') });
    await net.send('a', id, 'still to be written in');
  });
});
