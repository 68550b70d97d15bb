import { GETCERTIFICATE, HAVE } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { forged, letter } from './lib/letters.ts';
import { Network, type Participant } from './lib/network.ts';
import { lineOfTwo, oneAway } from './lib/places.ts';
import { guid, Stranger } from './lib/stranger.ts';

const DAY = 24 * 60 * 60_000;

const held = ({ node }: Participant): number => node.metrics.snapshot().gauges.get('custody_messages')?.get('') ?? -1;
const rejected = ({ node }: Participant, reason: string): number => node.metrics.value('rejections', reason);
const scoreOf = ({ node }: Participant, keyId: string): number => node.links.reputation.score(keyId, node.links.now());

/** How many messages of a verb go from one to another from now on. */
function count(net: Network, verb: string, from: string, to: string): () => number {
  let found = 0;
  net.world.network.onFrame((frame) => {
    const { kind, bytes } = frame;
    if (kind === 'message' && frame.from === from && frame.to === to && Buffer.from(bytes).includes(`"msg_type":"${verb}"`)) found++;
    return undefined;
  });
  return () => found;
}

describe('a message in the name of another, for one who is away', () => {
  it('is neither stored nor acknowledged, nor told to the one who is named; what that one says finds its place', async () => {
    const { net, lobby } = await oneAway('junk', { pairMessages: 100, destinationMessages: 200 });
    const stranger = await Stranger.meet(net, 'stranger', 's');
    const [nacks, receipts] = [count(net, 'NACK', 's', 'a'), count(net, 'RECEIPT', 's', 'a')];
    for (let i = 0; i < 300; i++) {
      stranger.send(await forged(net.idOf('a'), i, [net.idOf('b')], i % 2 === 0 ? stranger.identity : undefined));
      const question = await stranger.compose(GETCERTIFICATE, { msg_id: guid(i), recipient_id: net.idOf('b') });
      stranger.send({ ...question, msg_data: { ...question.msg_data, node_id: net.idOf('a') } });
    }
    await net.world.advance(10_000);
    expect(held(net.get('s'))).toBe(0);
    expect(stranger.of('ACK')).toEqual([]);
    expect([nacks(), receipts()]).toEqual([0, 0]);
    expect(rejected(net.get('s'), 'origin-unproved')).toBe(300);
    expect(rejected(net.get('s'), 'auth-node-id')).toBe(300);
    expect(scoreOf(net.get('s'), stranger.identity.keyId)).toBe(0);
    const texts = Array.from({ length: 90 }, (_, i) => `message ${i}`);
    for (const text of texts) await net.send('a', lobby, text);
    await net.world.advance(5000);
    expect(held(net.get('s'))).toBe(90);
    await net.restart('b');
    await net.world.runUntil(() => net.texts('b').length >= 90, { limitMs: 60_000 });
    expect(net.textsFrom('b', 'a')).toEqual(texts);
  });

  it('nor for one whom nobody knows is it answered', async () => {
    const { net } = await oneAway('junk unknown');
    const stranger = await Stranger.meet(net, 'stranger', 's');
    const nacks = count(net, 'NACK', 's', 'a');
    for (let i = 0; i < 20; i++) stranger.send(await forged(net.idOf('a'), i, [guid(99)]));
    await net.world.advance(5000);
    expect(nacks()).toBe(0);
    expect(rejected(net.get('s'), 'origin-unproved')).toBe(20);
  });

  it('that it did sign, dressed up a hundred ways, is stored once; and not at all what it signed long ago', async () => {
    const { net, lobby } = await oneAway('variants');
    const stranger = await Stranger.meet(net, 'stranger', 's');
    const { identity } = net.get('a');
    const to = [net.idOf('b')];
    const now = net.world.clock.now();
    const true_ = await letter(identity, 1, to, { channelId: lobby, at: now });
    for (let i = 0; i < 100; i++) stranger.send({ ...true_, msg_data: { ...true_.msg_data, dress: i } });
    for (let i = 100; i < 150; i++) stranger.send(await letter(identity, i, to, { at: now - 9 * DAY }));
    for (let i = 200; i < 210; i++) {
      const other = await letter(identity, i, to, { at: now });
      stranger.send({ ...other, msg_data: { ...other.msg_data, msg_id: guid(i + 1000) } });
    }
    await net.world.advance(5000);
    expect(held(net.get('s'))).toBe(1);
    expect(rejected(net.get('s'), 'origin-stale')).toBe(50);
    expect(rejected(net.get('s'), 'origin-unproved')).toBe(10);
    await net.restart('b');
    await net.world.advance(30_000);
    expect(net.textsFrom('b', 'a')).toEqual(['AAAAAAAAAA']);
  });

  it('makes its neighbour wait, when there is much of it', async () => {
    const { net } = await oneAway('work');
    const stranger = await Stranger.meet(net, 'stranger', 's', {});
    stranger.send(await letter(stranger.identity, 1, [net.idOf('b')]));
    for (let i = 0; i < 3000; i++) {
      const bad = await letter(stranger.identity, i + 2, [net.idOf('b')], { at: 0 });
      stranger.send(bad);
    }
    await net.world.advance(3000);
    expect(net.get('s').node.metrics.value('paced')).toBeGreaterThan(0);
    expect(rejected(net.get('s'), 'origin-stale')).toBeLessThan(1500);
    expect(scoreOf(net.get('s'), stranger.identity.keyId)).toBe(0);
  });
});

/** A line, and a stranger at `s1`. */
async function line(seed: string) {
  const { net, lobby } = await lineOfTwo(seed);
  await net.world.advance(10_000);
  const stranger = await Stranger.meet(net, 'stranger', 's1');
  await net.world.advance(1000);
  return { net, lobby, stranger };
}

describe('a forged message for one who is there', () => {
  it('passes unchecked, and is found out where it arrives', async () => {
    const { net, stranger } = await line('transit');
    for (let i = 0; i < 30; i++) stranger.send(await forged(net.idOf('a'), i, [net.idOf('b')]));
    await net.world.advance(5000);
    expect(rejected(net.get('b'), 'origin-unproved')).toBe(30);
    expect(rejected(net.get('s1'), 'origin-unproved') + rejected(net.get('s2'), 'origin-unproved')).toBe(0);
    expect(stranger.acknowledged().length).toBe(30);
    expect(held(net.get('s1')) + held(net.get('s2'))).toBe(0);
  });

  it('who has gone when it gets there is dropped by all who carried it, soon, and without a word to the one who is named', async () => {
    const { net, lobby, stranger } = await line('transit gone');
    // What `s2` says of routes is lost: `s1` believes that `b` is there when it is not.
    net.world.network.onFrame(({ kind, from, to, bytes }) =>
      kind === 'message' && from === 's2' && to === 's1' && Buffer.from(bytes).includes('"msg_type":"ROUTING"')
        ? { drop: true }
        : undefined,
    );
    net.crash('b');
    await net.world.advance(5000);
    const [nacks, receipts] = [count(net, 'NACK', 's1', 'a'), count(net, 'RECEIPT', 's1', 'a')];
    const passed = count(net, 'MESSAGE', 's1', 's2');
    for (let i = 0; i < 30; i++) stranger.send(await forged(net.idOf('a'), i, [net.idOf('b')]));
    await net.world.advance(1000);
    expect(stranger.acknowledged().length).toBe(30);
    expect(held(net.get('s1'))).toBe(30);
    expect(rejected(net.get('s2'), 'origin-unproved')).toBe(30);
    await net.world.advance(9000);
    expect([held(net.get('s1')), held(net.get('s2'))]).toEqual([0, 0]);
    expect(rejected(net.get('s1'), 'origin-unproved')).toBe(30);
    await net.world.advance(10 * 60_000);
    expect(passed()).toBe(30);
    expect([nacks(), receipts()]).toEqual([0, 0]);
    // A true one is kept by whoever has it, and arrives.
    await net.send('a', lobby, 'true');
    await net.world.advance(10_000);
    await net.restart('b');
    await net.world.runUntil(() => net.textsFrom('b', 'a').length > 0, { limitMs: 120_000 });
    expect(net.textsFrom('b', 'a')).toEqual(['true']);
  });

  it('is dropped also when the relay was killed before it had a chance to look; what is true is kept', async () => {
    const { net, lobby, stranger } = await line('transit killed');
    net.world.network.onFrame(({ kind, from, to, bytes }) =>
      kind === 'message' && from === 's1' && to === 's2' && Buffer.from(bytes).includes('"msg_type":"MESSAGE"')
        ? { drop: true }
        : undefined,
    );
    for (let i = 0; i < 10; i++) stranger.send(await forged(net.idOf('a'), i, [net.idOf('b')]));
    stranger.send(await letter(net.get('a').identity, 50, [net.idOf('b')], { channelId: lobby, at: net.world.clock.now() }));
    await net.world.advance(500);
    expect(held(net.get('s1'))).toBe(11);
    net.crash('b');
    net.crash('s1');
    net.crash('s2');
    await net.restart('s1');
    await net.world.advance(5000);
    expect(held(net.get('s1'))).toBe(1);
    expect(rejected(net.get('s1'), 'origin-unproved')).toBe(10);
  });
});

describe('what one origin sends to one recipient', () => {
  /** `b` takes but few messages of each verb a second. */
  async function strict(seed: string, scale: number): Promise<{ net: Network; lobby: string }> {
    const net = new Network({ seed });
    await net.server('s');
    // Without catch-up, which would bring what is late.
    const channels = { haveOnMeeting: 0, haveEveryMs: DAY };
    await net.client('a', { channels });
    await net.client('b', { channels, overlay: { originRateScale: scale } });
    for (const host of ['a', 'b']) net.link(host, 's');
    await net.world.runUntil(() => net.reaches('a', 'b') && net.reaches('b', 'a'));
    return { net, lobby: await net.channel('lobby', 'a', 'b') };
  }

  it('and is over the rate of its verb is taken later, and none of it is lost or taken twice', async () => {
    // MESSAGE: 25 a second, and 100 at once.
    const { net, lobby } = await strict('rate', 0.005);
    const texts = Array.from({ length: 400 }, (_, i) => `message ${i}`);
    const { channels } = net.get('a').node;
    const sending = Promise.all(texts.map((text) => channels.send(lobby, text)));
    await net.world.advance(1500);
    await sending;
    expect(net.textsFrom('b', 'a').length).toBeLessThan(160);
    expect(rejected(net.get('b'), 'quota-origin')).toBeGreaterThan(200);
    await net.world.runUntil(() => net.textsFrom('b', 'a').length >= 400, { limitMs: 10 * 60_000, what: 'that all came' });
    await net.world.advance(60_000);
    expect([...net.textsFrom('b', 'a')].sort()).toEqual([...texts].sort());
    expect(held(net.get('s')) + held(net.get('a'))).toBe(0);
  });

  it('without custody and over the rate is dropped and counted, by itself: others are heard', async () => {
    const { net, lobby } = await strict('rate unacked', 1);
    const [loud, quiet] = [await Stranger.meet(net, 'loud', 's'), await Stranger.meet(net, 'quiet', 's')];
    const about = { recipient_id: net.idOf('b'), channel_id: lobby, have: [] };
    for (let i = 0; i < 500; i++) loud.send(await loud.compose(HAVE, { msg_id: guid(i), ...about }));
    await net.world.advance(1000);
    expect(rejected(net.get('b'), 'quota-origin')).toBeGreaterThan(250);
    const before = rejected(net.get('b'), 'quota-origin');
    for (let i = 0; i < 100; i++) quiet.send(await quiet.compose(HAVE, { msg_id: guid(i), ...about }));
    await net.world.advance(1000);
    expect(rejected(net.get('b'), 'quota-origin')).toBe(before);
    expect(scoreOf(net.get('b'), net.get('s').identity.keyId)).toBe(0);
  });
});
