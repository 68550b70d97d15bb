import { base64, HISTORY, MESSAGE, signJws, timestamp } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { clients, closedChannel, epochsOn, invite, membersAt } from './lib/closed.ts';
import { Network } from './lib/network.ts';
import { guid } from './lib/stranger.ts';

const MINUTE = 60_000;
const closedAt = (net: Network, host: string) => net.get(host).node.channels.closed;
const role = (net: Network, id: string, host: string, is: string, at: readonly string[]): Promise<void> =>
  net.world.runUntil(() => at.every((one) => membersAt(net, id, one).includes(`${host}:${is}`)), { limitMs: 2 * MINUTE });

describe('what a moderator has deleted', () => {
  it.each([
    ['is a plain member again', (net: Network, id: string) => net.world.until(closedAt(net, 'a').setRole(id, net.idOf('m'), 'member'))],
    ['has left', (net: Network, id: string) => net.world.until(closedAt(net, 'm').leave(id))],
    ['was removed', (net: Network, id: string) => net.world.until(closedAt(net, 'a').remove(id, net.idOf('m')))],
  ])('is deleted at a member who was away as well, though by then whoever did it %s', async (what, then) => {
    const net = await clients(`deleted ${what}`, 'a', 'm', 'b', 'c');
    const id = await closedChannel(net, ['a', 'm', 'b', 'c']);
    await net.world.until(closedAt(net, 'a').setRole(id, net.idOf('m'), 'moderator'));
    await role(net, id, 'm', 'moderator', ['a', 'b', 'c']);
    const { msgId } = await net.send('b', id, 'the address of somebody');
    await net.world.runUntil(() => ['a', 'm', 'c'].every((host) => net.texts(host).includes('the address of somebody')), {
      limitMs: MINUTE,
    });
    net.world.network.partition([['s1', 's2', 'a', 'm', 'b'], ['c']]);
    await net.world.advance(MINUTE);
    await net.world.until(net.get('m').node.channels.act(id, 'delete', msgId));
    await net.world.advance(MINUTE);
    expect(await net.history('a', id)).toEqual(['']);
    await then(net, id);
    await net.world.advance(2 * MINUTE);
    net.world.network.heal();
    await net.world.advance(10 * MINUTE);
    expect(Object.fromEntries(await Promise.all(['a', 'b', 'c'].map(async (host) => [host, await net.history(host, id)])))).toEqual({
      a: [''],
      b: [''],
      c: [''],
    });
  });
});

describe('an observer who was a member before', () => {
  it.each(['o', 'p'])(
    'says nothing new by dating it back and handing it round as history, itself or by another observer: %s',
    async (by) => {
      const net = await clients('dated back', 'a', 'b', 'o', 'p');
      const id = await closedChannel(net, ['a', 'b', 'o']);
      await invite(net, id, 'a', 'p', 'observer');
      await net.send('o', id, 'as a member');
      await net.world.runUntil(() => net.texts('b').includes('as a member'), { limitMs: MINUTE });
      const then = net.world.clock.now();
      await net.world.advance(30 * MINUTE);
      await net.world.until(closedAt(net, 'a').setRole(id, net.idOf('o'), 'observer'));
      await role(net, id, 'o', 'observer', ['a', 'b', 'o']);
      // A day later.
      await net.world.advance(24 * 60 * MINUTE);
      const { identity } = net.get('o');
      const { node } = net.get(by);
      const jws = await signJws(identity, {
        msg_id: guid(1),
        node_id: identity.nodeId,
        channel_id: id,
        timestamp: timestamp(then),
        text: 'written today by an observer',
        attachments: [],
        seq: 2,
      });
      const key = epochsOn(net, id, by).at(-1);
      if (!key) throw new Error('no key');
      const data = { recipient_id: net.idOf('b'), channel_id: id, messages: [base64(new TextEncoder().encode(jws))] };
      await net.world.until(node.overlay.sealed.send(HISTORY, data, { key, channelId: id, recipients: [net.idOf('b')] }));
      await net.world.advance(5 * MINUTE);
      expect(net.texts('b')).toEqual(['as a member']);
      expect(net.texts('a')).toEqual(['as a member']);
    },
  );
});

describe('a public channel', () => {
  it('lets nothing disappear: what says that it goes after a minute stays (WIRE: a lifetime counts in closed channels and conversations of two)', async () => {
    const net = new Network({ seed: 'public lifetime', conditions: { latencyMs: 5 } });
    await net.server('s');
    for (const host of ['a', 'b', 'c']) {
      await net.client(host);
      net.link(host, 's');
    }
    const id = await net.channel('lobby', 'a', 'b', 'c');
    // The same as `channels.send`, by whoever changes one line.
    const { identity, node } = net.get('b');
    const about = { msg_id: guid(7), node_id: identity.nodeId, channel_id: id, timestamp: timestamp(net.world.clock.now()) };
    const jws = await signJws(identity, { ...about, text: 'buy my coins', attachments: [], seq: 1, lifetime: 60 });
    const recipient = ['a', 'c'].map((host) => ({ node_id: net.idOf(host) }));
    const data = {
      msg_id: about.msg_id,
      recipient,
      timestamp: about.timestamp,
      channel: 'lobby',
      channel_id: id,
      message: base64(new TextEncoder().encode(jws)),
    };
    await net.world.until(
      node.overlay.entrust(MESSAGE, data, { msgId: about.msg_id, recipients: recipient.map(({ node_id }) => node_id), receipts: true }),
    );
    await net.world.advance(5000);
    expect(net.texts('a')).toEqual(['buy my coins']);
    await net.world.advance(10 * MINUTE);
    expect(await net.history('a', id)).toEqual(['buy my coins']);
  });
});
