import { describe, expect, it } from 'vitest';
import { conversation, knows, link } from './lib/devices.ts';
import { around, befriend } from './lib/friends.ts';
import { Network } from './lib/network.ts';

const MINUTE = 60_000;

/** Ann with a tablet, and ben, behind a server; ann and ben are contacts. */
async function begin(seed: string): Promise<Network> {
  const net = new Network({ seed });
  await around(net, ['ann', 'tablet', 'ben']);
  await befriend(net, 'ann', 'ben');
  await link(net, 'ann', 'tablet');
  await knows(net, 'ann', ['ann', 'tablet'], 'ann', 'tablet', 'ben');
  await net.world.runUntil(() => net.get('tablet').node.contacts.isContact(net.get('ben').identity.keyId), { limitMs: MINUTE });
  await net.world.advance(10_000);
  return net;
}

const shows = (net: Network, text: string, ...hosts: string[]): Promise<void> =>
  net.world.runUntil(() => hosts.every((host) => net.texts(host).includes(text)), { limitMs: 5 * MINUTE, what: `that ${hosts.join()} show ${text}` });

describe('a linked device', () => {
  it('receives and sends direct messages as the one person, in the one conversation', async () => {
    const net = await begin('devices direct');
    const id = conversation(net, 'ann', 'ben');
    expect(conversation(net, 'tablet', 'ben')).toBe(id);
    expect(conversation(net, 'ben', 'ann')).toBe(id);
    const { msgId } = await net.send('ben', '@ann', 'for all your devices');
    await shows(net, 'for all your devices', 'ann', 'tablet');
    await net.send('tablet', '@ben', 'from the tablet');
    await shows(net, 'from the tablet', 'ann', 'ben');
    await net.send('ann', '@ben', 'from the first');
    await shows(net, 'from the first', 'tablet', 'ben');
    await net.world.advance(5000);
    expect((await net.world.until(net.get('ben').node.channels.delivery(msgId)))?.state).toBe('delivered');
    const own = (host: string) => net.get(host).shown.map(({ own: mine, message }) => `${mine} ${message.text}`);
    expect(own('ann')).toEqual(['false for all your devices', 'true from the tablet', 'true from the first']);
    expect(own('tablet')).toEqual(own('ann'));
    expect(net.get('ann').node.channels.find('@ben').unread).toBe(1);
    expect(net.errors()).toEqual([]);
  });
});
