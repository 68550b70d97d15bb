import { FLEETING, guidFromDigest, TYPING } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { clients, closedChannel, invite } from './lib/closed.ts';
import { Network } from './lib/network.ts';
import { Recording } from './lib/recording.ts';
import { guid, Stranger } from './lib/stranger.ts';
import { rejected, toldAt, type, typists } from './lib/typing.ts';

const SECOND = 1000;
const MINUTE = 60_000;

describe('typing in a closed channel', () => {
  it('is told to its members with one envelope, by all but observers, and stops with a removal', async () => {
    const net = await clients('typing closed', 'ann', 'ben', 'cat', 'dan');
    const id = await closedChannel(net, ['ann', 'ben', 'cat']);
    await invite(net, id, 'ann', 'dan', 'observer');
    await net.world.advance(MINUTE);
    const recording = new Recording(net);
    type(net, 'ben', id);
    await net.world.advance(SECOND);
    for (const host of ['ann', 'cat', 'dan']) expect(typists(net, host, id)).toEqual(['ben']);
    // One to the server, one to the other server, and to each of the three.
    expect(recording.count('FLEETING')).toBe(5);
    expect(recording.readable(['TYPING', 'typing'])).toEqual([]);
    await net.world.advance(13 * SECOND);
    type(net, 'dan', id);
    await net.world.advance(SECOND);
    for (const host of ['ann', 'ben', 'cat']) expect(typists(net, host, id)).toEqual([]);
    await net.world.until(net.get('ann').node.channels.closed.remove(id, net.idOf('ben')));
    await net.world.advance(MINUTE);
    type(net, 'cat', id);
    await net.world.advance(SECOND);
    expect([typists(net, 'ann', id), typists(net, 'ben', id)]).toEqual([['cat'], []]);
    expect(net.errors()).toEqual([]);
  });

  it('is not taken from observers, removed members and strangers, whatever key they hold', async () => {
    const net = await clients('typing hostile', 'ann', 'ben', 'cat', 'eve');
    const id = await closedChannel(net, ['ann', 'ben', 'cat']);
    await net.world.until(net.get('ann').node.channels.closed.setRole(id, net.idOf('ben'), 'observer'));
    await net.world.advance(MINUTE);
    const key = { kid: guidFromDigest(new Uint8Array(32)), key: new Uint8Array(32) };
    const utter = (host: string, to: Parameters<typeof sealed.utter>[2]) => {
      const { sealed } = net.get(host).node.overlay;
      return net.world.until(sealed.utter(TYPING, { channel_id: id, typing: true }, to));
    };
    const { sealed } = net.get('ann').node.overlay;
    const ann = await net.world.until(net.get('ben').node.certificates.target(net.idOf('ann')));
    // An observer, by the certificate: a closed channel takes nothing that way.
    await utter('ben', { target: ann });
    await net.world.advance(SECOND);
    expect([typists(net, 'ann', id), rejected(net, 'ann', 'typing-channel')]).toEqual([[], 1]);
    // A stranger, with a key of its own.
    await utter('eve', { key, channelId: id, recipients: [net.idOf('ann')] });
    await net.world.advance(SECOND);
    expect([typists(net, 'ann', id), rejected(net, 'ann', 'fleeting-stranger')]).toEqual([[], 1]);
    expect(net.errors()).toEqual([]);
  });

  it('of one who says it all the time is bounded, before it is opened', async () => {
    const net = await clients('typing flood', 'ann', 'ben');
    const id = await closedChannel(net, ['ann', 'ben']);
    await net.world.advance(MINUTE);
    const told = toldAt(net, 'ben');
    const { sealing } = net.get('ann').node.channels.closed;
    for (let i = 0; i < 500; i++)
      await net.world.until(sealing.utter(id, [net.idOf('ben')], TYPING, { channel_id: id, typing: i % 2 === 0 }));
    await net.world.advance(SECOND);
    expect(told.length).toBeLessThanOrEqual(24);
    expect(rejected(net, 'ben', 'fleeting-quota')).toBeGreaterThan(250);
    // It costs the neighbour nothing that passed it on, and ends.
    await net.world.advance(MINUTE);
    expect(typists(net, 'ben', id)).toEqual([]);
    type(net, 'ann', id);
    await net.world.advance(SECOND);
    expect(typists(net, 'ben', id)).toEqual(['ann']);
    expect(net.errors()).toEqual([]);
  });

  it('is nothing in public', async () => {
    const net = await clients('typing public', 'ann', 'ben');
    const id = await net.channel('garden', 'ann', 'ben');
    type(net, 'ann', id);
    await net.world.advance(SECOND);
    expect([typists(net, 'ben', id), net.get('ann').node.metrics.value('sent', TYPING.name)]).toEqual([[], 0]);
  });
});

describe('an envelope for many', () => {
  it('costs the neighbour that brings it what as many envelopes would', async () => {
    const net = new Network({ seed: 'fleeting copies' });
    await net.server('s', { link: { clientRate: 64, relayRate: 64 } });
    const stranger = await Stranger.meet(net, 'eve', 's');
    const recipient = Array.from({ length: 64 }, (_, i) => ({ node_id: guid(1000 + i) }));
    for (let i = 0; i < 20; i++) stranger.send(await stranger.compose(FLEETING, { msg_id: guid(i), recipient, sealed: 'AAAA' }));
    await net.world.advance(SECOND);
    const copies = (): number => rejected(net, 's', 'no-route');
    expect(copies()).toBeGreaterThan(0);
    expect(copies()).toBeLessThan(12 * 64);
    await net.world.advance(MINUTE);
    expect(copies()).toBe(20 * 64);
  });
});
