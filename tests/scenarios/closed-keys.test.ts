import { JwsReader, KeyBook } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { makeEpoch } from '../../packages/core/src/features/channels/closed/epochs.ts';
import { KeyExchange } from '../../packages/core/src/features/channels/closed/key-exchange.ts';
import { clients, closedChannel, epochsOn, invite, membersAt } from './lib/closed.ts';
import type { Network } from './lib/network.ts';

const MINUTE = 60_000;

/** A member that runs a changed client gives another the keys that it likes: the same verbs, its own signature. */
async function give(net: Network, from: string, to: string, id: string, number: number, waitMs = 5000): Promise<void> {
  const { node, identity, ports } = net.get(from);
  const { crypto } = ports;
  const reader = new JwsReader(crypto, new KeyBook(crypto));
  const exchange = new KeyExchange({ ports, identity, overlay: node.overlay, reader });
  const key = net.world.random.fork(`key ${number}`).bytes(32);
  const epoch = await net.world.until(makeEpoch({ crypto, identity }, { channelId: id, number, key, time: ports.clock.now(), covers: [] }));
  await net.world.until(exchange.give(id, { nodeId: net.idOf(to), sealingKey: net.get(to).identity.sealingKey }, [epoch]));
  await net.world.advance(waitMs);
}

describe('an observer, who may say nothing in a closed channel', () => {
  it('cannot take the voice of a member by giving it keys that nobody else will take', async () => {
    const net = await clients('keys split', 'a', 'b', 'c', 'o');
    const id = await closedChannel(net, ['a', 'b', 'c']);
    await invite(net, id, 'a', 'o', 'observer');
    await net.world.runUntil(() => ['a', 'b', 'c'].every((host) => membersAt(net, id, host).includes('o:observer')), { limitMs: MINUTE });
    await net.send('b', id, 'before');
    await net.world.runUntil(() => net.texts('a').includes('before'), { limitMs: MINUTE });
    const { number } = epochsOn(net, id, 'b').at(-1) as { number: number };
    for (const jump of [1000, 2000, 3000]) await give(net, 'o', 'b', id, number + jump);
    const numbers = Object.fromEntries(['a', 'b', 'c'].map((host) => [host, epochsOn(net, id, host).at(-1)?.number]));
    await net.send('b', id, 'can you hear me');
    await net.world.advance(60 * MINUTE);
    // An hour later the two others have heard b.
    expect({ numbers, a: net.texts('a'), c: net.texts('c') }).toEqual({
      numbers: expect.anything(),
      a: ['before', 'can you hear me'],
      c: ['before', 'can you hear me'],
    });
  });

  it('cannot keep a newcomer out by a key so far ahead that the members refuse it', async () => {
    const net = await clients('keys newcomer', 'a', 'b', 'o', 'd');
    const id = await closedChannel(net, ['a', 'b']);
    await invite(net, id, 'a', 'o', 'observer');
    await net.world.runUntil(() => ['a', 'b'].every((host) => membersAt(net, id, host).includes('o:observer')), { limitMs: MINUTE });
    await net.world.until(net.get('a').node.channels.closed.invite(id, net.idOf('d')));
    const { closed } = net.get('d').node.channels;
    await net.world.runUntil(() => closed.invitations().length === 1, { limitMs: MINUTE });
    // The inviter and the others are away for a moment when d accepts; o is there.
    net.world.network.partition([['s1', 's2', 'o', 'd'], ['a'], ['b']]);
    await net.world.advance(MINUTE);
    const accepted = closed.accept(id).catch(() => {});
    await net.world.advance(1000);
    await give(net, 'o', 'd', id, 2 ** 52);
    await net.world.until(accepted);
    net.world.network.heal();
    await net.world.advance(5 * MINUTE);
    await net.send('d', id, 'hello').catch(() => {});
    await net.world.advance(60 * MINUTE);
    expect({ a: net.texts('a'), b: net.texts('b') }).toEqual({ a: ['hello'], b: ['hello'] });
  });

  it('cannot keep others from hearing a member by giving it a new key again and again', async () => {
    const net = await clients('keys flood', 'a', 'b', 'o');
    const id = await closedChannel(net, ['a', 'b']);
    await invite(net, id, 'a', 'o', 'observer');
    await net.world.runUntil(() => ['a', 'b'].every((host) => membersAt(net, id, host).includes('o:observer')), { limitMs: MINUTE });
    const said: string[] = [];
    for (let i = 0; i < 60; i++) {
      await give(net, 'o', 'b', id, 100 + i, 300);
      if (i % 10 !== 5) continue;
      said.push(`is anybody here ${i}`);
      net
        .get('b')
        .node.channels.send(id, said.at(-1) as string)
        .catch(() => {});
    }
    await net.world.advance(5000);
    expect(net.texts('a')).toEqual(said);
  });

  it('cannot keep all from writing by making keys that ignore who is gone, one after another', async () => {
    const net = await clients('keys dirty', 'a', 'b', 'o', 'x');
    const id = await closedChannel(net, ['a', 'b', 'x']);
    await invite(net, id, 'a', 'o', 'observer');
    await net.world.runUntil(() => ['a', 'b'].every((host) => membersAt(net, id, host).includes('o:observer')), { limitMs: MINUTE });
    await net.world.until(net.get('a').node.channels.closed.remove(id, net.idOf('x')));
    await net.world.advance(MINUTE);
    const { node, identity, ports } = net.get('o');
    const { crypto } = ports;
    const reader = new JwsReader(crypto, new KeyBook(crypto));
    const exchange = new KeyExchange({ ports, identity, overlay: node.overlay, reader });
    let sent: Promise<unknown> | undefined;
    for (let i = 0; i < 600; i++) {
      const number = Math.max(...['a', 'b'].map((host) => epochsOn(net, id, host).at(-1)?.number ?? 0)) + 50;
      const key = net.world.random.fork(`dirty ${i}`).bytes(32);
      const epoch = await net.world.until(
        makeEpoch({ crypto, identity }, { channelId: id, number, key, time: ports.clock.now(), covers: [] }),
      );
      for (const to of ['a', 'b'])
        await net.world.until(exchange.give(id, { nodeId: net.idOf(to), sealingKey: net.get(to).identity.sealingKey }, [epoch]));
      await net.world.advance(300);
      if (i === 10)
        sent = net
          .get('b')
          .node.channels.send(id, 'is anybody here')
          .catch(() => {});
    }
    // Three minutes later a has heard it.
    expect(net.texts('a')).toEqual(['is anybody here']);
    await net.world.advance(MINUTE);
    await net.world.until(sent as Promise<unknown>);
  });
});
