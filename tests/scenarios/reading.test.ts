import { randomGuid } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

/** Two clients at a server, and a channel that both are in. */
async function lobby(seed: string): Promise<{ net: Network; id: string }> {
  const net = new Network({ seed });
  await net.server('s');
  for (const host of ['a', 'b']) {
    await net.client(host);
    net.link(host, 's');
  }
  return { net, id: await net.channel('lobby', 'a', 'b') };
}

const unread = (net: Network, host: string, id: string): number => net.get(host).node.channels.find(id).unread;

describe('a reply', () => {
  it('says which message it answers, to others and in the history of both', async () => {
    const { net, id } = await lobby('reply-1');
    const question = await net.send('a', id, 'who is there?');
    await net.world.advance(2000);
    const answer = await net.world.until(net.get('b').node.channels.send(id, 'I am', { replyTo: question.msgId }));
    expect(answer.replyTo).toBe(question.msgId);
    await net.world.advance(2000);
    expect(net.get('a').shown.at(-1)?.message).toMatchObject({ text: 'I am', replyTo: question.msgId });
    for (const host of ['a', 'b']) {
      const page = await net.world.until(net.get(host).node.channels.archive.history(id, { limit: 10 }));
      expect(page.map(({ text, replyTo }) => [text, replyTo])).toEqual([
        ['who is there?', undefined],
        ['I am', question.msgId],
      ]);
    }
  });

  it('to what is no id of a message is refused', async () => {
    const { net, id } = await lobby('reply-2');
    await expect(net.world.until(net.get('a').node.channels.send(id, 'x', { replyTo: 'that one' }))).rejects.toMatchObject({
      code: 'bad-argument',
    });
  });
});

describe('a message with an id of its sender’s', () => {
  it('is sent once, however often it is sent, over a restart too', async () => {
    const { net, id } = await lobby('again-1');
    const msgId = randomGuid(net.world.random);
    const { channels } = net.get('a').node;
    const both = await net.world.until(Promise.all([channels.send(id, 'once', { msgId }), channels.send(id, 'once', { msgId })]));
    const again = await net.world.until(channels.send(id, 'once', { msgId }));
    expect(new Set([...both, again].map(({ cursor }) => cursor)).size).toBe(1);
    net.crash('a');
    await net.restart('a');
    const later = await net.world.until(net.get('a').node.channels.send(id, 'once', { msgId }));
    expect(later).toMatchObject({ msgId, seq: 1, cursor: again.cursor });
    await net.world.advance(10_000);
    expect(net.textsFrom('b', 'a')).toEqual(['once']);
    expect(await net.history('a', id)).toEqual(['once']);
  });

  it('is a conflict when it says something else, and leaves no gap', async () => {
    const { net, id } = await lobby('again-2');
    const msgId = randomGuid(net.world.random);
    const { channels } = net.get('a').node;
    await net.world.until(channels.send(id, 'one', { msgId }));
    await expect(net.world.until(channels.send(id, 'two', { msgId }))).rejects.toMatchObject({ code: 'conflict' });
    const next = await net.send('a', id, 'three');
    expect(next.seq).toBe(2);
    await net.world.advance(10_000);
    expect(net.textsFrom('b', 'a')).toEqual(['one', 'three']);
    expect(net.get('b').gaps).toEqual([]);
  });

  it('can be sent again when it could not be kept', async () => {
    const { net, id } = await lobby('again-3');
    const msgId = randomGuid(net.world.random);
    const { channels } = net.get('a').node;
    net.world.drive('a').fail('storage-full', Number.POSITIVE_INFINITY);
    await expect(net.world.until(channels.send(id, 'at last', { msgId }))).rejects.toMatchObject({ code: 'storage-full' });
    net.world.drive('a').mend();
    expect((await net.world.until(channels.send(id, 'at last', { msgId }))).seq).toBe(1);
    await net.world.advance(10_000);
    expect(net.textsFrom('b', 'a')).toEqual(['at last']);
  });
});

describe('unread messages', () => {
  it('are those of others that were not read, over a crash', async () => {
    const { net, id } = await lobby('unread-1');
    for (const text of ['one', 'two', 'three']) await net.send('a', id, text);
    await net.send('b', id, 'own');
    await net.world.advance(5000);
    expect(unread(net, 'b', id)).toBe(3);
    expect(unread(net, 'a', id)).toBe(1);
    const [, second] = net.get('b').shown.filter(({ own }) => !own);
    await net.world.until(net.get('b').node.channels.markRead(id, second?.message.cursor ?? ''));
    expect(unread(net, 'b', id)).toBe(1);
    net.crash('b');
    await net.restart('b');
    expect(unread(net, 'b', id)).toBe(1);
    await net.send('a', id, 'four');
    await net.world.advance(30_000);
    expect(unread(net, 'b', id)).toBe(2);
  });

  it('are told of by an event, at each change and only then', async () => {
    const { net, id } = await lobby('unread-2');
    const told: number[] = [];
    net.get('b').node.channels.events.on('read', (event) => told.push(event.unread));
    await net.send('a', id, 'one');
    await net.world.advance(1000);
    const { cursor } = await net.send('a', id, 'two');
    await net.world.advance(1000);
    const { channels } = net.get('b').node;
    await net.world.until(Promise.all([channels.markRead(id, cursor), channels.markRead(id, cursor)]));
    await net.world.until(channels.markRead(id, cursor));
    expect(told).toEqual([1, 2, 0]);
  });

  it('of one whose clock is behind count, though their place is before what was read', async () => {
    const net = new Network({ seed: 'unread-3' });
    await net.server('s');
    await net.client('a');
    await net.client('b');
    await net.client('late', { skewMs: -600_000 });
    for (const host of ['a', 'b', 'late']) net.link(host, 's');
    const id = await net.channel('lobby', 'a', 'b', 'late');
    const { cursor } = await net.send('a', id, 'now');
    await net.world.advance(2000);
    await net.world.until(net.get('b').node.channels.markRead(id, cursor));
    await net.send('late', id, 'by my clock this was before');
    await net.world.advance(2000);
    expect(unread(net, 'b', id)).toBe(1);
    await net.world.until(net.get('b').node.channels.markRead(id, cursor));
    expect(unread(net, 'b', id)).toBe(0);
  });

  it('cannot be marked by a place in another channel', async () => {
    const { net, id } = await lobby('unread-4');
    const other = await net.channel('other', 'a', 'b');
    const { cursor } = await net.send('a', other, 'x');
    await expect(net.world.until(net.get('b').node.channels.markRead(id, cursor))).rejects.toMatchObject({ code: 'bad-argument' });
  });
});
