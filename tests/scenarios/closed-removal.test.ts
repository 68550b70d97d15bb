import {
  base64,
  canonicalJson,
  compactParts,
  encodeCompact,
  fromBase64,
  HAVE,
  type JsonObject,
  MESSAGE,
  openJwe,
  peekJws,
  purposeBytes,
  readJwe,
  SEALED,
  sealJwe,
  signJws,
  timestamp,
  unseal,
  utf8,
} from '@parley/core';
import { describe, expect, it } from 'vitest';
import { clients, closedChannel, epochsOn, invite, membersAt, settled } from './lib/closed.ts';
import type { Network } from './lib/network.ts';
import { Recording } from './lib/recording.ts';
import { guid, Stranger } from './lib/stranger.ts';

const rejected = (net: Network, host: string, reason: string): number => net.get(host).node.metrics.value('rejections', reason);
const closedAt = (net: Network, host: string) => net.get(host).node.channels.closed;
const remove = (net: Network, id: string, by: string, whom: string) => closedAt(net, by).remove(id, net.idOf(whom));

/** The ids of epochs in all KEYs for a node that went over links. */
async function keysFor(net: Network, recording: Recording, host: string): Promise<Set<string>> {
  const found = new Set<string>();
  const { identity } = net.get(host);
  for (const { msg_data: data } of recording.of('KEY')) {
    if (data.recipient_id !== identity.nodeId) continue;
    const { channel_id, msg_id, node_id, recipient_id } = data;
    const aad = utf8(canonicalJson({ channel_id, msg_id, node_id, recipient_id } as JsonObject));
    const sealed = fromBase64(data.key as string) ?? new Uint8Array();
    const opened = await unseal(net.world.crypto, identity, purposeBytes('channel-key', ''), sealed, aad);
    const { epochs } = JSON.parse(new TextDecoder().decode(opened)) as { epochs: { statement: string }[] };
    for (const { statement } of epochs) found.add(peekJws(statement)?.payload.kid as string);
  }
  return found;
}

describe('a member who was removed and kept its key', () => {
  it('can read nothing that is said from then on, and is not heard, not even with the key of the others', async () => {
    const net = await clients('removed', 'a', 'b', 'c');
    const id = await closedChannel(net, ['a', 'b', 'c']);
    await net.send('a', id, 'while c was here');
    await net.world.runUntil(() => net.texts('c').length === 1, { limitMs: 30_000 });
    net.crash('c');
    const [kept] = epochsOn(net, id, 'c');
    if (!kept) throw new Error('c has no key');
    const recording = new Recording(net);
    await net.world.until(remove(net, id, 'a', 'c'));
    await settled(net, id, ['a', 'b']);
    const said = ['after c was sent away', 'and this'];
    await net.send('a', id, said[0] as string);
    await net.send('b', id, said[1] as string);
    await net.world.runUntil(() => ['a', 'b'].every((host) => net.texts(host).length === 3), { limitMs: 30_000 });

    // Everything that went over any link since then, with the key that c has.
    const envelopes = [...recording.of('MESSAGE'), ...recording.of('SEALED')];
    expect(envelopes.length).toBeGreaterThan(4);
    for (const { msg_data: data } of envelopes) {
      const about = { nodeId: data.node_id as string, msgId: data.msg_id as string, channelId: data.channel_id as string | undefined };
      const jwe = readJwe(compactParts((data.message ?? data.sealed) as string) ?? [], about);
      if (!jwe) throw new Error('not a JWE');
      if (!jwe.toCertificate) expect(await openJwe(net.world.crypto, jwe, kept.key)).toBeUndefined();
    }
    expect(await keysFor(net, recording, 'c')).toEqual(new Set());

    // c, played by hand, with its own key and with that of the others.
    const c = await Stranger.meet(net, 'c', 's2');
    const current = epochsOn(net, id, 'a').at(-1);
    if (!current) throw new Error('a has no key');
    let number = 0;
    const now = net.world.clock.now();
    for (const key of [kept, current]) {
      const msgId = guid(++number);
      const payload = {
        msg_id: msgId,
        node_id: c.nodeId,
        channel_id: id,
        timestamp: timestamp(now),
        text: 'it is me',
        attachments: [],
        seq: number,
      };
      const message = encodeCompact(await signJws(c.identity, payload));
      const jwe = await sealJwe(net.world, key, { nodeId: c.nodeId, msgId, channelId: id }, { message });
      const around = { msg_id: msgId, recipient: [{ node_id: net.idOf('a') }], timestamp: timestamp(now), channel: '', channel_id: id };
      c.send(await c.compose(MESSAGE, { ...around, message: encodeCompact(jwe) }));
      await net.world.runUntil(() => rejected(net, 'a', 'not a member any more') === number, { limitMs: 10_000 });
      // Nor does anybody answer it, or give it the key.
      const have = { msg_id: guid(50 + number), node_id: c.nodeId, recipient_id: net.idOf('a'), channel_id: id, have: [] };
      const sealed = await sealJwe(
        net.world,
        key,
        { nodeId: c.nodeId, msgId: guid(50 + number), channelId: id },
        { msg_type: HAVE.name, msg_data: have },
      );
      const recipient = [{ node_id: net.idOf('a') }];
      c.send(await c.compose(SEALED, { msg_id: guid(50 + number), recipient, channel_id: id, sealed: encodeCompact(sealed) }));
      await net.world.runUntil(() => rejected(net, 'a', 'not-a-member') === number, { limitMs: 10_000 });
    }
    await net.world.advance(60_000);
    expect(net.texts('a').includes('it is me')).toBe(false);
    expect(c.of('KEY')).toEqual([]);
    expect(base64(current.key)).not.toBe(base64(kept.key));
  });

  it('is told so, and its node destroys the keys; it is in the channel no more, and what was read there is kept', async () => {
    const net = await clients('told', 'a', 'b', 'c');
    const id = await closedChannel(net, ['a', 'b', 'c']);
    await net.send('a', id, 'hello');
    await net.world.runUntil(() => net.texts('c').length === 1, { limitMs: 30_000 });
    await net.world.until(remove(net, id, 'a', 'c'));
    await net.world.runUntil(() => !net.get('c').node.channels.isJoined(id), { limitMs: 60_000 });
    await net.world.advance(1000);
    expect(epochsOn(net, id, 'c')).toEqual([]);
    expect((await net.world.until(net.get('c').node.channels.archive.search('hello', { limit: 1 }))).length).toBe(1);
    // Whom the owner has sent away a member does not bring back, and the owner does.
    await expect(net.world.until(closedAt(net, 'b').invite(id, net.idOf('c')))).rejects.toMatchObject({ code: 'refused' });
    await invite(net, id, 'a', 'c');
    await settled(net, id, ['a', 'b', 'c']);
    await net.send('c', id, 'here again');
    await net.world.runUntil(() => net.texts('b').includes('here again'), { limitMs: 30_000 });
  });
});

describe('two members who are removed at once, by two others', () => {
  it.each(['one', 'two', 'three'])('are both without the key that all come to have in the end: %s', async (seed) => {
    const hosts = ['a', 'b', 'c', 'd', 'e'];
    const net = await clients(`two at once ${seed}`, ...hosts);
    const id = await closedChannel(net, hosts);
    for (const host of ['b', 'c']) await net.world.until(closedAt(net, 'a').setRole(id, net.idOf(host), 'moderator'));
    await net.world.runUntil(() => hosts.every((host) => membersAt(net, id, host).includes('c:moderator')), { limitMs: 30_000 });
    const recording = new Recording(net);
    const both = [remove(net, id, 'b', 'd'), remove(net, id, 'c', 'e')];
    await Promise.all(both.map((removing) => net.world.until(removing)));
    await settled(net, id, ['a', 'b', 'c']);
    const final = (host: string) => epochsOn(net, id, host).at(-1);
    const one = (): boolean => {
      const found = ['a', 'b', 'c'].map((host) => final(host)?.kid);
      return new Set(found).size === 1 && final('a')?.covers === 2;
    };
    await net.world.runUntil(one, { limitMs: 120_000, what: 'that a, b and c have one epoch without d and e' });
    const kid = final('a')?.kid as string;
    for (const host of ['a', 'b', 'c']) await net.send(host, id, `from ${host}`);
    await net.world.runUntil(() => ['a', 'b', 'c'].every((host) => net.texts(host).length === 3), { limitMs: 60_000 });
    expect(final('b')?.kid).toBe(kid);
    for (const host of ['d', 'e']) expect((await keysFor(net, recording, host)).has(kid)).toBe(false);
    expect((await keysFor(net, recording, 'a')).size).toBeGreaterThan(0);
    expect(net.errors()).toEqual([]);
  });

  it('also when the two who remove them do not hear of each other for an hour', async () => {
    const hosts = ['a', 'b', 'c', 'd'];
    const net = await clients('apart', ...hosts);
    const id = await closedChannel(net, hosts);
    await net.world.until(closedAt(net, 'a').setRole(id, net.idOf('b'), 'moderator'));
    await net.world.runUntil(() => membersAt(net, id, 'b').includes('b:moderator'), { limitMs: 30_000 });
    // a and c are at one server, b and d at the other.
    net.world.network.partition([
      ['s1', 'a', 'c'],
      ['s2', 'b', 'd'],
    ]);
    await net.world.advance(60_000);
    await net.world.until(remove(net, id, 'a', 'd'));
    await net.world.until(remove(net, id, 'b', 'c'));
    await net.world.advance(3_600_000);
    net.world.network.heal();
    await net.world.runUntil(() => ['a', 'b'].every((host) => String(membersAt(net, id, host)) === 'a:owner,b:moderator'), {
      limitMs: 600_000,
    });
    const one = (): boolean => {
      const [a, b] = ['a', 'b'].map((host) => epochsOn(net, id, host).at(-1));
      return a?.kid === b?.kid && a?.covers === 2;
    };
    await net.world.runUntil(one, { limitMs: 600_000, what: 'that a and b have one epoch without c and d' });
    await net.send('a', id, 'just us');
    await net.world.runUntil(() => net.texts('b').includes('just us'), { limitMs: 60_000 });
    expect([...net.texts('c'), ...net.texts('d')].includes('just us')).toBe(false);
  });
});

describe('what was said in a channel that somebody is in no more', () => {
  const texts = async (net: Network, host: string, channel: string) => (await net.history(host, channel)).join();

  it('stays readable by the name of the channel, over a restart, with who has removed them and when, until they are back', async () => {
    const net = await clients('past', 'a', 'b', 'c');
    const id = await closedChannel(net, ['a', 'b', 'c'], { name: 'hideout' });
    await net.send('a', id, 'beans');
    await net.world.runUntil(() => net.texts('c').length === 1, { limitMs: 30_000 });
    const before = net.world.clock.view().now();
    await net.world.until(remove(net, id, 'a', 'c'));
    await net.world.runUntil(() => !net.get('c').node.channels.isJoined(id), { limitMs: 30_000 });
    await net.world.advance(5000);
    for (const restart of [false, true]) {
      if (restart) {
        net.crash('c');
        await net.restart('c');
      }
      const { channels } = net.get('c').node;
      const info = channels.find('hideout');
      expect(info).toMatchObject({ id, kind: 'closed', joined: false, members: 0, ended: { removed: true, by: net.idOf('a') } });
      expect(info.ended?.at).toBeGreaterThanOrEqual(before);
      expect(await texts(net, 'c', '#hideout')).toBe('beans');
      expect((await net.world.until(channels.archive.search('beans', { limit: 5 }))).map(({ channelId }) => channelId)).toEqual([id]);
      await expect(net.send('c', 'hideout', 'still here?')).rejects.toMatchObject({
        code: 'not-member',
        message: /not in #hideout any more/,
      });
      await expect(net.world.until(channels.join(id))).rejects.toMatchObject({ code: 'refused' });
    }
    // Once the user has taken it in it counts as left.
    const { channels } = net.get('c').node;
    await net.world.until(channels.leave(id));
    expect(channels.find('hideout').ended).toMatchObject({ removed: false });
    await expect(net.world.until(channels.leave(id))).rejects.toMatchObject({ code: 'not-member' });
    await invite(net, id, 'a', 'c');
    await settled(net, id, ['a', 'b', 'c']);
    expect(net.get('c').node.channels.find('hideout')).toMatchObject({ joined: true, ended: undefined });
    await net.send('c', 'hideout', 'back');
    expect(net.errors()).toEqual([]);
  });

  it('stays after leaving, and nothing is kept of a channel in which nobody said anything', async () => {
    const net = await clients('past left', 'a', 'b');
    const id = await closedChannel(net, ['a', 'b'], { name: 'hideout' });
    const empty = await closedChannel(net, ['a', 'b'], { name: 'empty' });
    const garden = await net.channel('garden', 'a', 'b');
    for (const channel of [id, garden]) await net.send('a', channel, 'beans');
    await net.world.runUntil(() => net.texts('b').length === 2, { limitMs: 30_000 });
    for (const channel of [id, empty, garden]) await net.world.until(net.get('b').node.channels.leave(channel));
    await net.world.advance(5000);
    net.crash('a');
    net.crash('b');
    await net.restart('b');
    for (const name of ['hideout', 'garden']) {
      expect(net.get('b').node.channels.find(name)).toMatchObject({ joined: false, ended: { removed: false } });
      expect(await texts(net, 'b', name)).toBe('beans');
    }
    expect(net.knows('b', empty)).toBe(false);
  });
});
