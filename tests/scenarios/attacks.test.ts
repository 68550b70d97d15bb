import {
  ACK,
  base64,
  CHANNEL,
  composeMessage,
  type Identity,
  JOIN,
  type JsonObject,
  MESSAGE,
  RECEIPT,
  ROUTING,
  signJws,
  timestamp,
  type Verb,
} from '@parley/core';
import { describe, expect, it } from 'vitest';
import { LinkLab, Puppet } from './lib/link-lab.ts';
import { Network } from './lib/network.ts';

const guid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const lab = new LinkLab('attackers');

/** A stranger with a link to a node of the network, who says whatever it is told to. */
async function stranger(net: Network, to: string, attributes: JsonObject = { node_type: 'client', relays: '1' }): Promise<Puppet> {
  const identity = await lab.identity('evil');
  const transport = net.world.network.transport('evil', { certificate: identity.certificate });
  const connection = await net.world.until(transport.dial(`${to}:4000`, new AbortController().signal));
  const puppet = new Puppet(net.world, identity, connection);
  puppet.hello({ attributes });
  await net.world.runUntil(() => net.get(to).node.links.get(identity.nodeId) !== undefined);
  await net.world.advance(500);
  return puppet;
}

/** A message as its sender signed it. */
async function signed(sender: Identity, channelId: string, seq: number, now: number, recipients: readonly string[]): Promise<JsonObject> {
  const payload = {
    msg_id: guid(seq),
    node_id: sender.nodeId,
    channel_id: channelId,
    timestamp: timestamp(now),
    text: `text ${seq}`,
    attachments: [],
    seq,
  };
  const message = base64(new TextEncoder().encode(await signJws(sender, payload)));
  const { msg_id, node_id, channel_id } = payload;
  const recipient = recipients.map((nodeId) => ({ node_id: nodeId }));
  return { msg_id, node_id, channel_id, timestamp: payload.timestamp, channel: 'lobby', message, recipient };
}

async function compose(identity: Identity, verb: Verb<string, unknown>, data: JsonObject, now: number): Promise<string> {
  return JSON.stringify(await composeMessage(identity, verb, data, now));
}

/** a - s - v, members of #lobby. */
async function line(seed: string): Promise<{ net: Network; lobby: string }> {
  const net = new Network({ seed });
  await net.server('s');
  await net.client('a', { listen: true });
  await net.client('v', { listen: true });
  net.link('a', 's');
  net.link('v', 's');
  return { net, lobby: await net.channel('lobby', 'a', 'v') };
}

describe('a relay that delivers every other message first', () => {
  it('hides none: numbers that were not held are never called delivered', async () => {
    const { net, lobby } = await line('attack-gaps');
    const evil = await stranger(net, 's');
    const { identity } = net.get('a');
    const messages: JsonObject[] = [];
    for (let seq = 1; seq <= 140; seq++) messages.push(await signed(identity, lobby, seq, net.world.clock.now(), [net.idOf('v')]));
    for (const odd of [1, 0]) {
      for (const [i, message] of messages.entries()) if ((i + odd) % 2 === 1) evil.say(MESSAGE, message, { ttl: 10 });
      await net.world.advance(1000);
    }
    await net.world.advance(20_000);
    expect(new Set(net.textsFrom('v', 'a')).size).toBe(140);
    expect(net.textsFrom('v', 'a').length).toBe(140);
  });
});

describe('a stranger with the id of a message', () => {
  it('does not make its recipient refuse it: a NACK for want of ttl ends no custody', async () => {
    const { net, lobby } = await line('attack-ttl');
    const evil = await stranger(net, 'v');
    net.world.network.between('s', 'v', { latencyMs: 3000 });
    const { msgId } = await net.send('a', lobby, 'precious');
    const time = timestamp(net.world.clock.now());
    const recipient = [{ node_id: net.idOf('v') }];
    evil.say(
      MESSAGE,
      { msg_id: msgId, node_id: net.idOf('a'), recipient, timestamp: time, channel: 'lobby', channel_id: lobby, message: '' },
      { ttl: 0 },
    );
    await net.world.advance(1000);
    expect(net.get('a').node.overlay.pendingRecipients(msgId)).toEqual([net.idOf('v')]);
    await net.world.advance(60_000);
    expect(net.textsFrom('v', 'a')).toEqual(['precious']);
  });
});

describe('a neighbour that says the same message several times at once', () => {
  it('makes it be taken once', async () => {
    const { net, lobby } = await line('attack-at-once');
    const evil = await stranger(net, 'v');
    let taken = 0;
    net.get('v').node.overlay.handle(MESSAGE, async () => {
      taken++;
      await new Promise<void>((resolve) => net.world.clock.after(10, resolve));
      // The first time the disk is full.
      return taken === 1 ? { verdict: 'later', reason: 'full' } : { verdict: 'accept' };
    });
    const message = await signed(net.get('a').identity, lobby, 1, net.world.clock.now(), [net.idOf('v')]);
    for (let i = 0; i < 5; i++) evil.say(MESSAGE, message, { ttl: 10 });
    await net.world.advance(1000);
    expect(taken).toBe(2);
  });
});

describe('a stranger who repeats itself within a report', () => {
  it('is heard once', async () => {
    const { net } = await line('attack-repeats');
    const evil = await stranger(net, 's');
    const { identity } = evil;
    const told: string[] = [];
    net.get('a').node.overlay.events.on('delivery', ({ msgId }) => told.push(msgId));
    const also = Array.from({ length: 200 }, () => guid(7));
    const recipient = Array.from({ length: 200 }, () => ({ node_id: identity.nodeId }));
    const receipt = { node_id: identity.nodeId, msg_id: guid(7), recipient_id: net.idOf('a'), recipient, state: 'read', also };
    evil.raw(await compose(identity, RECEIPT, receipt, net.world.clock.now()));
    await net.world.advance(1000);
    expect(told).toEqual([guid(7)]);
  });
});

describe('a relay that acknowledges, drops, and says that it stores', () => {
  it('is gone round all the same while the recipient is there', async () => {
    const { net, lobby } = await line('attack-stored');
    const evil = await stranger(net, 'a', { node_type: 'server', relays: '1' });
    const { identity } = evil;
    const nodes = [{ node_id: net.idOf('v'), ttl: 1, latency_ms: 0, reliability: 1 }];
    const claim = (): void => evil.say(ROUTING, { node_id: identity.nodeId, full: true, nodes });
    claim();
    await net.world.advance(500);
    const { msgId } = await net.send('a', lobby, 'precious');
    const recipient = [{ node_id: net.idOf('v') }];
    evil.say(ACK, { node_id: identity.nodeId, msg_id: msgId, origin_id: net.idOf('a'), recipient });
    const receipt = { node_id: identity.nodeId, msg_id: msgId, recipient_id: net.idOf('a'), recipient, state: 'stored' };
    evil.raw(await compose(identity, RECEIPT, receipt, net.world.clock.now()));
    for (let i = 0; i < 20 && net.textsFrom('v', 'a').length === 0; i++) {
      await net.world.advance(10_000);
      claim();
    }
    expect(net.textsFrom('v', 'a')).toEqual(['precious']);
  });
});

describe('a neighbour with a thousand invented routes', () => {
  it('pushes out none of the true ones', async () => {
    const net = new Network({ seed: 'attack-routes' });
    for (const host of ['s1', 's2', 's3', 's4']) await net.server(host);
    for (const host of ['b', 'far']) await net.client(host);
    for (const [from, to] of [
      ['s1', 's2'],
      ['s2', 's3'],
      ['s3', 's4'],
      ['b', 's1'],
      ['far', 's4'],
    ] as const)
      net.link(from, to);
    await net.world.runUntil(() => net.reaches('b', 'far'), { limitMs: 60_000 });
    const evil = await stranger(net, 's1');
    const nodes = Array.from({ length: 1000 }, (_, i) => ({ node_id: guid(i), ttl: 1 }));
    for (let i = 0; i < 5; i++) {
      evil.say(ROUTING, { node_id: evil.identity.nodeId, full: true, nodes });
      await net.world.advance(15_000);
      evil.connection.keepAlive();
    }
    expect(['s2', 's3', 's4', 'far'].filter((host) => net.reaches('b', host))).toEqual(['s2', 's3', 's4', 'far']);
  });
});

describe('a stranger who lists others in channels of its own invention', () => {
  it('makes them flood LEAVE a few times, not for each', async () => {
    const { net } = await line('attack-listed');
    const evil = await stranger(net, 's');
    for (let i = 0; i < 60; i++) {
      const data = { msg_id: guid(i), channel: `c${i}`, channel_id: guid(1000 + i), members: [{ node_id: net.idOf('a') }] };
      evil.raw(await compose(evil.identity, CHANNEL, { ...data, node_id: evil.identity.nodeId }, net.world.clock.now()));
      await net.world.advance(100);
    }
    await net.world.advance(40_000);
    const left = evil.heard('LEAVE').length;
    expect(left).toBeGreaterThan(10);
    expect(left).toBeLessThan(30);
  });
});

describe('a node that does not relay', () => {
  it('is not banned for what a stranger flooded', async () => {
    const net = new Network({ seed: 'attack-tab' });
    await net.server('s');
    await net.client('tab', { relays: false });
    net.link('tab', 's');
    await net.world.runUntil(() => net.get('s').node.links.size === 1);
    const evil = await stranger(net, 's');
    for (let i = 0; i < 40; i++) {
      const data = { msg_id: guid(i), node_id: evil.identity.nodeId, channel: `c${i}`, channel_id: guid(1000 + i) };
      evil.raw(await compose(evil.identity, JOIN, data, net.world.clock.now()));
    }
    await net.world.advance(2000);
    net.crash('s');
    await net.world.advance(1000);
    await net.restart('s');
    await net.world.advance(70_000);
    expect(net.get('s').node.metrics.value('rejections', 'not-own-name')).toBe(0);
    expect(net.get('s').node.links.size).toBe(1);
  });
});
