import type { StoredMessage } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

/** Ann and ben behind a server, in one channel, ben's disk slow; and what ben is told, in order. */
async function begin(seed: string): Promise<{ net: Network; id: string; told: string[] }> {
  const net = new Network({ seed });
  await net.server('s');
  for (const host of ['ann', 'ben']) {
    await net.client(host);
    net.link(host, 's');
  }
  const id = await net.channel('lobby', 'ann', 'ben');
  net.world.drive('ben').slow(200);
  const told: string[] = [];
  const { events } = net.get('ben').node.channels;
  const note = (what: string) => (event: { readonly message: StoredMessage }) => told.push(`${what} ${event.message.text}`);
  events.on('coming', note('coming'));
  events.on('message', note('message'));
  events.on('lost', note('lost'));
  return { net, id, told };
}

const unread = (net: Network, id: string): number | undefined =>
  net
    .get('ben')
    .node.channels.list()
    .find((channel) => channel.id === id)?.unread;

describe('a message on its way to disk', () => {
  it('is told of before it is there, and acknowledged after', async () => {
    const { net, id, told } = await begin('coming');
    const { msgId } = await net.send('ann', id, 'one');
    await net.world.runUntil(() => told.length === 1, { what: 'that it comes' });
    expect(told).toEqual(['coming one']);
    expect(await net.world.until(net.get('ben').node.channels.archive.history(id, { limit: 9 }))).toEqual([]);
    expect((await net.world.until(net.get('ann').node.channels.delivery(msgId)))?.state).not.toBe('delivered');
    await net.world.advance(5000);
    expect(told).toEqual(['coming one', 'message one']);
    expect((await net.world.until(net.get('ann').node.channels.delivery(msgId)))?.state).toBe('delivered');
  });

  it('is taken back where it cannot be kept, and comes again when it can', async () => {
    const { net, id, told } = await begin('coming back');
    net.world.drive('ben').fail('storage-full', 1);
    const { msgId } = await net.send('ann', id, 'one');
    await net.world.runUntil(() => told.length === 2, { what: 'that it is taken back' });
    expect(told).toEqual(['coming one', 'lost one']);
    await net.world.advance(60_000);
    expect(told).toEqual(['coming one', 'lost one', 'message one']);
    expect((await net.world.until(net.get('ann').node.channels.delivery(msgId)))?.state).toBe('delivered');
  });

  it('is read from the moment at which it is seen', async () => {
    const { net, id, told } = await begin('coming read');
    const { channels } = net.get('ben').node;
    const marked: Promise<void>[] = [];
    channels.events.on('coming', ({ message }) => marked.push(channels.markRead(id, message.cursor)));
    await net.send('ann', id, 'one');
    await net.world.runUntil(() => told.includes('message one'), { what: 'that it is there' });
    await net.world.until(Promise.all(marked));
    expect(unread(net, id)).toBe(0);
    net.crash('ben');
    await net.restart('ben');
    expect(unread(net, id)).toBe(0);
  });

  it('of which one before is missing is told of when it is shown, not before', async () => {
    const { net, id, told } = await begin('coming in order');
    await net.send('ann', id, 'one');
    await net.world.advance(2000);
    // What is refused for its disk comes again, and later than what follows it.
    net.world.drive('ben').fail('storage-full', 1);
    await net.send('ann', id, 'two');
    await net.world.runUntil(() => told.includes('lost two'), { what: 'that it is taken back' });
    await net.send('ann', id, 'three');
    await net.world.advance(60_000);
    const [, , ...later] = told;
    expect(later).toEqual(['coming two', 'lost two', 'message two', 'message three']);
  });
});
