import { aboutFile } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { content, MIB, read, same, until } from './lib/file-scene.ts';
import { Frames } from './lib/frames.ts';
import { befriend } from './lib/friends.ts';
import type { Network, ParticipantConfig } from './lib/network.ts';
import { hostOf, registered } from './lib/registry.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ANN = 'client0';
const BEN = 'client1';

/** Verbs that say where nodes are, whoever talks with whom: of links, routes and records. */
const WHEREABOUTS = new Set(['HELLO', 'ROUTING', 'PUBLISH', 'RECORDS', 'FOUND', 'BYE']);

/** What each host could read of messages that went over its links, but for who is where. */
class Eyes {
  readonly #seen = new Map<string, Frames>();
  readonly #frames: string[] = [];

  constructor(net: Network) {
    net.world.network.onFrame(({ kind, bytes, from, to }) => {
      if (kind !== 'message') return undefined;
      const frame = Buffer.from(bytes).toString();
      const { msg_type: verb } = JSON.parse(frame) as { msg_type: string };
      if (WHEREABOUTS.has(verb)) return undefined;
      this.#frames.push(frame);
      for (const host of [from, to]) this.of(host).add(frame);
      return undefined;
    });
  }

  of(host: string): Frames {
    const frames = this.#seen.get(host) ?? new Frames();
    this.#seen.set(host, frames);
    return frames;
  }

  /** What went over any link, and names two nodes at once, in whatever coding. */
  linking(net: Network, one: string, other: string): string[] {
    const names = (host: string): string[] => [net.idOf(host), net.get(host).identity.keyId];
    return this.#frames.filter((frame) => {
      const alone = new Frames();
      alone.add(frame);
      return [one, other].every((host) => alone.readable(names(host)).length > 0);
    });
  }
}

interface Scene {
  readonly servers?: number;
  readonly hops?: number;
  readonly config?: ParticipantConfig;
  readonly client?: ParticipantConfig;
}

/** Servers, each linked to the first, and two people of whom nobody is to know that they know each other, each attached to two of them. */
async function scene(seed: string, { servers: count = 6, hops = 3, config, client }: Scene = {}) {
  const place = await registered(seed, {
    servers: count,
    clients: 2,
    ...(config ? { config: () => config } : {}),
    ...(client ? { client } : {}),
  });
  for (const host of [ANN, BEN]) await place.net.world.until(place.net.get(host).node.settings.set({ circuits: hops }));
  return place;
}

/** The same, once they are contacts. */
async function friends(seed: string, options: Scene = {}) {
  const place = await scene(seed, options);
  const { net } = place;
  await befriend(net, ANN, BEN);
  const id = net.get(ANN).node.direct.idWith(net.get(BEN).identity.keyId);
  await net.world.runUntil(() => [ANN, BEN].every((host) => net.knows(host, id)), { limitMs: MINUTE, what: 'the conversation' });
  return { ...place, id };
}

const shows = (net: Network, host: string, count: number, limitMs = 2 * MINUTE): Promise<void> =>
  net.world.runUntil(() => net.texts(host).length >= count, { limitMs, what: `that ${host} shows ${count}` });

const stateOf = async (net: Network, msgId: string) => (await net.world.until(net.get(ANN).node.channels.delivery(msgId)))?.state;

async function delivered(net: Network, msgId: string, limitMs = 5 * MINUTE): Promise<void> {
  const { node } = net.get(ANN);
  let isDelivered = false;
  const off = node.overlay.events.on('delivery', (delivery) => {
    if (delivery.msgId === msgId) isDelivered ||= delivery.state === 'delivered';
  });
  isDelivered ||= (await stateOf(net, msgId)) === 'delivered';
  await net.world.runUntil(() => isDelivered, { limitMs, what: 'the RECEIPT' });
  off();
}

/** Servers in the order in which ann's circuit to ben goes through them. */
const hopsOf = (net: Network, servers: readonly string[]): string[] => {
  const { circuits } = net.get(ANN).node.circuits.status();
  const found = circuits.find(({ destination }) => destination === net.idOf(BEN));
  return (found?.hops ?? []).map((nodeId) => servers.find((server) => net.idOf(server) === nodeId) ?? '');
};

describe('two who talk by circuit', () => {
  for (const hops of [2, 3])
    it(`become contacts, write and sign for it over ${hops} servers, and none of them sees both`, async () => {
      const { net, servers } = await scene(`circuit ${hops}`, { hops });
      const eyes = new Eyes(net);
      await befriend(net, ANN, BEN);
      const id = net.get(ANN).node.direct.idWith(net.get(BEN).identity.keyId);
      await net.world.runUntil(() => [ANN, BEN].every((host) => net.knows(host, id)), { limitMs: MINUTE, what: 'the conversation' });
      const { msgId } = await net.send(ANN, `@${BEN}`, 'nobody knows that I write to you');
      await shows(net, BEN, 1);
      await net.send(BEN, `@${ANN}`, 'nor that I answer');
      await shows(net, ANN, 2);
      await delivered(net, msgId);
      expect(net.texts(BEN)).toEqual(['nobody knows that I write to you', 'nor that I answer']);
      expect(hopsOf(net, servers)).toHaveLength(hops);
      expect(eyes.linking(net, ANN, BEN)).toEqual([]);
      // What ann says to her servers names nobody else, not even as a number of its own.
      expect(eyes.of(ANN).readable([net.get(BEN).identity.keyId])).toEqual([]);
      expect(net.errors()).toEqual([]);
    });

  it('are seen together by the servers on the way when they do without: the search above finds what there is', async () => {
    const { net } = await scene('circuit none', { hops: 0 });
    const eyes = new Eyes(net);
    await befriend(net, ANN, BEN);
    expect(eyes.linking(net, ANN, BEN).length).toBeGreaterThan(0);
  });

  it('send cells of one length, whatever they say, and nothing else to the first hop', async () => {
    const { net } = await friends('circuit cells');
    const lengths = new Set<number>();
    const verbs = new Set<string>();
    net.world.network.onFrame(({ kind, bytes, from }) => {
      if (kind !== 'message' || from !== ANN) return undefined;
      const { msg_type: verb, msg_data: data } = JSON.parse(Buffer.from(bytes).toString());
      verbs.add(verb);
      if (verb === 'CELL') lengths.add(data.cell.length);
      return undefined;
    });
    await net.send(ANN, `@${BEN}`, 'x');
    await net.send(ANN, `@${BEN}`, 'y'.repeat(20_000));
    await shows(net, BEN, 2);
    expect([...lengths]).toEqual([5464]);
    expect([...verbs].filter((verb) => ['MESSAGE', 'SEALED', 'RECEIPT', 'GETCERTIFICATE', 'FIND'].includes(verb))).toEqual([]);
  });

  it('look others up without being seen', async () => {
    const { net } = await friends('circuit lookup');
    const eyes = new Eyes(net);
    const found = await net.world.until(net.get(ANN).node.find(net.get(BEN).identity.keyId));
    expect(found).toMatchObject({ nodeId: net.idOf(BEN), nodeType: 'client' });
    expect(eyes.of(ANN).count('FIND')).toBe(0);
    expect(eyes.linking(net, ANN, BEN)).toEqual([]);
    const nobody = (await net.identity('nobody')).keyId;
    await expect(net.world.until(net.get(ANN).node.find(nobody))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('wait where fewer servers are known than they want, say so, and say nothing in the open', async () => {
    const { net, servers } = await scene('circuit few', { servers: 2, hops: 3 });
    const eyes = new Eyes(net);
    await net.world.until(net.get(ANN).node.contacts.add(net.get(BEN).node.contacts.link));
    await net.world.advance(2 * MINUTE);
    expect(net.get(ANN).node.circuits.status()).toMatchObject({
      wanted: 3,
      circuits: [],
      trouble: expect.stringContaining('fewer than 3'),
    });
    expect(eyes.linking(net, ANN, BEN)).toEqual([]);
    expect(net.get(BEN).node.contacts.list()).toEqual([]);
    // One more comes, and is found without anybody doing anything.
    await net.server(hostOf(9), { udp: true });
    net.link(hostOf(9), servers[0] as string);
    await net.world.runUntil(() => net.get(BEN).node.contacts.list().length === 1, { limitMs: 20 * MINUTE, what: 'the request' });
    expect(net.errors()).toEqual([]);
  });

  it('go on as before once they want no circuits any more', async () => {
    const { net } = await friends('circuit off');
    await net.send(ANN, `@${BEN}`, 'hidden');
    await shows(net, BEN, 1);
    for (const host of [ANN, BEN]) await net.world.until(net.get(host).node.settings.set({ circuits: 0 }));
    expect(net.get(ANN).node.circuits.status()).toEqual({ wanted: 0, circuits: [], trouble: undefined });
    const { msgId } = await net.send(ANN, `@${BEN}`, 'in the open');
    await shows(net, BEN, 2);
    await delivered(net, msgId);
    expect(net.texts(BEN)).toEqual(['hidden', 'in the open']);
  });

  it('hide what one says to the other, not what is said in channels', async () => {
    const { net } = await friends('circuit channel');
    const lobby = await net.channel('lobby', ANN, BEN);
    const eyes = new Eyes(net);
    await net.send(ANN, lobby, 'for everybody');
    await shows(net, BEN, 1);
    expect(eyes.of(ANN).count('MESSAGE')).toBeGreaterThan(0);
  });
});

describe('what goes by circuit arrives once', () => {
  it('though each hop in turn is killed', async () => {
    const { net, servers } = await friends('circuit hops die', { servers: 8 });
    const sent: string[] = [];
    for (let round = 0; round < 3; round++) {
      sent.push(`before ${round}`);
      await net.send(ANN, `@${BEN}`, `before ${round}`);
      await shows(net, BEN, sent.length, 10 * MINUTE);
      const victim = hopsOf(net, servers)[2 - round] as string;
      net.crash(victim);
      sent.push(`after ${round}`);
      const { msgId } = await net.send(ANN, `@${BEN}`, `after ${round}`);
      await shows(net, BEN, sent.length, 10 * MINUTE);
      await delivered(net, msgId, 30 * MINUTE);
      await net.restart(victim);
      await net.world.advance(MINUTE);
    }
    expect(net.texts(BEN)).toEqual(sent);
  });

  it('though the last hop acknowledges and forgets', async () => {
    const { net, servers } = await friends('circuit liar');
    await net.send(ANN, `@${BEN}`, 'honest');
    await shows(net, BEN, 1);
    const liar = hopsOf(net, servers)[2] as string;
    let dropped = 0;
    net.world.network.onFrame(({ kind, bytes, from }) => {
      if (kind !== 'message' || from !== liar || !Buffer.from(bytes).includes('"SEALED"')) return undefined;
      // Whoever has it next acknowledges it, as far as the exit can tell: what matters is that it goes no further.
      dropped++;
      return { drop: true };
    });
    const { msgId } = await net.send(ANN, `@${BEN}`, 'dropped by one');
    await shows(net, BEN, 2, 10 * MINUTE);
    await delivered(net, msgId, 10 * MINUTE);
    expect(dropped).toBeGreaterThan(0);
    expect(net.texts(BEN)).toEqual(['honest', 'dropped by one']);
  });

  it('when the other one is away for an hour, and the sender is told', async () => {
    const { net } = await friends('circuit away');
    net.crash(BEN);
    await net.world.advance(MINUTE);
    const { msgId } = await net.send(ANN, `@${BEN}`, 'for when you are back');
    await net.world.advance(HOUR);
    expect(await stateOf(net, msgId)).not.toBe('failed');
    await net.restart(BEN);
    await shows(net, BEN, 1, 10 * MINUTE);
    await delivered(net, msgId, 12 * HOUR);
    await net.world.advance(10 * MINUTE);
    expect(net.texts(BEN)).toEqual(['for when you are back']);
    expect(net.errors()).toEqual([]);
  });

  it('over a restart of the sender, and never in the open meanwhile', async () => {
    const { net } = await friends('circuit restart');
    const eyes = new Eyes(net);
    const sending = net.send(ANN, `@${BEN}`, 'written just before the end');
    await sending;
    net.crash(ANN);
    await net.world.advance(MINUTE);
    await net.restart(ANN);
    await shows(net, BEN, 1, 10 * MINUTE);
    await net.world.advance(10 * MINUTE);
    expect(net.texts(BEN)).toEqual(['written just before the end']);
    expect(eyes.linking(net, ANN, BEN)).toEqual([]);
  });

  it('when a cell is altered, lost or repeated on the way: the circuit ends, and another takes its place', async () => {
    const { net, servers } = await friends('circuit altered');
    let at = 0;
    const faults = [{ drop: true }, { copies: 2 }, { alter: '' }] as const;
    net.world.network.onFrame(({ kind, bytes, from, to }) => {
      const text = Buffer.from(bytes).toString();
      if (kind !== 'message' || at >= 9 || !servers.includes(from) || !servers.includes(to) || !text.includes('"CELL"')) return undefined;
      const fault = faults[at % 3];
      if (at++ % 2 === 1) return undefined;
      return fault && 'alter' in fault ? { alter: text.replace(/"cell":"..../, '"cell":"AAAA') } : fault;
    });
    for (let i = 0; i < 5; i++) await net.send(ANN, `@${BEN}`, `word ${i}`);
    await shows(net, BEN, 5, 30 * MINUTE);
    await net.world.advance(10 * MINUTE);
    expect(at).toBe(9);
    expect(net.texts(BEN)).toEqual([0, 1, 2, 3, 4].map((i) => `word ${i}`));
    const rejected = servers.reduce((sum, server) => sum + net.get(server).node.metrics.value('rejections', 'circuit-cell'), 0);
    expect(rejected + net.get(ANN).node.metrics.value('rejections', 'circuit-cell')).toBeGreaterThan(0);
  });

  it('when a message is as large as messages may be', async () => {
    const { net } = await friends('circuit large');
    const attachment = { name: 'a.bin', type: 'application/octet-stream', bytes: content(256 * 1024) };
    const { channels } = net.get(ANN).node;
    const { msgId } = await net.world.until(channels.send(`@${BEN}`, 'z'.repeat(60_000), { attachments: [attachment] }));
    await shows(net, BEN, 1);
    await delivered(net, msgId);
    expect(net.texts(BEN)[0]).toHaveLength(60_000);
  });

  it('when it is a file, chunk by chunk', async () => {
    const { net, id } = await friends('circuit file');
    const eyes = new Eyes(net);
    const bytes = content(MIB + 77);
    net.world.files(ANN).place('/film.bin', bytes);
    const { node } = net.get(ANN);
    const file = await net.world.until(node.files.offer('/film.bin', id));
    const attachment = { ...file, type: 'application/octet-stream' };
    const { attachments } = await net.world.until(node.channels.send(id, 'a film', { attachments: [attachment] }));
    const about = attachments[0] && aboutFile(attachments[0]);
    if (!about) throw new Error('no file is named');
    await until({ net, id }, BEN, about, 'here');
    expect(same(await read({ net, id }, BEN, about), bytes)).toBe(true);
    expect(eyes.linking(net, ANN, BEN)).toEqual([]);
  });
});
