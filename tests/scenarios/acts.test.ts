import { describe, expect, it } from 'vitest';
import { clients, closedChannel, membersAt } from './lib/closed.ts';
import { Network } from './lib/network.ts';

/** a, b and c at one server, met in #lobby, which a owns and where b has said something. */
async function begin(seed: string) {
  const net = new Network({ seed, conditions: { latencyMs: 5 } });
  await net.server('s');
  for (const host of ['a', 'b', 'c']) {
    await net.client(host);
    net.link(host, 's');
  }
  const lobby = await net.channel('lobby', 'a', 'b', 'c');
  const { msgId } = await net.send('b', lobby, 'helo everybody');
  await net.world.runUntil(() => net.texts('a').length === 1 && net.texts('c').length === 1);
  const act = (host: string, ...what: [kind: Parameters<(typeof channels)['act']>[1], text?: string, id?: string]) => {
    const [kind, text, id = msgId] = what;
    return net.world.until(net.get(host).node.channels.act(lobby, kind, id, text));
  };
  const { channels } = net.get('a').node;
  const seen = (host: string, id = msgId) => net.world.until(net.get(host).node.channels.archive.message(lobby, id));
  const search = async (host: string, query: string) => {
    const found = await net.world.until(net.get(host).node.channels.archive.search(query, { limit: 10 }));
    return found.map(({ text }) => text);
  };
  return { net, lobby, msgId, act, seen, search };
}

describe('a message', () => {
  it('is edited by its author: everybody sees and finds what it says now, and nothing else is shown', async () => {
    const { net, lobby, act, seen, search } = await begin('edit');
    const changed: string[] = [];
    net.get('c').node.channels.events.on('changed', ({ message }) => changed.push(message.text));
    expect((await act('b', 'edit', 'hello everybody')).text).toBe('hello everybody');
    await net.world.advance(1000);
    for (const host of ['a', 'b', 'c']) {
      expect(await seen(host)).toMatchObject({ text: 'hello everybody', standing: { edited: { text: 'hello everybody' } } });
      expect(await net.history(host, lobby)).toEqual(['hello everybody']);
      expect(await search(host, 'hello')).toEqual(['hello everybody']);
      expect(await search(host, 'helo')).toEqual([]);
    }
    expect(changed).toEqual(['hello everybody']);
    expect(net.texts('c')).toEqual(['helo everybody']);
    expect(
      net
        .get('c')
        .node.channels.list()
        .find(({ id }) => id === lobby)?.unread,
    ).toBe(1);
  });

  it('is reacted to, and the reaction taken back', async () => {
    const { net, act, seen } = await begin('react');
    for (const host of ['a', 'c']) await act(host, 'react', '🎉');
    await act('a', 'react', '👍');
    await act('c', 'unreact', '🎉');
    await net.world.advance(1000);
    const reactions = [
      { emoji: '🎉', by: [net.idOf('a')] },
      { emoji: '👍', by: [net.idOf('a')] },
    ];
    for (const host of ['a', 'b', 'c']) expect((await seen(host))?.standing?.reactions).toEqual(reactions);
  });

  it('is pinned by who owns the channel', async () => {
    const { net, lobby, act } = await begin('pin');
    await expect(act('b', 'pin')).rejects.toMatchObject({ code: 'refused' });
    await act('a', 'pin');
    await net.world.advance(1000);
    const pinned = async (host: string) =>
      (await net.world.until(net.get(host).node.channels.archive.pinned(lobby))).map(({ text }) => text);
    for (const host of ['a', 'b', 'c']) expect(await pinned(host)).toEqual(['helo everybody']);
    await act('a', 'unpin');
    await net.world.advance(1000);
    for (const host of ['a', 'b', 'c']) expect(await pinned(host)).toEqual([]);
  });

  it('is deleted by its author: what it said is on no disk any more, and whoever comes later does not miss it', async () => {
    const { net, lobby, act, seen, search } = await begin('delete');
    await act('b', 'delete');
    await net.send('b', lobby, 'what I meant');
    await net.world.advance(10_000);
    for (const host of ['a', 'b', 'c']) {
      expect(await seen(host)).toMatchObject({ text: '', standing: { deleted: { by: net.idOf('b') } } });
      expect(await search(host, 'helo')).toEqual([]);
      const rows = await net.world.until(net.get(host).ports.store.range('history'));
      expect(rows.map(({ value }) => Buffer.from(JSON.parse(String(value)).m, 'base64').toString()).join('\n')).not.toContain(
        Buffer.from('helo').toString('base64url').slice(0, 4),
      );
    }
    await net.client('late');
    net.link('late', 's');
    await net.world.runUntil(() => net.get('late').node.channels.list().length > 0);
    await net.join(lobby, 'late');
    await net.world.runUntil(() => net.texts('late').length > 0);
    await net.world.advance(60_000);
    expect(await net.history('late', lobby)).toEqual(['what I meant']);
    expect(net.get('late').gaps).toEqual([]);
    for (const host of ['a', 'late']) {
      const { channels } = net.get(host).node;
      const [last] = (await net.world.until(channels.archive.history(lobby, { limit: 10 }))).slice(-1);
      expect([last?.seq, last && channels.archive.missingBefore(last)]).toEqual([3, 0]);
    }
    await expect(act('b', 'edit', 'too late')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is neither edited nor deleted by others, whatever they send', async () => {
    const { net, act, seen } = await begin('not yours');
    await expect(act('c', 'edit', 'I am an owl')).rejects.toMatchObject({ code: 'refused' });
    await expect(act('c', 'delete')).rejects.toMatchObject({ code: 'refused' });
    await act('a', 'delete');
    await net.world.advance(1000);
    for (const host of ['a', 'b', 'c']) expect(await seen(host)).toMatchObject({ text: '', standing: { deleted: { by: net.idOf('a') } } });
  });

  it('stands the same at one who was away, and after restarts', async () => {
    const { net, lobby, act, seen } = await begin('away');
    net.crash('c');
    const second = await net.send('b', lobby, 'second');
    await net.world.advance(1000);
    await act('b', 'edit', 'second thoughts', second.msgId);
    await act('a', 'react', '👍', second.msgId);
    await act('b', 'edit', 'hello');
    await net.world.advance(30_000);
    await net.restart('c');
    await net.world.advance(60_000);
    for (const host of ['a', 'b']) {
      net.crash(host);
      await net.restart(host);
    }
    await net.world.advance(30_000);
    for (const host of ['a', 'b', 'c']) {
      expect(await net.history(host, lobby)).toEqual(['hello', 'second thoughts']);
      expect((await seen(host, second.msgId))?.standing?.reactions).toEqual([{ emoji: '👍', by: [net.idOf('a')] }]);
    }
  });
});

describe('a message of a closed channel', () => {
  it('is deleted and pinned by those whom their role allows it, also when that was given later', async () => {
    const net = await clients('acts closed', 'a', 'b', 'c');
    const id = await closedChannel(net, ['a', 'b', 'c']);
    const { msgId } = await net.send('c', id, 'secret beans');
    await net.world.runUntil(() => net.texts('b').length === 1);
    const act = (host: string, kind: 'delete' | 'pin' | 'react', text?: string) =>
      net.world.until(net.get(host).node.channels.act(id, kind, msgId, text));
    await expect(act('b', 'delete')).rejects.toMatchObject({ code: 'refused' });
    await expect(act('b', 'pin')).rejects.toMatchObject({ code: 'refused' });
    await act('b', 'react', '🤫');
    await net.world.until(net.get('a').node.channels.closed.setRole(id, net.idOf('b'), 'moderator'));
    await net.world.runUntil(() => membersAt(net, id, 'b').includes('b:moderator'));
    await act('b', 'pin');
    await net.world.advance(10_000);
    for (const host of ['a', 'b', 'c']) {
      expect((await net.world.until(net.get(host).node.channels.archive.pinned(id))).map(({ text }) => text)).toEqual(['secret beans']);
    }
    await act('b', 'delete');
    await net.world.advance(10_000);
    for (const host of ['a', 'b', 'c'])
      expect(await net.world.until(net.get(host).node.channels.archive.message(id, msgId))).toMatchObject({ text: '' });
  });
});
