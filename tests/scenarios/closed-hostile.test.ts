import {
  base64,
  CHANNEL,
  encodeCompact,
  GETKEY,
  type Identity,
  INVITE,
  JOIN,
  type JsonObject,
  KEY,
  SEALED,
  sealJwe,
  signJws,
  timestamp,
} from '@parley/core';
import { describe, expect, it } from 'vitest';
import { clients, closedChannel, epochsOn, membersAt } from './lib/closed.ts';
import type { Network } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

const rejected = (net: Network, host: string, reason: string): number => net.get(host).node.metrics.value('rejections', reason);
const closedAt = (net: Network, host: string) => net.get(host).node.channels.closed;
const MINUTE = 60_000;

/** A role, as anybody may sign it. */
function role(net: Network, by: Identity, id: string, member: Identity, name: string, at = net.world.clock.now(), typ = 'parley-role') {
  const key = by === member ? { sealing_key: base64(member.sealingKey) } : {};
  return signJws(by, { channel_id: id, member: member.keyId, role: name, time: timestamp(at), ...key }, typ);
}

let count = 100;

/** An inner verb of somebody for a node, with the key of a channel or to its certificate. */
async function sealed(
  net: Network,
  by: Stranger,
  to: string,
  verb: { readonly name: string },
  data: JsonObject,
  channelId?: string,
  key = channelId === undefined ? undefined : epochsOn(net, channelId, to).at(-1),
) {
  const msgId = guid(count++);
  const about = { nodeId: by.nodeId, msgId, channelId: key ? channelId : undefined };
  const content = { msg_type: verb.name, msg_data: { ...data, msg_id: msgId, node_id: by.nodeId } };
  const jwe = await sealJwe(net.world, key ?? net.get(to).identity, about, content);
  const around = key && channelId !== undefined ? { channel_id: channelId } : {};
  by.send(await by.compose(SEALED, { msg_id: msgId, recipient: [{ node_id: net.idOf(to) }], ...around, sealed: encodeCompact(jwe) }));
}

async function begin(seed: string) {
  const net = await clients(seed, 'a', 'b', 'c');
  const id = await closedChannel(net, ['a', 'b', 'c']);
  const { creator, nonce } = channelRow(net, id);
  const about = { channel: 'hideout', channel_id: id };
  return { net, id, about, creator, nonce };
}

function channelRow(net: Network, id: string): { creator: string; nonce: string; entries: string[] } {
  return JSON.parse(net.world.drive('a').disk.get('closed_channels', id) as string) as {
    creator: string;
    nonce: string;
    entries: string[];
  };
}

describe('whoever was not invited', () => {
  it('gets no key, and is told why; it is counted', async () => {
    const { net, id } = await begin('uninvited');
    const stranger = await Stranger.meet(net, 'stranger', 's1');
    stranger.send(await stranger.compose(GETKEY, { msg_id: guid(1), recipient_id: net.idOf('a'), channel: '', channel_id: id }));
    await net.world.runUntil(() => stranger.of('NACK').length > 0, { limitMs: 10_000 });
    expect(stranger.of('NACK')[0]?.msg_data).toMatchObject({ node_id: net.idOf('a'), reason: 'not invited' });
    expect(rejected(net, 'a', 'not invited')).toBe(1);
    stranger.send(await stranger.compose(GETKEY, { msg_id: guid(2), recipient_id: net.idOf('a'), channel: '', channel_id: guid(3) }));
    await net.world.runUntil(() => rejected(net, 'a', 'not invited') === 2, { limitMs: 10_000 });
    await net.world.advance(30_000);
    expect(stranger.of('KEY')).toEqual([]);
  });

  it('is not made a member by its own word, by that of another stranger, or with a key of its own making', async () => {
    const { net, id, about } = await begin('forged');
    const stranger = await Stranger.meet(net, 'stranger', 's1');
    const { identity } = stranger;
    const before = membersAt(net, id, 'a');
    // With the true key of the channel, as one might have who was in it once.
    await sealed(net, stranger, 'a', JOIN, { ...about, entries: [await role(net, identity, id, identity, 'member')] }, id);
    await sealed(net, stranger, 'a', CHANNEL, { ...about, members: [], entries: [await role(net, identity, id, identity, 'owner')] }, id);
    await net.world.runUntil(() => rejected(net, 'a', 'closed-not-member') === 2, { limitMs: 10_000 });
    // By certificate too.
    await sealed(net, stranger, 'a', CHANNEL, { ...about, members: [], entries: channelRow(net, id).entries });
    await net.world.runUntil(() => rejected(net, 'a', 'closed-not-member') === 3, { limitMs: 10_000 });
    const key = {
      msg_id: guid(9),
      recipient_id: net.idOf('a'),
      channel: '',
      channel_id: id,
      cipher: 'A256GCM',
      key: base64(new Uint8Array(99)),
    };
    stranger.send(await stranger.compose(KEY, key));
    await net.world.runUntil(() => rejected(net, 'a', 'key-not-member') === 1, { limitMs: 10_000 });
    expect(membersAt(net, id, 'a')).toEqual(before);
  });

  it('cannot invite into a channel that it is not in, nor into one of another id; and not without end into its own', async () => {
    const { net, id, about, creator, nonce } = await begin('invites');
    const d = await net.client('d');
    net.link('d', 's1');
    await net.world.runUntil(() => net.reaches('d', 'a'));
    const stranger = await Stranger.meet(net, 'stranger', 's1');
    const { entries } = channelRow(net, id);
    const invite = { ...about, creator, nonce, recipient_id: d.identity.nodeId };
    await sealed(net, stranger, 'd', INVITE, {
      ...invite,
      entries: [...entries, await role(net, stranger.identity, id, d.identity, 'member')],
    });
    await net.world.runUntil(() => rejected(net, 'd', 'invitation-unfounded') === 1, { limitMs: 10_000 });
    await sealed(net, stranger, 'd', INVITE, { ...invite, channel_id: guid(4), entries });
    await net.world.runUntil(() => rejected(net, 'd', 'channel-owner') === 1, { limitMs: 10_000 });
    expect(closedAt(net, 'd').invitations()).toEqual([]);
    // A founder of channels: so many are taken from one, and no more.
    const { channels } = net.get('a').node;
    for (let i = 0; i < 15; i++) {
      const { id: own } = await net.world.until(channels.createClosed(`spam${i}`));
      await net.world.until(channels.closed.invite(own, d.identity.nodeId));
      await net.world.advance(1000);
    }
    await net.world.runUntil(() => rejected(net, 'd', 'invitations-each') >= 5, { limitMs: MINUTE });
    expect(closedAt(net, 'd').invitations().length).toBe(10);
    // Of whom the user wants to hear nothing there is none at all.
    await net.world.until(d.node.contacts.block(net.get('a').identity.keyId));
    const full = rejected(net, 'd', 'invitations-each');
    await net.world.until(channels.closed.invite(id, d.identity.nodeId));
    await net.world.runUntil(() => rejected(net, 'd', 'invitation-blocked') === 1, { limitMs: MINUTE });
    expect(rejected(net, 'd', 'invitations-each')).toBe(full);
  });
});

describe('a member', () => {
  it('cannot do what its role does not allow, today or at a time when it had another', async () => {
    const { net, id, about } = await begin('roles');
    const [b, c] = [net.get('b').identity, net.get('c').identity];
    for (const [by, whom] of [
      ['b', 'c'],
      ['b', 'a'],
    ] as const) {
      await expect(net.world.until(closedAt(net, by).remove(id, net.idOf(whom)))).rejects.toMatchObject({ code: 'refused' });
      await expect(net.world.until(closedAt(net, by).setRole(id, net.idOf(whom), 'observer'))).rejects.toMatchObject({ code: 'refused' });
    }
    await expect(net.world.until(closedAt(net, 'b').setRole(id, net.idOf('b'), 'owner'))).rejects.toMatchObject({ code: 'refused' });
    await expect(net.world.until(closedAt(net, 'b').settings(id, { history: 'none' }))).rejects.toMatchObject({ code: 'refused' });
    // b, played by hand: it signs what it likes, of now and of before.
    const before = membersAt(net, id, 'a');
    const now = net.world.clock.now();
    net.crash('b');
    const hand = await Stranger.meet(net, 'b', 's2');
    const forged = [
      await role(net, b, id, c, 'none'),
      await role(net, b, id, b, 'owner'),
      await role(net, b, id, c, 'moderator', now - 1000),
      await role(net, b, id, b, 'moderator', 0),
    ];
    await sealed(net, hand, 'a', CHANNEL, { ...about, members: [], entries: forged }, id);
    await net.world.runUntil(() => rejected(net, 'a', 'entry-without-effect') === 1, { limitMs: 10_000, what: 'that it is counted' });
    expect(membersAt(net, id, 'a')).toEqual(before);
    // One that is dated ahead, one that says another signer, and one that was signed for something else, are refused with all around them.
    await sealed(net, hand, 'a', CHANNEL, { ...about, members: [], entries: [await role(net, b, id, c, 'none', now + 30 * MINUTE)] }, id);
    await net.world.runUntil(() => rejected(net, 'a', 'entry-ahead') === 1, { limitMs: 10_000 });
    const [header = '', ...rest] = (await role(net, b, id, c, 'none')).split('.');
    const kid = Buffer.from(JSON.stringify({ alg: 'EdDSA', kid: net.get('a').identity.keyId, typ: 'parley-role' })).toString('base64url');
    expect(kid).not.toBe(header);
    await sealed(net, hand, 'a', CHANNEL, { ...about, members: [], entries: [[kid, ...rest].join('.')] }, id);
    await sealed(net, hand, 'a', CHANNEL, { ...about, members: [], entries: [await role(net, b, id, c, 'none', now, 'other')] }, id);
    await net.world.runUntil(() => rejected(net, 'a', 'entry-signature') === 2, { limitMs: 10_000 });
    expect(membersAt(net, id, 'a')).toEqual(before);
  });

  it('who was sent away cannot date back what it was allowed before', async () => {
    const { net, id, about } = await begin('backdated');
    await net.world.until(closedAt(net, 'a').setRole(id, net.idOf('b'), 'moderator'));
    await net.world.runUntil(() => membersAt(net, id, 'c').includes('b:moderator'), { limitMs: MINUTE });
    await net.world.advance(10 * MINUTE);
    net.crash('b');
    const then = net.world.clock.now();
    await net.world.advance(MINUTE);
    await net.world.until(closedAt(net, 'a').remove(id, net.idOf('b')));
    await net.world.advance(MINUTE);
    const hand = await Stranger.meet(net, 'b', 's2');
    const d = await net.identity('d');
    const back = await role(net, hand.identity, id, d, 'member', then);
    // With the key that it had, with the one that it should not have, and by certificate.
    const [old] = epochsOn(net, id, 'b');
    for (const key of [old, epochsOn(net, id, 'a').at(-1)]) {
      await sealed(net, hand, 'a', CHANNEL, { ...about, members: [], entries: [back] }, id, key);
    }
    await sealed(net, hand, 'a', JOIN, { ...about, entries: [back] });
    await net.world.runUntil(() => rejected(net, 'a', 'closed-not-member') === 3, { limitMs: 10_000 });
    expect(membersAt(net, id, 'a')).toEqual(['a:owner', 'c:member']);
  });

  it('who only observes is not heard', async () => {
    const { net, id } = await begin('observer');
    await net.world.until(closedAt(net, 'a').setRole(id, net.idOf('c'), 'observer'));
    await net.world.runUntil(() => membersAt(net, id, 'c').includes('c:observer'), { limitMs: MINUTE });
    await expect(net.send('c', id, 'but')).rejects.toMatchObject({ code: 'refused' });
    await net.send('a', id, 'for all to read');
    await net.world.runUntil(() => net.texts('c').includes('for all to read'), { limitMs: MINUTE });
    // The next that it says by itself is refused by all.
    net.world.clock.now();
    const own = net.get('c').node.channels.closed;
    expect(own.role(id)).toBe('observer');
    await net.world.until(closedAt(net, 'a').setRole(id, net.idOf('c'), 'member'));
    await net.world.runUntil(() => own.role(id) === 'member', { limitMs: MINUTE });
    // Made an observer again while it does not hear of it: what it writes meanwhile is refused, and it is told.
    net.world.network.partition([['a', 'b', 's1', 's2'], ['c']]);
    await net.world.until(closedAt(net, 'a').setRole(id, net.idOf('c'), 'observer'));
    const { msgId } = await net.send('c', id, 'not for an observer');
    net.world.network.heal();
    await net.world.runUntil(() => rejected(net, 'a', 'observers read only') > 0, { limitMs: 5 * MINUTE });
    await net.world.advance(MINUTE);
    expect([...net.texts('a'), ...net.texts('b')].includes('not for an observer')).toBe(false);
    expect((await net.world.until(net.get('c').node.channels.delivery(msgId)))?.state).toBe('failed');
  });
});
