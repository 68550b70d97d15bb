import { CHANNEL, type ContentKey, encodeCompact, HAVE, type Identity, type JsonObject, SEALED, sealJwe } from '@parley/core';
import { describe, expect, it } from 'vitest';
import type { Network, Participant } from './lib/network.ts';
import { lineOfTwo } from './lib/places.ts';
import { Recording } from './lib/recording.ts';
import { guid, Stranger } from './lib/stranger.ts';

const NAME = 'a-name-that-nobody-else-may-read';
const CHANNEL_ID = guid(70);
const KEY: ContentKey = { kid: guid(71), key: new Uint8Array(32).fill(7) };
/** One that comes late. */
const LATE: ContentKey = { kid: guid(72), key: new Uint8Array(32).fill(8) };

const rejected = ({ node }: Participant, reason: string): number => node.metrics.value('rejections', reason);

/** `a` – `s1` – `s2` – `b`; `b` holds a key, and `heard` are the names of channels that were told it sealed, with who told them. */
async function line(seed: string) {
  const { net } = await lineOfTwo(seed);
  const [a, b] = [net.get('a'), net.get('b')];
  const heard: [string, string][] = [];
  b.node.overlay.sealed.handle(CHANNEL, ({ data, origin }) => {
    heard.push([data.channel, origin]);
    return { verdict: 'accept', receipt: true };
  });
  const late: { found: boolean } = { found: false };
  b.node.overlay.sealed.keys((kid) => (kid === KEY.kid ? KEY : undefined));
  b.node.overlay.sealed.keys((kid) => (kid !== LATE.kid ? undefined : late.found ? LATE : 'later'));
  const say = (from: Participant, to: Parameters<typeof from.node.overlay.sealed.send>[2]): Promise<string> =>
    net.world.until(from.node.overlay.sealed.send(CHANNEL, { channel: NAME, channel_id: CHANNEL_ID, members: [] }, to, { receipts: true }));
  return { net, a, b, heard, late, say };
}

/** An envelope of a stranger for `b`. */
async function envelope(
  net: Network,
  stranger: Stranger,
  content: JsonObject,
  changes: { to?: Identity; key?: ContentKey; about?: object; data?: JsonObject } = {},
) {
  const msgId = net.world.random.bytes(1)[0] ?? 0;
  const about = { nodeId: stranger.nodeId, msgId: guid(1000 + msgId), ...changes.about };
  const { crypto, random } = net.world;
  const jwe = await sealJwe({ crypto, random }, changes.key ?? changes.to ?? net.get('b').identity, about, content);
  const recipient = [{ node_id: net.idOf('b') }];
  return stranger.compose(SEALED, { msg_id: guid(1000 + msgId), recipient, sealed: encodeCompact(jwe), ...changes.data });
}

describe('a sealed verb over three hops', () => {
  it('comes to whom it was sealed to, by certificate and by key; and nobody on the way can read it, nor what kind of thing it is', async () => {
    const { net, a, b, heard, say } = await line('sealed');
    const recording = new Recording(net);
    const deliveries: string[] = [];
    a.node.overlay.events.on('delivery', ({ recipient, state }) => recipient === net.idOf('b') && deliveries.push(state));
    const target = await net.world.until(a.node.certificates.target(net.idOf('b')));
    await say(a, { target });
    await say(a, { key: KEY, channelId: CHANNEL_ID, recipients: [net.idOf('b')] });
    await net.world.runUntil(() => heard.length === 2, { limitMs: 30_000 });
    expect(heard).toEqual([
      [NAME, net.idOf('a')],
      [NAME, net.idOf('a')],
    ]);
    await net.world.runUntil(() => deliveries.filter((state) => state === 'delivered').length === 2);
    // The search finds what is there to be found.
    expect(recording.readable([net.idOf('a')])).toEqual([net.idOf('a')]);
    expect(recording.readable([NAME])).toEqual([]);
    expect(recording.count('SEALED')).toBeGreaterThanOrEqual(6);
    expect(b.node.metrics.value('received', 'CHANNEL')).toBeGreaterThanOrEqual(2);
    expect(net.errors()).toEqual([]);
  });

  it('waits for one who is away, and is delivered once', async () => {
    const { net, a, b, say } = await line('sealed away');
    const target = await net.world.until(a.node.certificates.target(net.idOf('b')));
    net.crash('b');
    await net.world.advance(60_000);
    await say(a, { target });
    await net.world.advance(5000);
    const heard: string[] = [];
    const again = await net.restart('b');
    again.node.overlay.sealed.handle(CHANNEL, ({ data }) => {
      heard.push(data.channel);
      return { verdict: 'accept' };
    });
    await net.world.runUntil(() => heard.length > 0, { limitMs: 60_000 });
    await net.world.advance(60_000);
    expect(heard).toEqual([NAME]);
    expect(b.identity.nodeId).toBe(again.identity.nodeId);
  });

  it('whose key is being asked for comes again until it is there', async () => {
    const { net, a, b, heard, late, say } = await line('sealed later');
    await say(a, { key: LATE, channelId: CHANNEL_ID, recipients: [net.idOf('b')] });
    await net.world.advance(20_000);
    expect(heard).toEqual([]);
    expect(rejected(b, 'sealed-key')).toBeGreaterThan(1);
    late.found = true;
    await net.world.runUntil(() => heard.length > 0, { limitMs: 60_000 });
    await net.world.advance(60_000);
    expect(heard).toEqual([[NAME, net.idOf('a')]]);
  });
});

describe('what a stranger seals', () => {
  const content = (by: string, about: JsonObject = {}): JsonObject => ({
    msg_type: 'CHANNEL',
    msg_data: { msg_id: guid(1), node_id: by, channel: NAME, channel_id: CHANNEL_ID, members: [], ...about },
  });

  it('is refused and counted when it is forged, oversized, malformed, or sealed with a key that nobody knows', async () => {
    const { net, b, heard } = await line('sealed stranger');
    const stranger = await Stranger.meet(net, 'stranger', 's1');
    const { nodeId } = stranger;
    const fits = (changes: Parameters<typeof envelope>[3] = {}, about: JsonObject = {}, inner: JsonObject = {}) =>
      envelope(net, stranger, { ...content(nodeId, about), ...inner }, changes);
    const cases: [string, number, () => Promise<unknown>][] = [
      ['auth-node-id', 1, async () => stranger.send(named(await fits(), net.idOf('a')))],
      ['auth-signature', 1, async () => stranger.send(flipped(await fits()))],
      ['sealed-form', 1, async () => stranger.send(await fits({ about: { nodeId: net.idOf('a') } }))],
      ['sealed-form', 2, async () => stranger.send(await fits({ data: { sealed: 'AAAA' } }))],
      ['sealed-key', 1, async () => stranger.send(await fits({ key: { ...KEY, kid: guid(99) } }))],
      ['sealed-key', 2, async () => stranger.send(await fits({ to: net.get('a').identity }))],
      ['sealed-opening', 1, async () => stranger.send(await fits({ key: { ...KEY, key: new Uint8Array(32) } }))],
      ['verb-unknown', 1, async () => stranger.send(await fits({}, {}, { msg_type: 'NOVELTY' }))],
      ['verb-not-sealed', 1, async () => stranger.send(await fits({}, {}, { msg_type: 'GETCERTIFICATE' }))],
      ['schema', 1, async () => stranger.send(await fits({}, { members: 'all' }))],
      ['verb-size', 1, async () => stranger.send(await fits({}, { more: 'x'.repeat(100_000) }))],
      ['sealed-node-id', 1, async () => stranger.send(await fits({}, { node_id: net.idOf('a') }))],
      // The id inside is not that of the envelope.
      ['sealed-node-id', 2, async () => stranger.send(await fits())],
    ];
    for (const [reason, count, send] of cases) {
      await send();
      await net.world.runUntil(() => rejected(b, reason) >= count, { limitMs: 20_000, what: `${reason} ${count}` });
      expect(rejected(b, reason), reason).toBe(count);
    }
    expect(heard).toEqual([]);
    expect(net.errors()).toEqual([]);
  });

  it('too large for any envelope is an offence at the first hop', async () => {
    const { net } = await line('sealed oversized');
    const stranger = await Stranger.meet(net, 'stranger', 's1');
    const message = await envelope(net, stranger, content(stranger.nodeId));
    stranger.send({ ...message, msg_data: { ...message.msg_data, sealed: 'A'.repeat(970 * 1024) } });
    await net.world.runUntil(() => rejected(net.get('s1'), 'verb-size') === 1, { limitMs: 10_000 });
    expect(net.get('s1').node.links.reputation.score(stranger.identity.keyId, net.get('s1').node.links.now())).toBeGreaterThan(0);
  });

  it('faster than its verb allows is taken slowly', async () => {
    const { net, b } = await line('sealed quota');
    let heard = 0;
    b.node.overlay.sealed.handle(HAVE, () => {
      heard++;
      return { verdict: 'accept' };
    });
    const a = net.get('a').node;
    const target = await net.world.until(a.certificates.target(net.idOf('b')));
    const { burst } = HAVE.spec.rate;
    for (let i = 0; i < burst + 50; i++)
      await net.world.until(a.overlay.sealed.send(HAVE, { channel_id: CHANNEL_ID, have: [] }, { target }));
    await net.world.runUntil(() => heard === burst + 50, { limitMs: 120_000 });
    expect(rejected(b, 'quota-origin')).toBeGreaterThan(0);
  });
});

const named = <M extends { msg_data: JsonObject }>(message: M, nodeId: string): M => ({
  ...message,
  msg_data: { ...message.msg_data, node_id: nodeId },
});

function flipped<M extends { msg_data: JsonObject }>(message: M): M {
  const sealed = message.msg_data.sealed as string;
  const letter = sealed[100] === 'A' ? 'B' : 'A';
  return { ...message, msg_data: { ...message.msg_data, sealed: sealed.slice(0, 100) + letter + sealed.slice(101) } };
}
