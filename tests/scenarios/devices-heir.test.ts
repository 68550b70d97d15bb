import { describe, expect, it } from 'vitest';
import { closedChannel, membersAt } from './lib/closed.ts';
import { knows, link } from './lib/devices.ts';
import { around, befriend } from './lib/friends.ts';
import { Network } from './lib/network.ts';

const MINUTE = 60_000;

describe('a stolen device that is revoked', () => {
  it.each([
    ['owns', 'ann'],
    ['is a member of', 'ben'],
  ])('is out of a closed channel that its person %s, though it has handed on its place before', async (_, owner) => {
    const net = new Network({ seed: `heir ${owner}` });
    const { world } = net;
    await around(net, ['ann', 'ben', 'tablet', 'thief']);
    await befriend(net, 'ann', 'ben');
    const id = await closedChannel(net, owner === 'ann' ? ['ann', 'ben'] : ['ben', 'ann']);
    await link(net, 'ann', 'tablet');
    await knows(net, 'ann', ['ann', 'tablet'], 'ann', 'tablet', 'ben');
    await world.runUntil(() => membersAt(net, id, 'ben').some((one) => /^tablet:\w+$/.test(one)), {
      limitMs: 20 * MINUTE,
      what: 'the tablet',
    });
    await world.advance(MINUTE);
    // What taking a new key does in channels: only that nobody else is told of the key.
    const { identity } = net.get('thief');
    await world.until(net.get('tablet').node.channels.closed.succeed(identity));
    await world.runUntil(() => membersAt(net, id, 'ben').some((one) => one.startsWith('thief:')), { limitMs: MINUTE, what: 'the heir' });
    await world.until(net.get('ann').node.devices.revoke('tablet'));
    await knows(net, 'ann', ['ann'], 'ann', 'ben');
    await world.advance(10 * MINUTE);
    expect(membersAt(net, id, 'ben').map((one) => one.split(':')[0])).toEqual(['ann', 'ben']);
  });
});
