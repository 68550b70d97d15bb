import { CHANNEL, type ChannelConfig, JOIN, type JsonObject, LEAVE, type Message, nodeIdOf } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

const MINUTE = 60_000;

/** A server and clients that have met. */
async function star(seed: string, hosts: readonly string[], channels: Partial<ChannelConfig> = {}): Promise<Network> {
  const net = new Network({ seed });
  await net.server('s', { channels });
  for (const host of hosts) {
    await net.client(host, { channels });
    net.link(host, 's');
  }
  await net.world.runUntil(() => hosts.every((a) => hosts.every((b) => a === b || net.reaches(a, b))), { what: 'that all reach all' });
  return net;
}

const texts = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `message ${from + i}`);
const members = (net: Network, host: string, id: string): string[] => net.get(host).node.channels.members(id);

/** Messages of a verb on the wire from a host, from now on. */
function spoken(net: Network, from: string, verb: string): Message[] {
  const found: Message[] = [];
  net.world.network.onFrame((frame) => {
    if (frame.kind !== 'message' || frame.from !== from) return undefined;
    const message = JSON.parse(Buffer.from(frame.bytes).toString()) as Message;
    if (message.msg_type === verb) found.push(message);
    return undefined;
  });
  return found;
}

describe('membership', () => {
  it('is what a member said last, in whatever order it comes', async () => {
    const net = await star('order', ['a']);
    const lobby = await net.channel('lobby', 'a');
    const stranger = await Stranger.meet(net, 'x', 's');
    const say = (verb: typeof JOIN | typeof LEAVE, number: number, aheadMs: number): Promise<Message> =>
      stranger.compose(verb, { msg_id: guid(number), channel: 'lobby', channel_id: lobby }, aheadMs);
    const [join, leave, again] = [await say(JOIN, 1, -3000), await say(LEAVE, 2, -2000), await say(JOIN, 3, -1000)];
    stranger.send(leave);
    await net.world.advance(500);
    expect(members(net, 'a', lobby)).not.toContain(stranger.nodeId);
    stranger.send(join);
    await net.world.advance(500);
    expect(members(net, 'a', lobby)).not.toContain(stranger.nodeId);
    stranger.send(again);
    await net.world.advance(500);
    expect(members(net, 'a', lobby)).toContain(stranger.nodeId);
  });

  it('of one who is left out of CHANNEL is said again: once, after a while, and not for every CHANNEL', async () => {
    const net = await star('left out', ['a', 'b']);
    const lobby = await net.channel('lobby', 'a', 'b');
    await net.world.advance(MINUTE);
    const joins = spoken(net, 'b', 'JOIN');
    const stranger = await Stranger.meet(net, 'x', 's');
    const startedAt = net.world.clock.monotonic();
    for (let i = 0; i < 10; i++) {
      stranger.send(
        await stranger.compose(CHANNEL, { msg_id: guid(i), channel: 'lobby', channel_id: lobby, members: [{ node_id: net.idOf('a') }] }),
      );
      await net.world.advance(1000);
    }
    await net.world.runUntil(() => joins.length > 0, { limitMs: 40_000 });
    expect(net.world.clock.monotonic() - startedAt).toBeGreaterThan(300);
    await net.world.advance(5 * MINUTE);
    expect(joins.length).toBe(1);
    // Whom a CHANNEL lists is a member until it says otherwise; who is listed and is none says so.
    const leaves = spoken(net, 'b', 'LEAVE');
    stranger.send(
      await stranger.compose(CHANNEL, { msg_id: guid(50), channel: 'other', channel_id: guid(7), members: [{ node_id: net.idOf('b') }] }),
    );
    await net.world.advance(MINUTE);
    expect(leaves.length).toBe(1);
    expect(members(net, 'a', guid(7))).not.toContain(net.idOf('b'));
  });

  it('of 600: CHANNEL carries a sample and the count, and nobody joins because of an omission', async () => {
    const net = await star('many', ['a', 'b'], { announceMs: 2 * MINUTE });
    const lobby = await net.channel('lobby', 'a', 'b');
    const stranger = await Stranger.meet(net, 'x', 's');
    const listed = Array.from({ length: 598 }, (_, i) => ({
      node_id: nodeIdOf(net.world.crypto, new Uint8Array(32).fill(i % 256).fill(i >> 8, 16)),
    }));
    const both = [net.idOf('a'), net.idOf('b')].map((node_id) => ({ node_id }));
    stranger.send(await stranger.compose(CHANNEL, { msg_id: guid(1), channel: 'lobby', channel_id: lobby, members: [...both, ...listed] }));
    await net.world.advance(2000);
    expect(members(net, 'a', lobby).length).toBe(601);
    const announced = [...['a', 'b'].map((host) => spoken(net, host, 'CHANNEL'))];
    const joins = ['a', 'b'].map((host) => spoken(net, host, 'JOIN'));
    await net.world.advance(20 * MINUTE);
    const channels = announced.flat().filter((message) => message.msg_data.channel_id === lobby);
    expect(channels.length).toBeGreaterThan(3);
    for (const { msg_data } of channels) {
      expect((msg_data.members as JsonObject[]).length).toBe(500);
      expect(msg_data.count).toBe(601);
    }
    expect(joins.flat()).toEqual([]);
    expect(
      net
        .get('s')
        .node.channels.list()
        .find((channel) => channel.id === lobby)?.members,
    ).toBe(601);
  });

  it('is refreshed by presence, and ends a week after the last sign of life; the channel lives while it is announced', async () => {
    const net = await star('expiry', ['a', 'b', 'c'], { announceMs: 10 * MINUTE, forgetMs: 60 * MINUTE, memberMs: 240 * MINUTE });
    const lobby = await net.channel('lobby', 'a', 'b');
    net.crash('b');
    await net.world.advance(200 * MINUTE);
    expect(members(net, 'a', lobby)).toContain(net.idOf('b'));
    // A restart does not make a member's last sign of life older, nor younger.
    net.crash('a');
    await net.restart('a');
    await net.world.advance(60 * MINUTE);
    expect(members(net, 'a', lobby)).toEqual([net.idOf('a')]);
    expect(net.knows('c', lobby)).toBe(true);
    await net.world.until(net.get('a').node.channels.leave(lobby));
    await net.world.advance(80 * MINUTE);
    expect(net.knows('c', lobby)).toBe(false);
  });

  it('survives a member’s restart, without a word', async () => {
    const net = await star('restart', ['a', 'b']);
    const lobby = await net.channel('lobby', 'a', 'b');
    await net.world.advance(5000);
    net.crash('b');
    await net.restart('b');
    expect(members(net, 'b', lobby).sort()).toEqual([net.idOf('a'), net.idOf('b')].sort());
    await net.send('b', lobby, 'back');
    await net.world.advance(5000);
    expect(net.texts('a')).toEqual(['back']);
  });

  it('that cannot be written down is not taken up, and can be later', async () => {
    const net = await star('disk', ['a', 'b']);
    const lobby = await net.channel('lobby', 'a');
    await net.world.runUntil(() => net.knows('b', lobby));
    const { channels } = net.get('b').node;
    net.world.drive('b').fail('storage-full', Number.POSITIVE_INFINITY);
    await expect(net.world.until(channels.join(lobby))).rejects.toMatchObject({ code: 'storage-full' });
    expect(channels.find(lobby).joined).toBe(false);
    net.world.drive('b').mend();
    await net.world.until(channels.join(lobby));
    await net.send('a', lobby, 'hello');
    await net.world.advance(5000);
    expect(net.texts('b')).toEqual(['hello']);
    net.world.drive('b').fail('storage-full', Number.POSITIVE_INFINITY);
    await expect(net.world.until(channels.leave(lobby))).rejects.toMatchObject({ code: 'storage-full' });
    expect(channels.find(lobby).joined).toBe(true);
    net.world.drive('b').mend();
    await net.send('a', lobby, 'still here');
    await net.world.advance(20_000);
    expect(net.texts('b')).toEqual(['hello', 'still here']);
    await net.world.until(channels.leave(lobby));
    await net.world.advance(2000);
    expect(members(net, 'a', lobby)).toEqual([net.idOf('a')]);
  });
});

describe('a channel', () => {
  it('with an owner cannot be announced with another’s name on it, and the owner’s word on its name counts', async () => {
    const net = await star('owned', ['a', 'b']);
    const stranger = await Stranger.meet(net, 'x', 's');
    const lobby = await net.channel('lobby', 'a');
    await net.world.runUntil(() => net.knows('b', lobby));
    const announced = spoken(net, 'a', 'CHANNEL');
    await net.world.advance(12 * MINUTE);
    const creator = announced[0]?.msg_data.creator ?? '';
    const nonce = announced[0]?.msg_data.nonce ?? '';
    expect(creator).toBe(net.get('a').identity.keyId);
    const forged = { channel_id: guid(1), creator, nonce };
    stranger.send(await stranger.compose(CHANNEL, { msg_id: guid(1), channel: 'mine', members: [], ...forged }));
    stranger.send(await stranger.compose(CHANNEL, { msg_id: guid(2), channel: 'renamed', members: [], ...forged, channel_id: lobby }));
    stranger.send(
      await stranger.compose(CHANNEL, {
        msg_id: guid(3),
        channel: 'mine',
        members: [],
        ...forged,
        creator: stranger.identity.keyId,
        channel_id: lobby,
      }),
    );
    await net.world.advance(2000);
    expect(net.knows('b', guid(1))).toBe(false);
    expect(net.get('b').node.channels.find(lobby)).toMatchObject({ name: 'lobby', owner: net.get('a').identity.keyId });
    expect(net.get('s').node.metrics.value('rejections', 'channel-owner')).toBe(2);
  });

  it('that was created while somebody was away is known to it soon after it comes back', async () => {
    const net = await star('created away', ['a', 'b']);
    net.crash('b');
    await net.world.advance(10_000);
    const lobby = await net.channel('lobby', 'a');
    await net.world.advance(MINUTE);
    await net.restart('b');
    await net.world.runUntil(() => net.knows('b', lobby), { limitMs: 20_000, what: 'that it is known' });
    net.crash('b');
    // Too long for floods to be repeated: it is announced anew.
    await net.world.advance(60 * MINUTE);
    await net.restart('b');
    await net.world.runUntil(() => net.knows('b', lobby), { limitMs: 6 * MINUTE, what: 'that it is known again' });
  });

  it('gives newcomers its latest messages, in order and verified', async () => {
    const net = await star('history', ['a', 'b', 'c']);
    const lobby = await net.channel('lobby', 'a', 'b');
    for (const text of texts(250)) await net.send('a', lobby, text);
    await net.world.advance(20_000);
    await net.join(lobby, 'c');
    await net.world.runUntil(() => net.texts('c').length >= 200, { limitMs: 60_000, what: 'history' });
    await net.world.advance(MINUTE);
    expect(net.texts('c')).toEqual(texts(200, 50));
    expect(net.get('c').gaps).toEqual([]);
    expect(await net.history('c', lobby)).toEqual(texts(200, 50));
  });

  it('gives newcomers its messages though a new one comes first', async () => {
    const net = await star('history late', ['a', 'b', 'c']);
    const lobby = await net.channel('lobby', 'a', 'b');
    for (const text of texts(30)) await net.send('a', lobby, text);
    await net.world.advance(20_000);
    // HAVE is slow to come.
    const slow = net.world.network.onFrame(({ to, bytes }) =>
      to === 'c' && Buffer.from(bytes).includes('"HAVE"') ? { drop: true } : undefined,
    );
    await net.join(lobby, 'c');
    await net.world.advance(3000);
    await net.send('a', lobby, 'news');
    await net.world.advance(3000);
    expect(net.texts('c')).toEqual(['news']);
    slow();
    await net.world.runUntil(() => net.texts('c').length >= 31, { limitMs: 5 * MINUTE, what: 'history' });
    expect(net.texts('c')).toEqual(['news', ...texts(30)]);
    expect(net.get('c').shown.map((event) => event.late)).toEqual([false, ...texts(30).map(() => true)]);
  });

  it('takes no history that was tampered with, nor from another channel', async () => {
    const net = await star('tampered', ['a', 'b']);
    const lobby = await net.channel('lobby', 'a', 'b');
    for (const text of texts(5)) await net.send('a', lobby, text);
    await net.world.advance(5000);
    const stranger = await Stranger.meet(net, 'x', 's');
    const [signed] = (await net.world.until(net.get('a').ports.store.range('history', {}))).map(
      ({ value }) => JSON.parse(String(value)).m as string,
    );
    const [header, payload, signature] = Buffer.from(signed ?? '', 'base64')
      .toString()
      .split('.') as [string, string, string];
    const changed = JSON.parse(Buffer.from(payload, 'base64url').toString());
    changed.text = 'never said';
    changed.seq = 99;
    const forged = [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
    const history = async (number: number, message: string): Promise<Message> =>
      stranger.compose((await import('@parley/core')).HISTORY, {
        msg_id: guid(number),
        recipient_id: net.idOf('b'),
        channel_id: lobby,
        messages: [message],
      });
    stranger.send(await history(1, Buffer.from(forged).toString('base64')));
    await net.world.advance(2000);
    expect(net.texts('b')).toEqual(texts(5));
    expect(net.get('b').node.metrics.value('rejections', 'message-signature')).toBe(1);
  });

  it('converges after a long partition with messages on both sides', async () => {
    const hosts = ['a', 'b', 'c', 'd'];
    const net = new Network({ seed: 'partition' });
    for (const host of ['s1', 's2']) await net.server(host);
    net.link('s1', 's2');
    for (const [i, host] of hosts.entries()) {
      await net.client(host);
      net.link(host, i < 2 ? 's1' : 's2');
    }
    await net.world.runUntil(() => hosts.every((a) => hosts.every((b) => a === b || net.reaches(a, b))));
    const lobby = await net.channel('lobby', 'a', 'b', 'c', 'd');
    net.world.network.partition([['s1', 'a', 'b']]);
    await net.world.advance(MINUTE);
    for (let i = 0; i < 100; i++) {
      for (const host of ['a', 'c']) await net.send(host, lobby, `${host} ${i}`);
      // Two hours and a half in all: no flood is repeated, and none remembered, for as long.
      await net.world.advance(1.5 * MINUTE);
    }
    net.world.network.heal();
    await net.world.runUntil(() => hosts.every((host) => net.texts(host).length >= 200), {
      limitMs: 5 * MINUTE,
      what: 'that all converge',
    });
    await net.world.advance(MINUTE);
    for (const host of hosts) {
      for (const sender of ['a', 'c']) {
        expect(net.textsFrom(host, sender), `${sender} at ${host}`).toEqual(Array.from({ length: 100 }, (_, i) => `${sender} ${i}`));
      }
      expect(net.get(host).gaps).toEqual([]);
    }
  });

  it('shows a gap after five seconds, and fills it late', async () => {
    const net = await star('gap', ['a', 'b']);
    const lobby = await net.channel('lobby', 'a', 'b');
    await net.send('a', lobby, 'one');
    await net.world.advance(3000);
    let lost = 0;
    const lose = net.world.network.onFrame(({ to, bytes }) => {
      if (to !== 'b') return undefined;
      // It is asked for at once: that is lost too.
      if (Buffer.from(bytes).includes('"HISTORY"')) return { drop: true };
      if (!Buffer.from(bytes).includes('"MESSAGE"') || lost > 0) return undefined;
      lost++;
      return { drop: true };
    });
    await net.send('a', lobby, 'two');
    await net.send('a', lobby, 'three');
    await net.world.advance(4000);
    expect(net.texts('b')).toEqual(['one']);
    await net.world.advance(1500);
    expect(net.texts('b')).toEqual(['one', 'three']);
    expect(net.get('b').gaps).toMatchObject([{ from: 2, to: 2 }]);
    lose();
    await net.world.advance(20_000);
    expect(net.texts('b')).toEqual(['one', 'three', 'two']);
    expect(net.get('b').shown.map((event) => event.late)).toEqual([false, false, true]);
    // An old gap is no reason to wait after a restart.
    net.crash('b');
    await net.restart('b');
    await net.world.runUntil(() => net.reaches('a', 'b'));
    await net.world.advance(3000);
    await net.send('a', lobby, 'four');
    await net.world.advance(1000);
    expect(net.texts('b').at(-1)).toBe('four');
    expect(net.get('b').gaps.length).toBe(1);
  });
});

describe('a node that does not pass on others’ messages', () => {
  it('takes part all the same: it says, hears, and answers with history, in its own name only', async () => {
    const net = new Network({ seed: 'tab' });
    for (const host of ['s1', 's2']) await net.server(host);
    await net.client('tab', { relays: false });
    for (const host of ['a', 'b']) await net.client(host);
    // The tab has a link to each of two networks that have no other.
    for (const server of ['s1', 's2']) net.link('tab', server);
    net.link('a', 's1');
    net.link('b', 's2');
    await net.world.runUntil(() => net.reaches('tab', 'a') && net.reaches('tab', 'b'));
    const lobby = await net.channel('lobby', 'tab', 'a');
    await net.join(lobby, 'b');
    await net.send('a', lobby, 'from a');
    await net.world.advance(MINUTE);
    await net.send('tab', lobby, 'from tab');
    // What `a` said is for members: `b` has it from the tab's memory, as `a` signed it.
    await net.world.runUntil(() => net.texts('b').length >= 2, { limitMs: 10 * MINUTE, what: 'history of the tab' });
    expect([...net.texts('b')].sort()).toEqual(['from a', 'from tab']);
    expect(net.reaches('a', 'b')).toBe(false);
    for (const server of ['s1', 's2']) expect(net.get(server).node.metrics.value('rejections', 'not-own-name')).toBe(0);
    expect(net.get('s1').node.metrics.value('received', 'MESSAGE')).toBeGreaterThan(0);
    expect(net.errors()).toEqual([]);
  });
});
