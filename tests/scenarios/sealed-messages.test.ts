import { type ContentKey, encodeCompact, HAVE, HISTORY, JOIN, type JsonObject, MESSAGE, sealJwe, signJws, timestamp } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { letter } from './lib/letters.ts';
import type { Network, Participant } from './lib/network.ts';
import { lineOfTwo } from './lib/places.ts';
import { Recording } from './lib/recording.ts';
import { sharedKey } from './lib/shared-key.ts';
import { guid, Stranger } from './lib/stranger.ts';

const ID = guid(80);
const KEY: ContentKey = { kid: guid(81), key: new Uint8Array(32).fill(3) };

const rejected = ({ node }: Participant, reason: string): number => node.metrics.value('rejections', reason);

async function converse(net: Network, host: string): Promise<void> {
  const members = ['a', 'b'].map((name) => net.idOf(name));
  const { channels } = net.get(host).node;
  channels.sealWith('direct', sharedKey(net, host, KEY, members));
  await net.world.until(channels.converse({ id: ID, kind: 'direct', name: 'the two of us', members }));
}

/** `a` – `s1` – `s2` – `b`, and a sealed conversation of the two. */
async function begin(seed: string): Promise<Network> {
  const { net } = await lineOfTwo(seed);
  for (const host of ['a', 'b']) await converse(net, host);
  return net;
}

describe('a message of a sealed conversation', () => {
  it('is shown, kept, found and signed for as any other, and nobody on the way can read it', async () => {
    const net = await begin('sealed message');
    const recording = new Recording(net);
    const { msgId } = await net.send('a', ID, 'nobody else is to know');
    await net.world.runUntil(() => net.texts('b').includes('nobody else is to know'), { limitMs: 10_000 });
    await net.world.advance(5000);
    expect(await net.history('b', ID)).toEqual(['nobody else is to know']);
    expect((await net.world.until(net.get('b').node.channels.archive.search('nobody', { limit: 5 }))).length).toBe(1);
    expect((await net.world.until(net.get('a').node.channels.delivery(msgId)))?.state).toBe('delivered');
    expect(recording.readable(['nobody else is to know', 'the two of us'])).toEqual([]);
    expect(recording.count('MESSAGE')).toBeGreaterThanOrEqual(3);
    expect(net.get('b').node.channels.find('@the two of us').kind).toBe('direct');
    expect(() => net.get('b').node.channels.find('#the two of us')).toThrow('no channel');
    expect(net.errors()).toEqual([]);
  });

  it('waits at a relay for one who is away', async () => {
    const net = await begin('sealed away');
    net.crash('b');
    await net.world.advance(60_000);
    const recording = new Recording(net);
    const texts = Array.from({ length: 30 }, (_, i) => `word ${i} of a secret`);
    for (const text of texts) await net.send('a', ID, text);
    await net.world.advance(30_000);
    const held = ['s1', 's2'].map((host) => net.get(host).node.metrics.snapshot().gauges.get('custody_messages')?.get('') ?? 0);
    expect(held.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(30);
    await net.restart('b');
    await converse(net, 'b');
    await net.world.runUntil(() => net.texts('b').length >= texts.length, { limitMs: 60_000 });
    expect(net.texts('b')).toEqual(texts);
    expect(recording.readable(texts)).toEqual([]);
  });

  it('that was lost with a disk is caught up with, sealed, in the order of its numbers', async () => {
    const net = await begin('sealed history');
    const recording = new Recording(net);
    const texts = Array.from({ length: 30 }, (_, i) => `word ${i} of a secret`);
    for (const text of texts) await net.send('a', ID, text);
    await net.world.runUntil(() => net.texts('b').length >= texts.length, { limitMs: 60_000 });
    net.crash('b');
    net.world.drive('b').replace();
    net.get('b').shown.length = 0;
    await net.restart('b');
    await converse(net, 'b');
    await net.world.runUntil(() => net.texts('b').length >= texts.length, { limitMs: 300_000 });
    expect(net.texts('b')).toEqual(texts);
    expect(net.get('a').node.metrics.value('history_given')).toBe(30);
    expect(recording.readable(texts)).toEqual([]);
    expect([recording.count('WANT'), recording.count('HISTORY')]).toEqual([0, 0]);
  });

  it('is refused in clear, from another, with other words around it, or with a JWS of somebody else in it', async () => {
    const net = await begin('sealed forged');
    const [a, b] = [net.get('a'), net.get('b')];
    const stranger = await Stranger.meet(net, 'stranger', 's2');
    const now = net.world.clock.now();
    const { crypto, random } = net.world;
    stranger.send(await letter(a.identity, 1, [net.idOf('b')], { channelId: ID, at: now }));
    await net.world.runUntil(() => rejected(b, 'closed-channel-in-clear') === 1, { limitMs: 10_000 });
    const jws = async (fields: JsonObject): Promise<string> => {
      const payload = {
        msg_id: guid(2),
        node_id: net.idOf('a'),
        channel_id: ID,
        timestamp: timestamp(now),
        text: 'x',
        attachments: [],
        seq: 1,
      };
      return encodeCompact(await signJws(a.identity, { ...payload, ...fields }));
    };
    const sealed = async (fields: JsonObject, by = stranger.nodeId, msgId = guid(2)) => {
      const jwe = await sealJwe({ crypto, random }, KEY, { nodeId: by, msgId, channelId: ID }, { message: await jws(fields) });
      const recipient = [{ node_id: net.idOf('b') }];
      const around = { msg_id: msgId, recipient, timestamp: timestamp(now), channel: '', channel_id: ID };
      return stranger.compose(MESSAGE, { ...around, message: encodeCompact(jwe) });
    };
    // What `a` said once, in an envelope of the stranger's.
    stranger.send(await sealed({}));
    await net.world.runUntil(() => rejected(b, 'message-disagrees') === 1, { limitMs: 10_000 });
    stranger.send(await sealed({}, net.idOf('a')));
    await net.world.runUntil(() => rejected(b, 'message-opening') === 1, { limitMs: 10_000 });
    const { auth: _, ...unsigned } = await sealed({});
    stranger.send(unsigned);
    await net.world.runUntil(() => rejected(b, 'auth-missing') === 1, { limitMs: 10_000 });
    const told = { msg_id: guid(5), recipient_id: net.idOf('b'), channel_id: ID };
    stranger.send(await stranger.compose(HAVE, { ...told, have: [] }));
    stranger.send(await stranger.compose(HISTORY, { ...told, messages: [await jws({})] }));
    await net.world.runUntil(() => rejected(b, 'not-a-member') === 2, { limitMs: 10_000 });
    stranger.send(await stranger.compose(JOIN, { msg_id: guid(6), channel: 'x', channel_id: ID }));
    await net.world.runUntil(() => rejected(b, 'closed-channel-in-clear') === 2, { limitMs: 10_000 });
    expect(b.node.channels.members(ID).sort()).toEqual([net.idOf('a'), net.idOf('b')].sort());
    expect(net.texts('b')).toEqual([]);
    expect(net.errors()).toEqual([]);
  });
});

it('what is attached to a sealed message is sealed with it, also where a member gives it later', async () => {
  const net = await begin('sealed attachments');
  const recording = new Recording(net);
  const words = 'a map of where it is hidden';
  const map = { name: 'map.txt', type: 'text/plain', bytes: new TextEncoder().encode(words.padEnd(250_000)) };
  const states = async (host: string) => {
    const { channels } = net.get(host).node;
    const page = await net.world.until(channels.archive.history(ID, { limit: 9 }));
    return net.world.until(Promise.all(page.map((message) => channels.attached.states(message))));
  };
  await net.world.until(net.get('a').node.channels.send(ID, 'here it is', { attachments: [map] }));
  await net.world.runUntil(() => net.texts('b').includes('here it is'), { limitMs: 10_000 });
  expect(await states('b')).toEqual([['here']]);
  const tooMuch = net.world.until(net.get('a').node.channels.send(ID, '"'.repeat(65_000), { attachments: [map] }));
  await expect(tooMuch).rejects.toMatchObject({ code: 'too-large' });
  // One who has lost all of it gets it by catch-up.
  net.crash('b');
  net.world.drive('b').replace();
  await net.restart('b');
  await converse(net, 'b');
  await net.world.runUntil(() => net.texts('b').length > 1, { limitMs: 120_000 });
  await net.world.advance(10_000);
  expect(await states('b')).toEqual([['here']]);
  expect(recording.readable([words, 'map.txt', btoa(words).slice(0, 20)])).toEqual([]);
});
