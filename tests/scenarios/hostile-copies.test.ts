import { type Message, SEALED, timestamp } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { around, contactOf } from './lib/friends.ts';
import { Network } from './lib/network.ts';
import { Stranger } from './lib/stranger.ts';

const MINUTE = 60_000;

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
