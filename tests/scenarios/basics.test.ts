import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

async function line(seed: string): Promise<Network> {
  const net = new Network({ seed });
  await net.server('s');
  await net.client('a');
  await net.client('b');
  net.link('a', 's');
  net.link('b', 's');
  await net.world.runUntil(() => net.get('s').node.links.size === 2);
  return net;
}

describe('two clients and a server', () => {
  it('exchange messages in a public channel, each shown once and in order', async () => {
    const net = await line('basics-1');
    const lobby = await net.channel('lobby', 'a', 'b');
    for (let i = 1; i <= 20; i++) await net.send(i % 2 ? 'a' : 'b', lobby, `message ${i}`);
    await net.world.advance(5000);
    const expected = Array.from({ length: 20 }, (_, i) => `message ${i + 1}`);
    expect(net.texts('a').sort()).toEqual([...expected].sort());
    expect(net.textsFrom('b', 'a')).toEqual(expected.filter((_, i) => i % 2 === 0));
    expect(net.textsFrom('a', 'b')).toEqual(expected.filter((_, i) => i % 2 === 1));
    expect(net.get('b').gaps).toEqual([]);
  });

  it('tell the sender that a message was delivered', async () => {
    const net = await line('basics-2');
    const lobby = await net.channel('lobby', 'a', 'b');
    const sent = await net.send('a', lobby, 'hello');
    await net.world.advance(5000);
    const mark = await net.world.until(net.get('a').node.channels.delivery(sent.msgId));
    expect(mark?.state).toBe('delivered');
  });

  it('learn each other’s names', async () => {
    const net = await line('basics-3');
    await net.channel('lobby', 'a', 'b');
    await net.world.advance(5000);
    expect(net.get('a').node.nameOf(net.get('b').identity.nodeId)).toBe('b');
    expect(net.get('b').node.nameOf(net.get('a').identity.nodeId)).toBe('a');
  });

  it('deliver to one who was away, over a restart of the server', async () => {
    const net = await line('basics-4');
    const lobby = await net.channel('lobby', 'a', 'b');
    net.crash('b');
    await net.world.advance(10_000);
    const sent = await net.send('a', lobby, 'while you were away');
    await net.world.advance(5000);
    const mark = await net.world.until(net.get('a').node.channels.delivery(sent.msgId));
    expect(mark?.state).toBe('stored');
    net.crash('a');
    net.crash('s');
    await net.restart('s');
    await net.restart('b');
    await net.world.runUntil(() => net.textsFrom('b', 'a').length > 0, { limitMs: 60_000 });
    expect(net.textsFrom('b', 'a')).toEqual(['while you were away']);
  });
});
