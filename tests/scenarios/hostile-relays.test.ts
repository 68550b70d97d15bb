import {
  base64,
  composeMessage,
  FLOOD_WINDOW,
  type Identity,
  JOIN,
  type JsonObject,
  MESSAGE,
  type Message,
  signJws,
  timestamp,
  verbs,
} from '@parley/core';
import { describe, expect, it } from 'vitest';
import { LinkLab, Puppet } from './lib/link-lab.ts';
import { Network } from './lib/network.ts';

/** A line of three honest servers, with a stranger at one end and a client at the other. */
async function line(seed: string) {
  const net = new Network({ seed });
  for (const host of ['s1', 's2', 's3']) await net.server(host);
  await net.client('c');
  net.link('s1', 's2');
  net.link('s2', 's3');
  net.link('c', 's3');
  await net.world.runUntil(() => net.get('s3').node.links.size === 2 && net.get('s1').node.links.size === 1);
  await net.world.advance(3000);
  const lab = new LinkLab(`${seed} strangers`);
  const identity = await lab.identity('stranger');
  const transport = net.world.network.transport('stranger', { certificate: identity.certificate });
  const connection = await net.world.until(transport.dial('s1:4000', new AbortController().signal));
  const stranger = new Puppet(net.world, identity, connection);
  stranger.hello();
  await net.world.runUntil(() => net.get('s1').node.links.size === 2);
  await net.world.advance(3000);
  return { net, lab, stranger };
}

/** What honest neighbours hold against each other: nothing. */
function blame(net: Network): string[] {
  const honest = net.all();
  return honest.flatMap((judge) =>
    honest.flatMap((judged) => {
      const score = judge.node.links.reputation.score(judged.identity.keyId, judge.node.links.now());
      return score > 0 ? [`${judge.host} of ${judged.host}: ${score.toFixed(1)}`] : [];
    }),
  );
}

const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

async function join(identity: Identity, number: number, now: number, more: JsonObject = {}): Promise<Message> {
  const data = { msg_id: id(number), node_id: identity.nodeId, channel: 'x', channel_id: id(7), ...more };
  return composeMessage(identity, JOIN, data, now);
}

describe('honest relays are not turned against each other', () => {
  it('by floods that are in time for one and late for the next', async () => {
    const { net, lab, stranger } = await line('relays-1');
    let passed = 0;
    net.world.network.onFrame(({ from, to, kind, bytes }) => {
      if (kind === 'message' && from === 's1' && to === 's2' && Buffer.from(bytes).includes('"JOIN"')) passed++;
      return undefined;
    });
    for (let i = 0; i < 300; i++) {
      const origin = i % 50 === 0 ? await lab.identity(`origin ${i}`) : stranger.identity;
      // It takes 20 ms to the first and 40 ms to the second.
      const at = net.world.clock.now() + (i % 2 === 0 ? 30 - FLOOD_WINDOW.back : FLOOD_WINDOW.ahead + 15);
      stranger.raw(JSON.stringify(await join(origin, i, at)));
      await net.world.advance(100);
    }
    expect(passed).toBeGreaterThan(100);
    expect(net.get('s2').node.metrics.value('rejections', 'auth-stale')).toBeGreaterThan(50);
    expect(blame(net)).toEqual([]);
  });

  it('by messages that grow when they are written anew, or by the way that they took', async () => {
    const { net, stranger } = await line('relays-2');
    const { maxBytes } = JOIN.spec;
    for (let i = 0; i < 60; i++) {
      const message = await join(stranger.identity, i, net.world.clock.now(), { pad: '' });
      const room = maxBytes - JSON.stringify(message).length;
      // Once as long as it may be, once a little longer, once such that the next hop would be the one to notice.
      const fill = i % 3 === 0 ? 'x'.repeat(room) : i % 3 === 1 ? 'x'.repeat(room + 20) : '';
      const pad = i % 3 === 2 ? Array.from({ length: (room / 6) | 0 }, () => 1e20) : fill;
      const data = { ...message.msg_data, pad };
      const signed = { ...(await composeOrSign(stranger, data, net.world.clock.now())) };
      stranger.raw(JSON.stringify(signed).replaceAll('100000000000000000000', '1e20'));
      await net.world.advance(300);
    }
    expect(net.get('s1').node.metrics.value('rejections', 'verb-size')).toBeGreaterThanOrEqual(20);
    // Those that fit arrive; the stranger is banned for the others, and it alone.
    expect(net.get('c').node.metrics.value('received', 'JOIN')).toBeGreaterThanOrEqual(10);
    expect(stranger.heard('BYE')).toEqual([{ reason: 'banned' }]);
    expect(blame(net)).toEqual([]);
    expect(net.get('s2').node.links.size).toBe(2);
  });

  it('by members whose names are numbers, in messages that are held and split on the way', async () => {
    const { net, stranger } = await line('relays-3');
    const lobby = await net.channel('lobby', 'c');
    const { identity } = stranger;
    for (let seq = 1; seq <= 40; seq++) {
      const now = timestamp(net.world.clock.now());
      const payload = {
        msg_id: id(seq),
        node_id: identity.nodeId,
        channel_id: lobby,
        timestamp: now,
        text: `text ${seq}`,
        attachments: [],
        seq,
      };
      const message = base64(new TextEncoder().encode(await signJws(identity, payload)));
      const { msg_id, node_id, channel_id } = payload;
      const recipient = ['c', 's3', 's2'].map((host) => ({ node_id: net.get(host).identity.nodeId, 3: 'three' }));
      stranger.say(
        MESSAGE,
        {
          0: 'zero',
          msg_id,
          node_id,
          channel_id,
          timestamp: now,
          channel: 'lobby',
          message,
          recipient,
          1: [],
          __proto: 1,
        } as unknown as JsonObject,
        { ttl: 32, 2: 'two' } as unknown as JsonObject,
      );
      await net.world.advance(100);
    }
    await net.world.advance(5000);
    expect(net.texts('c')).toEqual(Array.from({ length: 40 }, (_, i) => `text ${i + 1}`));
    expect(blame(net)).toEqual([]);
  });

  it('by anything that is let through at all: each verb, at its greatest length', async () => {
    const { net, stranger } = await line('relays-4');
    const to = net.get('c').identity.nodeId;
    for (const verb of verbs.all().filter(({ spec }) => spec.reach === 'directed' || spec.reach === 'flood')) {
      const head = { msg_type: verb.name, ttl: 32, flood: verb.spec.reach === 'flood' };
      const data: JsonObject = {
        node_id: stranger.identity.nodeId,
        recipient_id: to,
        recipient: [{ node_id: to }],
        msg_id: id(1),
        pad: '',
      };
      const room = verb.spec.maxBytes - JSON.stringify({ ...head, msg_data: data }).length;
      stranger.raw(JSON.stringify({ ...head, msg_data: { ...data, pad: 'x'.repeat(room) } }));
      await net.world.advance(1000);
    }
    expect(blame(net)).toEqual([]);
  });
});

/** Signed even when it is longer than it may be. */
async function composeOrSign(stranger: Puppet, data: JsonObject, now: number): Promise<Message> {
  const long = { ...JOIN, spec: { ...JOIN.spec, maxBytes: 100_000 } };
  return composeMessage(stranger.identity, long, data, now);
}
