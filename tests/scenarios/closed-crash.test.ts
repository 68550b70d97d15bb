import { type Identity, peekJws } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { clients, closedChannel, membersAt, settled } from './lib/closed.ts';
import type { Network } from './lib/network.ts';

const MINUTE = 60_000;

/** Members that the entries on a node's disk name. */
function named(net: Network, host: string, id: string): unknown[] {
  const row = net.world.drive(host).disk.get('closed_channels', id);
  const { entries = [] } = typeof row === 'string' ? (JSON.parse(row) as { entries: string[] }) : {};
  return entries.map((signed) => peekJws(signed)?.payload.member);
}

/** Kills a node as soon as its disk has something, before it does anything else. */
async function killOnce(net: Network, host: string, written: () => boolean): Promise<void> {
  await net.world.runUntil(written, { limitMs: MINUTE, what: 'what is written' });
  net.crash(host, { silent: true, written: false });
  await net.world.advance(MINUTE);
  await net.restart(host);
}

describe('a node that is killed between two steps', () => {
  it('has told the others that it has joined, or does so afterwards', async () => {
    const net = await clients('closed crash join', 'a', 'b');
    const id = await closedChannel(net, ['a']);
    await net.world.until(net.get('a').node.channels.closed.invite(id, net.idOf('b')));
    const { closed } = net.get('b').node.channels;
    await net.world.runUntil(() => closed.invitations().length === 1, { limitMs: MINUTE });
    closed.accept(id).catch(() => {});
    await killOnce(net, 'b', () => named(net, 'b', id).length > 0);
    await settled(net, id, ['a', 'b']);
    expect(membersAt(net, id, 'a')).toEqual(['a:owner', 'b:member']);
    await net.send('b', id, 'here');
    await net.world.runUntil(() => net.texts('a').includes('here'), { limitMs: MINUTE });
  });

  it('has told them which key takes the place of its own, or does so afterwards', async () => {
    const net = await clients('closed crash succession', 'a', 'b');
    const id = await closedChannel(net, ['a', 'b']);
    const next: Identity = await net.identity('next');
    net
      .get('b')
      .node.channels.closed.succeed(next)
      .catch(() => {});
    await killOnce(net, 'b', () => named(net, 'b', id).includes(next.keyId));
    await net.world.runUntil(() => membersAt(net, id, 'a').length === 2 && !membersAt(net, id, 'a').includes('b:member'), {
      limitMs: 5 * MINUTE,
    });
    expect(membersAt(net, id, 'a')).toContain(`${next.nodeId}:member`);
  });

  it('is no longer in a channel that the others have heard it leave', async () => {
    const net = await clients('closed crash leave', 'a', 'b');
    const id = await closedChannel(net, ['a', 'b']);
    net
      .get('b')
      .node.channels.leave(id)
      .catch(() => {});
    await killOnce(net, 'b', () => named(net, 'b', id).length === 0 || membersAt(net, id, 'a').length === 1);
    await net.world.runUntil(() => membersAt(net, id, 'a').length === 1, { limitMs: MINUTE });
    expect(
      net
        .get('b')
        .node.channels.list()
        .some(({ joined }) => joined),
    ).toBe(false);
  });
});

describe('who leaves while a new key is due', () => {
  it('makes none, keeps none, and what was to be written under it is not waited for', async () => {
    const net = await clients('closed left', 'a', 'b', 'c');
    const id = await closedChannel(net, ['a', 'b', 'c']);
    net.crash('a');
    await net.world.until(net.get('c').node.channels.leave(id));
    await net.world.runUntil(() => membersAt(net, id, 'b').length === 2, { limitMs: MINUTE });
    const { channels } = net.get('b').node;
    const sent = channels.send(id, 'for whom').then(
      () => 'sent',
      (error: { readonly code?: string }) => error.code,
    );
    await net.world.until(channels.leave(id));
    expect(await net.world.until(sent, { limitMs: MINUTE })).toBe('not-member');
    await net.world.advance(MINUTE);
    expect(net.world.drive('b').disk.get('closed_channels', id)).toBeUndefined();
  });
});
