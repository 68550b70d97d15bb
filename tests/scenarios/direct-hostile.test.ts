import {
  CHANNEL,
  compactParts,
  encodeCompact,
  JOIN,
  type JsonObject,
  MESSAGE,
  type Message,
  openJwe,
  readJwe,
  signJws,
  tables,
} from '@parley/core';
import { describe, expect, it } from 'vitest';
import { around, befriend } from './lib/friends.ts';
import { Network } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

const MINUTE = 60_000;

/** Ann and ben, contacts of each other, and all MESSAGEs that ben's link brought since. */
async function begin(seed: string): Promise<{ net: Network; id: string; recorded: Message[] }> {
  const net = new Network({ seed });
  const recorded: Message[] = [];
  await around(net, ['ann', 'ben'], { listen: true });
  await befriend(net, 'ann', 'ben');
  const id = net.get('ann').node.direct.idWith(net.get('ben').identity.keyId);
  await net.world.runUntil(() => ['ann', 'ben'].every((host) => net.knows(host, id)), { limitMs: MINUTE });
  net.world.network.onFrame(({ kind, to, bytes }) => {
    const message = kind === 'message' && to === 'ben' ? (JSON.parse(Buffer.from(bytes).toString()) as Message) : undefined;
    if (message?.msg_type === MESSAGE.name) recorded.push(message);
    return undefined;
  });
  return { net, id, recorded };
}

async function talk(net: Network, recorded: readonly Message[], texts: readonly string[]): Promise<void> {
  for (const text of texts) await net.send('ann', '@ben', text);
  await net.world.runUntil(() => net.texts('ben').length >= texts.length, { limitMs: MINUTE });
  expect(recorded.length).toBeGreaterThanOrEqual(texts.length);
}

/** How many recorded messages the node of ben, with all that it has, can open again. */
async function opens(net: Network, id: string, recorded: readonly Message[]): Promise<number> {
  const { node, identity } = net.get('ben');
  const { crypto } = net.world;
  let count = 0;
  for (const { msg_data: data } of recorded) {
    const about = { nodeId: data.node_id as string, msgId: data.msg_id as string, channelId: id };
    const jwe = readJwe(compactParts(data.message as string) ?? [], about);
    if (!jwe) throw new Error('no JWE');
    // With the certificate's key, with which all but messages is sealed, and by the session.
    const direct = await openJwe(crypto, { ...jwe, toCertificate: true }, identity);
    const unwrapped = await net.world.until(node.direct.sessions.unwrap(net.get('ann').identity.keyId, jwe.kid, jwe.encryptedKey));
    const content = typeof unwrapped === 'string' ? direct : await openJwe(crypto, jwe, unwrapped.key);
    if (content) count++;
  }
  return count;
}

describe('whoever takes all that a node has, keys and disk', () => {
  it('opens nothing with it that was recorded before', async () => {
    const { net, id, recorded } = await begin('secrecy');
    const drive = net.world.drive('ben');
    const before = tables.map(({ name }) => [name, drive.disk.range(name, { limit: 1_000_000 })] as const);
    const texts = ['yesterday', 'the day before', 'long ago'];
    await talk(net, recorded, texts);
    net.crash('ben');
    await net.restart('ben');
    expect(await opens(net, id, recorded)).toBe(0);
    // A disk that was copied before they were written would have done it: the recording is complete.
    net.crash('ben');
    for (const [table, rows] of before) {
      drive.disk.apply(drive.disk.range(table, { limit: 1_000_000 }).map(({ key }) => ({ op: 'delete', table, key })));
      drive.disk.apply(rows.map(({ key, value }) => ({ op: 'put', table, key, value })));
    }
    await net.restart('ben');
    expect(await opens(net, id, recorded.slice(0, texts.length))).toBe(texts.length);
  });
});

describe('what was recorded and is said again', () => {
  it('is acknowledged and not shown again, after an hour and after a restart', async () => {
    const { net, recorded } = await begin('replay');
    await talk(net, recorded, ['once', 'only']);
    for (const restart of [false, true]) {
      await net.world.advance(65 * MINUTE);
      if (restart) {
        net.crash('ben');
        await net.restart('ben');
      }
      const stranger = await Stranger.meet(net, restart ? 'later' : 'soon', 'ben');
      for (const message of recorded) stranger.send(message);
      await net.world.advance(10_000);
      expect(stranger.of('ACK').length).toBeGreaterThanOrEqual(2);
    }
    expect(net.texts('ben')).toEqual(['once', 'only']);
    expect(await net.history('ben', '@ann')).toEqual(['once', 'only']);
    expect(net.errors()).toEqual([]);
  });

  it('opens in no other envelope, and in nobody else’s name', async () => {
    const { net, id, recorded } = await begin('rewrapped');
    await talk(net, recorded, ['for ben alone']);
    const [first] = recorded;
    if (!first) throw new Error('nothing recorded');
    const ben = net.get('ben');
    const rejected = (reason: string): number => ben.node.metrics.value('rejections', reason);
    const stranger = await Stranger.meet(net, 'stranger', 'ben');
    const { message } = first.msg_data as { message: string };
    const around = {
      recipient: [{ node_id: ben.identity.nodeId }],
      timestamp: first.msg_data.timestamp as string,
      channel: '',
      channel_id: id,
    };
    stranger.send(await stranger.compose(MESSAGE, { ...around, msg_id: first.msg_data.msg_id as string, message }));
    stranger.send(await stranger.compose(MESSAGE, { ...around, msg_id: guid(7), message }));
    await net.world.runUntil(() => rejected('not a contact') === 2, { limitMs: MINUTE, what: 'that both are refused' });
    // In clear, as in public channels, it is no direct message either.
    const payload: JsonObject = {
      msg_id: guid(8),
      node_id: stranger.nodeId,
      channel_id: id,
      timestamp: around.timestamp,
      text: 'x',
      attachments: [],
      seq: 1,
    };
    const clear = encodeCompact(await signJws(stranger.identity, payload));
    stranger.send(await stranger.compose(MESSAGE, { ...around, channel: 'x', msg_id: guid(8), message: clear }));
    await net.world.runUntil(() => rejected('closed-channel-in-clear') === 1, { limitMs: MINUTE, what: 'that it is dropped' });
    expect(net.texts('ben')).toEqual(['for ben alone']);
  });
});

describe('whoever knows the keys of two who are not contacts yet', () => {
  it('cannot have one of them join a channel where their conversation will be, nor keep them from it', async () => {
    const net = new Network({ seed: 'borrowed id' });
    const { world } = net;
    await around(net, ['ann', 'ben'], { listen: true });
    const [ann, ben] = [net.get('ann').node, net.get('ben').node];
    const id = ann.direct.idWith(ben.identity.keyId);
    const eve = await Stranger.meet(net, 'eve', 'ann');
    const about = { channel: 'garden', channel_id: id };
    eve.send(await eve.compose(JOIN, { ...about, msg_id: guid(1) }));
    eve.send(await eve.compose(CHANNEL, { ...about, msg_id: guid(2), members: [{ node_id: eve.nodeId }] }));
    await world.runUntil(() => net.knows('ann', id) && net.knows('ben', id), { limitMs: MINUTE, what: 'that both hear of it' });
    await expect(world.until(ann.channels.join(id))).rejects.toMatchObject({ code: 'conflict' });
    await expect(net.send('ann', id, 'in clear')).rejects.toMatchObject({ code: 'not-member' });
    // With somebody else's proof it is no better.
    const proof = { creator: eve.identity.keyId, nonce: Buffer.alloc(32).toString('base64') };
    eve.send(await eve.compose(CHANNEL, { ...about, msg_id: guid(3), members: [], ...proof }));
    await world.runUntil(() => ann.metrics.value('rejections', 'channel-owner') === 1, { limitMs: MINUTE });
    await befriend(net, 'ann', 'ben');
    await world.runUntil(() => ann.channels.isJoined(id) && ben.channels.isJoined(id), { limitMs: MINUTE, what: 'the conversation' });
    expect(ann.channels.kindOf(id)).toBe('direct');
    expect(ann.channels.members(id)).not.toContain(eve.nodeId);
    await net.send('ann', '@ben', 'only for you');
    await world.runUntil(() => net.texts('ben').includes('only for you'), { limitMs: MINUTE });
    expect(JSON.stringify(eve.heard)).not.toContain('only for you');
    eve.send(await eve.compose(CHANNEL, { ...about, msg_id: guid(4), members: [{ node_id: eve.nodeId }] }));
    await world.runUntil(() => ann.metrics.value('rejections', 'closed-channel-in-clear') > 0, { limitMs: MINUTE });
    expect(ann.channels.members(id)).not.toContain(eve.nodeId);
    expect(net.errors()).toEqual([]);
  });
});
