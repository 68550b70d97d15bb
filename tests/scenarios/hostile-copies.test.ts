import { JOIN, type JsonObject, type Message, SEALED, timestamp } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { around, contactOf } from './lib/friends.ts';
import { Network } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

const MINUTE = 60_000;

describe('a flood whose signature is still being checked', () => {
  const joining: JsonObject = { msg_id: guid(1), channel: 'x', channel_id: guid(7) };

  /** s1 - s2, and at s1 two who pass on what others say; a signature takes up to 50 ms. */
  async function meeting(seed: string) {
    const net = new Network({ seed, signatureMs: 50 });
    for (const host of ['s1', 's2']) await net.server(host);
    net.link('s2', 's1');
    await net.world.runUntil(() => net.reaches('s1', 's2'));
    const [honest, thief] = [await Stranger.meet(net, 'honest', 's1'), await Stranger.meet(net, 'thief', 's1')];
    await net.world.advance(2000);
    return { net, honest, thief, message: await honest.compose(JOIN, joining) };
  }

  const members = (net: Network, host: string): string[] => (net.knows(host, guid(7)) ? net.get(host).node.channels.members(guid(7)) : []);

  it.each<[string, (message: Message) => Message]>([
    ['altered, under the same signature', (message) => ({ ...message, msg_data: { ...message.msg_data, channel: 'y' } })],
    ['cut short', (message) => ({ ...message, ttl: 1 })],
  ])('keeps the true one out nowhere: %s', async (name, change) => {
    const { net, honest, thief, message } = await meeting(`copied ${name}`);
    thief.send(change(message));
    honest.send(message);
    await net.world.advance(1000);
    for (const host of ['s1', 's2']) expect(members(net, host), host).toEqual([honest.nodeId]);
  });

  it('does not wait for all that somebody forges under its signature: those of whoever is banned for it meanwhile count no more', async () => {
    const { net, honest, thief, message } = await meeting('many');
    for (let i = 0; i < 150; i++) thief.send({ ...message, msg_data: { ...message.msg_data, channel: `y${i}` } });
    await net.world.advance(100);
    honest.send(message);
    await net.world.advance(2000);
    expect(thief.of('BYE').map(({ msg_data: { reason } }) => reason)).toEqual(['banned']);
    expect(net.get('s1').node.metrics.value('rejections', 'auth-signature')).toBeLessThan(30);
    expect(members(net, 's2')).toEqual([honest.nodeId]);
  });

  it('goes on once, however many bring it meanwhile', async () => {
    const { net, honest, thief, message } = await meeting('brought');
    let passed = 0;
    net.world.network.onFrame(({ from, to, bytes }) => {
      if (from === 's1' && to === 's2' && Buffer.from(bytes).includes('"JOIN"')) passed++;
      return undefined;
    });
    for (const one of [honest, thief, thief, honest]) one.send(message);
    await net.world.advance(1000);
    expect(members(net, 's2')).toEqual([honest.nodeId]);
    expect(passed).toBe(1);
    expect(net.get('s1').node.metrics.value('duplicates', 'JOIN')).toBe(3);
  });
});

describe('a message to somebody under another time than it was signed with', () => {
  it.each([0, 50])('does not keep the true one out (signatures take up to %i ms)', async (signatureMs) => {
    const net = new Network({ seed: `another time ${signatureMs}`, signatureMs });
    await around(net, ['ann', 'ben']);
    const thief = await Stranger.meet(net, 'thief', 's');
    let altered = 0;
    net.world.network.onFrame(({ from, to, kind, bytes }) => {
      if (kind !== 'message' || from !== 'ann' || to !== 's') return undefined;
      const message = JSON.parse(Buffer.from(bytes).toString()) as Message;
      if (message.msg_type !== SEALED.name || !message.auth) return undefined;
      altered++;
      thief.send({ ...message, auth: { ...message.auth, time: timestamp(net.world.clock.now() - MINUTE) } });
      return { delayMs: 300 };
    });
    await net.world.until(net.get('ann').node.contacts.add(net.get('ben').node.contacts.link));
    await net.world.advance(10 * MINUTE);
    expect(altered).toBeGreaterThan(0);
    expect(net.get('ben').node.metrics.value('rejections', 'auth-signature')).toBe(1);
    expect(contactOf(net, 'ben', 'ann')?.state).toBe('incoming');
    expect(net.get('ann').node.overlay.forOthers()).toEqual([]);
  });
});
