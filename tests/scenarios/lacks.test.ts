import { base64, HISTORY, JOIN, type JsonObject, MESSAGE, type Message, signJws, timestamp, WANT } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

/** v, at a server, and a member of #lobby who is played by hand. */
async function scene(seed: string) {
  const net = new Network({ seed });
  await net.server('s');
  for (const host of ['a', 'v']) {
    await net.client(host);
    net.link(host, 's');
  }
  const lobby = await net.channel('lobby', 'a', 'v');
  const hand = await Stranger.meet(net, 'hand', 's');
  hand.onMessage = (message) => hand.acknowledge(message);
  hand.send(await hand.compose(JOIN, { msg_id: guid(1), channel: 'lobby', channel_id: lobby }));
  const { channels } = net.get('v').node;
  await net.world.runUntil(() => channels.members(lobby).includes(hand.nodeId) && net.get('v').node.overlay.reaches(hand.nodeId));
  await net.world.advance(5000);
  /** One of its messages, as it signs it. */
  const signed = (seq: number, more: JsonObject = {}): Promise<string> => {
    const about = { msg_id: guid(1000 + seq), node_id: hand.nodeId, channel_id: lobby, timestamp: timestamp(net.world.clock.now()) };
    return Promise.resolve(signJws(hand.identity, { ...about, text: `number ${seq}`, attachments: [], seq, ...more }));
  };
  const say = async (seq: number, more: JsonObject = {}): Promise<void> => {
    const jws = await signed(seq, more);
    const about = { msg_id: guid(1000 + seq), node_id: hand.nodeId, channel_id: lobby, timestamp: timestamp(net.world.clock.now()) };
    const around = { ...about, channel: 'lobby', recipient: [{ node_id: net.idOf('v') }], message: base64(new TextEncoder().encode(jws)) };
    hand.send({ ttl: 10, flood: false, msg_type: MESSAGE.name, msg_data: around });
  };
  const wants = (): Message[] => hand.of(WANT.name).filter(({ msg_data }) => msg_data.node_id === net.idOf('v'));
  return { net, lobby, hand, signed, say, wants };
}

describe('a message that is missing', () => {
  it('is asked for as soon as what follows it shows that, and shown in its place', async () => {
    const { net, lobby, hand, signed, say, wants } = await scene('lacks one');
    await say(1);
    await net.world.runUntil(() => net.texts('v').length === 1, { limitMs: 5000 });
    await say(3);
    await net.world.runUntil(() => wants().length > 0, { limitMs: 3000, what: 'that it asks' });
    expect(wants()[0]?.msg_data.want).toEqual([{ node_id: hand.nodeId, from: 2, to: 2 }]);
    const messages = [base64(new TextEncoder().encode(await signed(2)))];
    hand.send(await hand.compose(HISTORY, { msg_id: guid(2), recipient_id: net.idOf('v'), channel_id: lobby, messages }));
    await net.world.advance(10_000);
    expect(net.textsFrom('v', 'a')).toEqual([]);
    expect(net.texts('v')).toEqual(['number 1', 'number 2', 'number 3']);
    expect(net.get('v').gaps).toEqual([]);
  });

  it('is asked for of whoever does something to it', async () => {
    const { net, hand, say, wants } = await scene('lacks a target');
    await net.send('a', 'lobby', 'here');
    await net.world.runUntil(() => net.textsFrom('v', 'a').length === 1, { limitMs: 5000 });
    await say(1, { text: '👍', act: { kind: 'react', msg_id: guid(77), node_id: net.idOf('a'), seq: 3 } });
    await net.world.runUntil(() => wants().length > 0, { limitMs: 3000, what: 'that it asks' });
    expect(wants()[0]?.msg_data.want).toEqual([{ node_id: net.idOf('a'), from: 2, to: 3 }]);
    expect(hand.ended).toBe(false);
  });

  it('is asked for now and then only, of one who leaves out most of what it says', async () => {
    const { net, say, wants } = await scene('lacks many');
    await say(1);
    await net.world.advance(1000);
    const before = wants().length;
    for (let i = 1; i <= 60; i++) {
      await say(10 * i);
      await net.world.advance(1000);
    }
    expect(wants().length - before).toBeGreaterThan(3);
    expect(wants().length - before).toBeLessThan(20);
  });
});
