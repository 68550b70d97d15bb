import { base64, commonBits, isCloser, MESSAGE, type Overlay, signJws, timestamp } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';
import { RecordBook } from './lib/records.ts';
import { Stranger } from './lib/stranger.ts';

const names = (letter: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${letter}${i}`);

interface Space {
  readonly net: Network;
  readonly book: RecordBook;
  readonly servers: readonly string[];
  readonly clients: readonly string[];
}

/**
 * Servers that find each other by their ids alone, and tell no routes but those of their neighbours to nobody; each client is attached to two of
 * them. No link is asked for between servers.
 */
async function space(seed: string, size: number, clientCount: number): Promise<Space> {
  const net = new Network({ seed, conditions: { latencyMs: 10 } });
  const book = new RecordBook(net);
  const servers = names('s', size);
  const clients = names('c', clientCount);
  const config = async (host: string) => ({
    overlay: { routingHorizon: 0 },
    neighbours: { checkMs: 2000 },
    records: book.view((await net.identity(host)).nodeId),
  });
  for (const host of servers) {
    await net.server(host, await config(host));
    book.publish(host);
  }
  for (const [i, host] of clients.entries()) {
    await net.client(host, await config(host));
    const homes = [servers[(i * 7) % size], servers[(i * 7 + 3) % size]].map(String);
    for (const home of homes) net.link(host, home);
    book.publish(host, homes);
  }
  await net.world.runUntil(() => servers.every((host) => gaps(net, host, servers).length === 0), {
    limitMs: 300_000,
    everyMs: 1000,
    what: 'that every bucket has a link',
  });
  await net.world.runUntil(() => clients.every((host) => net.get(host).node.links.size === 2));
  return { net, book, servers, clients };
}

/** Buckets of a server that are not empty, and to which it has no link. */
function gaps(net: Network, host: string, servers: readonly string[]): number[] {
  const self = net.idOf(host);
  const linked = new Set(
    net
      .get(host)
      .node.links.all()
      .map((link) => commonBits(self, link.peer.nodeId)),
  );
  const buckets = new Set(
    servers.filter((other) => other !== host && net.isRunning(other)).map((other) => commonBits(self, net.idOf(other))),
  );
  return [...buckets].filter((bucket) => !linked.has(bucket));
}

/** Hops that messages of others took to a node, by the way that they say. */
function hops(net: Network, host: string): number[] {
  const self = net.idOf(host);
  return net.get(host).shown.flatMap(({ message }) => {
    const { sender, way } = message;
    return sender !== self && 'via' in way ? [way.via.length + 1] : [];
  });
}

describe('servers that know no routes', () => {
  /** What they cost grows with the square of it; `npm run soak` takes twice as many. */
  const SIZE = process.env.PARLEY_SOAK === undefined ? 32 : 64;
  const LOG = Math.ceil(Math.log2(SIZE));

  it('link to each part of the id space, and send from any to any in at most log2 N hops', async () => {
    const { net, servers } = await space('greedy', SIZE, 0);
    const speakers = servers.filter((_, i) => i % 8 === 0);
    const links = servers.map((host) => net.get(host).node.links.size);
    // Some times the number of buckets: others link to us as we do to them, to one or another more than to most.
    expect(Math.max(...links)).toBeLessThan(6 * LOG);
    const lobby = await net.channel('lobby', ...(speakers as [string, ...string[]]));
    for (const host of speakers) await net.send(host, lobby, `from ${host}`);
    await net.world.runUntil(() => speakers.every((host) => net.texts(host).length === speakers.length), {
      limitMs: 60_000,
      what: 'that all came',
    });
    const all = speakers.flatMap((host) => hops(net, host));
    expect(all).toHaveLength(speakers.length * (speakers.length - 1));
    expect(Math.max(...all)).toBeLessThanOrEqual(LOG);
    // It was not that all are neighbours.
    expect(Math.max(...all)).toBeGreaterThan(2);
    expect(net.errors()).toEqual([]);
    for (const host of speakers.slice(0, 2)) expect(await net.stop(host)).toBe(0);
  });

  it('bring messages to clients by the servers that these are attached to', async () => {
    const { net, book, clients } = await space('attached', SIZE, 8);
    const lobby = await net.channel('lobby', ...(clients as [string, ...string[]]));
    for (let turn = 0; turn < 3; turn++) {
      for (const host of clients) await net.send(host, lobby, `${turn} from ${host}`);
      await net.world.advance(3000);
    }
    await net.world.runUntil(() => clients.every((host) => net.texts(host).length === 3 * clients.length), {
      limitMs: 60_000,
      what: 'that all came',
    });
    const all = clients.flatMap((host) => hops(net, host));
    // To the server that holds the record, from there to the one it names, and a link at each end.
    expect(Math.max(...all)).toBeLessThanOrEqual(2 * LOG + 2);
    expect(book.lookups).toBeLessThan(clients.length * clients.length * 2);
    expect(net.errors()).toEqual([]);
  });

  it('deliver everything while a fifth of them is killed for good', async () => {
    const { net, servers, clients } = await space('killed', SIZE, 8);
    const speakers = [...clients, ...servers.filter((_, i) => i % 16 === 1)];
    const lobby = await net.channel('lobby', ...(speakers as [string, ...string[]]));
    const homes = new Set(
      clients.flatMap((host) =>
        net
          .get(host)
          .node.links.all()
          .map((link) => link.peer.nodeId),
      ),
    );
    const victims = servers.filter((host) => !speakers.includes(host) && !homes.has(net.idOf(host))).slice(0, SIZE / 5);
    expect(victims.length).toBe(Math.floor(SIZE / 5));
    const texts: Promise<unknown>[] = [];
    for (let i = 0; i < 10; i++) {
      for (const host of speakers) {
        const { channels } = net.get(host).node;
        net.world.clock.schedule(i * 1000, () => texts.push(channels.send(lobby, `${i} from ${host}`)));
      }
    }
    for (const [i, host] of victims.entries()) net.world.clock.schedule(i * 400, () => net.crash(host, { silent: i % 2 === 0 }));
    await net.world.advance(12_000);
    await net.world.until(Promise.all(texts));
    await net.world.runUntil(() => speakers.every((host) => net.texts(host).length === 10 * speakers.length), {
      limitMs: 600_000,
      everyMs: 1000,
      what: 'that all came',
    });
    for (const host of speakers) {
      const expected = speakers.flatMap((sender) => Array.from({ length: 10 }, (_, i) => `${i} from ${sender}`));
      expect([...net.texts(host)].sort()).toEqual(expected.sort());
    }
    // The gaps close.
    const alive = servers.filter((host) => net.isRunning(host));
    await net.world.runUntil(() => alive.every((host) => gaps(net, host, servers).length === 0), {
      limitMs: 300_000,
      everyMs: 1000,
      what: 'that every bucket has a link again',
    });
  });
});

describe('a way that is none', () => {
  it('through a server that takes everything and passes on nothing is left for another, and remembered', async () => {
    const { net, book, servers, clients } = await space('lies', 24, 2);
    const [a = '', b = ''] = clients;
    const lobby = await net.channel('lobby', a, b);
    const homes = net
      .get(b)
      .node.links.all()
      .map((link) => link.peer.nodeId);
    const truth = servers.find((host) => net.idOf(host) === homes[0]) as string;
    const { nodeId, keyId } = await net.identity('hole');
    const [nearest = ''] = [...servers].sort((x, y) => (isCloser(net.idOf(x), net.idOf(y), nodeId) ? -1 : 1));
    const hole = await Stranger.meet(net, 'hole', nearest, { relays: '1', node_type: 'server' });
    let eaten = 0;
    hole.onMessage = (message) => {
      if (message.msg_type === 'MESSAGE') eaten++;
      hole.acknowledge(message);
    };
    const { identity } = net.get(b);
    const attachments = [
      { nodeId, keyId, endpoints: [] },
      { ...net.get(truth).identity, endpoints: [] },
    ];
    book.sign({ ...identity, nodeType: 'client', endpoints: [], attachments });
    await net.world.until(net.get(a).node.find(identity.nodeId));
    const through = () =>
      net
        .get(a)
        .node.paths(identity.nodeId)
        .map((path) => path.through);
    const measured = (server: string) =>
      net
        .get(a)
        .node.paths(identity.keyId)
        .filter((path) => path.through === server)
        .map((path) => path.reliability);
    expect(through()).toContain(nodeId);
    for (let i = 0; i < 8; i++) {
      await net.send(a, lobby, `message ${i}`);
      await net.world.advance(40_000);
    }
    await net.world.runUntil(() => net.texts(b).length === 8, { limitMs: 600_000, what: 'that all came' });
    expect([...net.texts(b)].sort()).toEqual(Array.from({ length: 8 }, (_, i) => `message ${i}`));
    expect(eaten).toBeGreaterThan(0);
    expect(Math.min(...measured(nodeId))).toBeLessThan(0.9);
    expect(Math.max(...measured(net.idOf(truth)))).toBeGreaterThan(0.95);
    expect(net.get(a).node.paths(identity.nodeId)[0]?.through).not.toBe(nodeId);
  });

  it('to a node that nobody knows ends where no server is nearer, and the origin is told', async () => {
    const { net, servers, clients } = await space('nobody', 24, 1);
    const [a = ''] = clients;
    const { overlay } = net.get(a).node;
    const nobody = await net.identity('nobody');
    const told: (string | undefined)[] = [];
    overlay.events.on('delivery', ({ state, reason }) => told.push(state === 'waiting' ? reason : state));
    await net.world.until(letter(overlay, net, nobody.nodeId));
    await net.world.runUntil(() => told.some((what) => what === 'no-route' || what === 'unknown destination'), { limitMs: 30_000 });
    // In the end nobody holds it but whoever wrote it.
    const held = (host: string) => net.get(host).node.metrics.snapshot().gauges.get('custody_messages')?.get('');
    await net.world.runUntil(() => servers.every((host) => held(host) === 0), { limitMs: 60_000, what: 'that it is given up' });
    expect(overlay.pendingRecipients(MESSAGE_ID)).toEqual([nobody.nodeId]);
  });
});

const MESSAGE_ID = '00000000-0000-4000-8000-0000000000aa';

async function letter(overlay: Overlay, net: Network, recipient: string): Promise<void> {
  const from = net.get('c0').identity;
  const around = { msg_id: MESSAGE_ID, node_id: from.nodeId, channel_id: MESSAGE_ID, timestamp: timestamp(net.world.clock.now()) };
  const jws = await signJws(from, { ...around, text: 'A', attachments: [], seq: 1 });
  const data = { ...around, recipient: [{ node_id: recipient }], channel: 'x', message: base64(new TextEncoder().encode(jws)) };
  await overlay.entrust(MESSAGE, data, { msgId: MESSAGE_ID, recipients: [recipient], receipts: true });
}
