import { CHANNEL } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

/** A CHANNEL with so many members that nobody ever heard of: some 50 bytes each. */
const announcement = (number: number, members: number) => ({
  msg_id: guid(number),
  channel: `c${number}`,
  channel_id: guid(1000 + number),
  members: Array.from({ length: members }, (_, i) => ({ node_id: guid(5000 + i) })),
});

describe('what a newcomer is handed', () => {
  it('is bounded by bytes: of large announcements the latest, and small ones beside them', async () => {
    const net = new Network({ seed: 'replay' });
    await net.server('s', { channels: { replayBytes: 200_000 } });
    const stranger = await Stranger.meet(net, 'stranger', 's');
    for (let i = 0; i < 20; i++) stranger.send(await stranger.compose(CHANNEL, announcement(i, 900)));
    for (let i = 20; i < 25; i++) stranger.send(await stranger.compose(CHANNEL, announcement(i, 1)));
    await net.world.advance(5000);
    const newcomer = await Stranger.meet(net, 'newcomer', 's');
    await net.world.advance(5000);
    const heard = newcomer.of('CHANNEL');
    const bytes = heard.reduce((sum, message) => sum + JSON.stringify(message).length, 0);
    expect(bytes).toBeLessThan(200_000);
    expect(heard.map(({ msg_data }) => msg_data.msg_id)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24].map(guid));
    // As its author signed it, with a hop less to go.
    expect(heard.at(-1)).toMatchObject({ ttl: 31, msg_data: announcement(24, 1), auth: { key: stranger.identity.keyId } });
  });
});

describe('how a message came', () => {
  it('is the nodes that passed it on, or the member that gave it by catch-up, also after a restart', async () => {
    const net = new Network({ seed: 'way' });
    await net.server('s');
    for (const host of ['a', 'b', 'c']) {
      await net.client(host);
      net.link(host, 's');
    }
    await net.world.runUntil(() => net.reaches('a', 'c') && net.reaches('b', 'c'));
    const lobby = await net.channel('lobby', 'a', 'b');
    await net.send('a', lobby, 'before');
    await net.world.advance(5000);
    // Its author is gone: another member gives it.
    net.crash('a');
    await net.world.advance(60_000);
    await net.join(lobby, 'c');
    await net.world.advance(10_000);
    await net.send('b', lobby, 'after');
    await net.world.advance(5000);
    const expected = [
      { text: 'before', way: { givenBy: net.idOf('b') } },
      { text: 'after', way: { via: [net.idOf('s')] } },
    ];
    expect(net.get('c').shown.map((event) => ({ text: event.message.text, way: event.message.way }))).toEqual(expected);
    net.crash('c');
    await net.restart('c');
    const history = await net.world.until(net.get('c').node.channels.archive.history(lobby, { limit: 10 }));
    expect(history.map(({ text, way }) => ({ text, way }))).toEqual(expected);
    const own = await net.world.until(net.get('b').node.channels.archive.history(lobby, { limit: 10 }));
    expect(own.at(-1)?.way).toEqual({ via: [] });
  });
});
