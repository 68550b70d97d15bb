import { base64, type RegistryRecord } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';
import { hostOf, type Registered, registered } from './lib/registry.ts';
import { Stranger } from './lib/stranger.ts';

const MINUTE = 60_000;

async function find(net: Network, from: string, target: string): Promise<RegistryRecord | undefined> {
  return net.world.until(net.get(from).node.registry.find(net.idOf(target), { fresh: true }), { limitMs: MINUTE });
}

/** Pairs that do not find one another. */
async function missing({ net }: Registered, from: readonly string[], targets: readonly string[]): Promise<string[]> {
  const pairs = from.flatMap((one) => targets.filter((target) => target !== one).map((target) => [one, target] as const));
  const found = await net.world.until(
    Promise.all(pairs.map(([one, target]) => net.get(one).node.registry.find(net.idOf(target), { fresh: true }))),
    { limitMs: 10 * MINUTE },
  );
  return pairs.flatMap(([one, target], i) => (found[i]?.nodeId === net.idOf(target) ? [] : `${one} does not find ${target}`));
}

describe('the registry', () => {
  it('lets every server find every other through one entry point, and clients too', async () => {
    const world = await registered('everybody', { servers: 30, clients: 6 });
    const { net, servers, clients } = world;
    expect(net.get(servers[7] as string).node.registry.contacts().length).toBeGreaterThan(15);
    for (let i = 0; i < 30; i += 3) expect(await missing(world, [servers[i] as string], [...servers, ...clients])).toEqual([]);
    expect(await missing(world, clients, [...servers.slice(0, 8), ...clients])).toEqual([]);
    const record = await find(net, servers[3] as string, clients[0] as string);
    expect(record?.nodeType).toBe('client');
    expect(record?.attachments.map(({ nodeId }) => nodeId)).toContain(net.idOf(servers[0] as string));
    expect(record?.attachments[0]?.endpoints).toEqual([`memory:${servers[0]}:4000`]);
    expect(net.errors()).toEqual([]);
  });
});

/** Counts messages of a verb that a host sends from now on. */
function sent(net: Network, host: string, verb: string): () => number {
  let count = 0;
  net.world.network.onFrame(({ kind, from, bytes }) => {
    if (kind === 'message' && from === host && Buffer.from(bytes).includes(`"msg_type":"${verb}"`)) count++;
    return undefined;
  });
  return () => count;
}

/** Packets get through from nobody to these hosts, nor from them to anybody. Returns how to end that. */
function blockUdp(net: Network, hosts: readonly string[]): () => void {
  return net.world.network.onFrame(({ kind, from, to }) =>
    kind === 'datagram' && (hosts.includes(from) || hosts.includes(to)) ? { drop: true } : undefined,
  );
}

describe('a registry in trouble', () => {
  it('finds those who stay when a fifth of the servers leaves at once, and fills the gaps', async () => {
    const world = await registered('leave', { servers: 30, clients: 4, config: () => ({ registry: { k: 10, contactSilentMs: MINUTE } }) });
    const { net, servers, clients } = world;
    // Every fifth, and not the entry point.
    const gone = servers.filter((_, i) => i % 5 === 4);
    for (const host of gone) net.crash(host, { silent: true });
    const left = servers.filter((host) => !gone.includes(host));
    for (const from of [left[1], left[14], left[20]]) expect(await missing(world, [from as string], [...left, ...clients])).toEqual([]);
    await net.world.advance(5 * MINUTE);
    const dead = new Set(gone.map((host) => net.idOf(host)));
    for (const host of left) {
      expect(net.get(host).node.registry.contacts().length).toBeGreaterThan(10);
    }
    const stale = left.flatMap((host) =>
      net
        .get(host)
        .node.registry.contacts()
        .filter(({ nodeId }) => dead.has(nodeId)),
    );
    expect(stale).toEqual([]);
  });

  it('works over links alone where UDP does not get through', async () => {
    const net = new Network({ seed: 'blocked' });
    const servers = [1, 2, 3, 4, 5, 6].map(hostOf);
    const blocked = servers[5] as string;
    blockUdp(net, [blocked]);
    for (const [i, host] of servers.entries()) {
      await net.server(host, { udp: true });
      if (i > 0) net.link(host, servers[0] as string);
    }
    await net.client('ann');
    await net.client('ben');
    net.link('ann', blocked);
    net.link('ben', servers[4] as string);
    await net.world.advance(MINUTE);
    expect(net.get(blocked).node.registry.contacts()).toEqual([]);
    const all = { net, servers, clients: ['ann', 'ben'] };
    expect(await missing(all, ['ann', blocked], [...servers, 'ben'])).toEqual([]);
    expect(await missing(all, ['ben', servers[2] as string], [blocked, 'ann'])).toEqual([]);
  });

  it('grows together again after the network was split', async () => {
    const world = await registered('split', { servers: 10, config: () => ({ registry: { k: 4 } }) });
    const { net, servers } = world;
    const [one, two] = [servers.slice(0, 5), servers.slice(5)];
    net.world.network.partition([one, two]);
    await net.world.advance(45 * MINUTE);
    for (const host of one) {
      const far = net
        .get(host)
        .node.registry.contacts()
        .filter(({ address }) => two.some((other) => address === `${other}:4000`));
      expect(far).toEqual([]);
    }
    // What is new on one side is not known on the other.
    const newcomer = hostOf(100);
    await net.server(newcomer, { udp: true, registry: { k: 4 } });
    net.world.network.partition([one, [...two, newcomer]]);
    net.link(newcomer, two[0] as string);
    await net.world.advance(5 * MINUTE);
    expect(await missing({ ...world }, [two[3] as string], [newcomer])).toEqual([]);
    expect(await missing({ ...world }, [one[3] as string], [newcomer])).toHaveLength(1);
    net.world.network.heal();
    await net.world.advance(30 * MINUTE);
    for (const host of [one[1], one[4], two[2]]) expect(await missing(world, [host as string], [...servers, newcomer])).toEqual([]);
  });
});

describe('the record of a node', () => {
  it('follows where it is attached, and its number never goes back', async () => {
    const { net, servers } = await registered('follow', { servers: 5, clients: 1 });
    const reader = servers[4] as string;
    const first = await find(net, reader, 'client0');
    expect(first?.attachments.length).toBe(2);
    net.link('client0', servers[3] as string);
    await net.world.advance(30_000);
    const second = await find(net, reader, 'client0');
    expect(second?.attachments.map(({ nodeId }) => nodeId)).toContain(net.idOf(servers[3] as string));
    expect(second?.seq).toBeGreaterThan(first?.seq ?? 0);
    net.crash('client0');
    await net.restart('client0');
    // Its clock went back an hour.
    net.get('client0').ports.clock.jump(-60 * MINUTE);
    await net.world.advance(30_000);
    expect((await find(net, reader, 'client0'))?.seq).toBeGreaterThan(second?.seq ?? 0);
  });

  it('is told anew every hour or so, and expires when nobody tells it', async () => {
    const { net, servers } = await registered('hourly', {
      servers: 5,
      clients: 1,
      client: { registry: { recordLifetimeMs: 150 * MINUTE } },
    });
    const reader = servers[3] as string;
    const first = await find(net, reader, 'client0');
    await net.world.advance(80 * MINUTE);
    const second = await find(net, reader, 'client0');
    expect(second?.seq).toBeGreaterThan(first?.seq ?? 0);
    net.crash('client0');
    await net.world.advance(60 * MINUTE);
    expect(await find(net, reader, 'client0')).toBeDefined();
    await net.world.advance(90 * MINUTE);
    expect(await find(net, reader, 'client0')).toBeUndefined();
    expect(net.get(reader).node.registry.get(net.idOf('client0'))).toBeUndefined();
  });

  it('is told to those whom it names, and to few others', async () => {
    const { net, servers } = await registered('told', { servers: 12, clients: 1 });
    const entry = net.get(servers[0] as string).node;
    const told = sent(net, servers[0] as string, 'PUBLISH');
    const seq = await net.world.until(entry.registry.publishNow());
    expect(entry.links.all().filter(({ peer }) => peer.nodeType === 'server').length).toBeGreaterThan(9);
    expect(told()).toBe(3);
    for (const host of [servers[3], servers[8]]) expect((await find(net, host as string, servers[0] as string))?.seq).toBe(seq);
    const client = net.get('client0').node;
    for (const host of servers.slice(2, 9)) net.link('client0', host);
    await net.world.advance(30_000);
    const clientTold = sent(net, 'client0', 'PUBLISH');
    await net.world.until(client.registry.publishNow());
    expect(clientTold()).toBe(4);
  });

  it('has numbers that grow over restarts, few of them written down', async () => {
    const { net } = await registered('numbers', { servers: 3, clients: 1 });
    let last = 0;
    for (let life = 0; life < 3; life++) {
      for (let i = 0; i < 20; i++) {
        const seq = await net.world.until(net.get('client0').node.registry.publishNow());
        expect(seq).toBeGreaterThan(last);
        last = seq;
      }
      net.crash('client0');
      await net.restart('client0');
      await net.world.advance(5000);
    }
  });

  it('may say something to chosen contacts alone', async () => {
    const { net, servers } = await registered('sealed', { servers: 4, clients: 3 });
    const friends = [net.get('client1').identity.sealingKey];
    await net.world.until(net.get('client0').node.registry.share({ mood: 'fine' }, friends));
    await net.world.advance(30_000);
    const told: unknown[] = [];
    for (const host of ['client1', 'client2', servers[3] as string]) {
      const record = await find(net, host, 'client0');
      expect(record?.sealed.length).toBe(1);
      told.push(record && (await net.get(host).node.registry.open(record)));
    }
    expect(told).toEqual([{ mood: 'fine' }, undefined, undefined]);
    const many = Array.from({ length: 9 }, () => friends[0] as Uint8Array);
    await expect(net.get('client0').node.registry.share({ mood: 'fine' }, many)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('is not published by a node that is not listed, which finds others all the same', async () => {
    const { net, servers } = await registered('unlisted', { servers: 4 });
    await net.client('ghost', { registry: { listed: false } });
    net.link('ghost', servers[0] as string);
    await net.world.advance(MINUTE);
    expect(await find(net, servers[0] as string, 'ghost')).toBeUndefined();
    expect((await find(net, 'ghost', servers[2] as string))?.nodeId).toBe(net.idOf(servers[2] as string));
  });

  it('is there after a restart of every server, without an entry point', async () => {
    const { net, servers } = await registered('restart', { servers: 8, clients: 1 });
    await net.world.advance(10 * MINUTE);
    net.crash('client0');
    for (const host of servers) net.crash(host);
    const has = (host: string): boolean => net.get(host).node.registry.get(net.idOf('client0')) !== undefined;
    // Those who came when it had been told were handed it.
    expect(servers.filter(has)).toEqual(servers);
    for (const host of servers) await net.restart(host);
    expect(servers.filter(has)).toEqual(servers);
    await net.world.advance(MINUTE);
    expect(net.get(servers[5] as string).node.registry.contacts().length).toBe(7);
  });

  it('does not begin anew with a store that was lost', async () => {
    const { net, servers } = await registered('lost', { servers: 3, clients: 1 });
    const before = await find(net, servers[2] as string, 'client0');
    net.crash('client0');
    // A machine of its own, with the same identity and an empty disk.
    const identity = net.get('client0').identity;
    await net.client('other', { as: identity });
    net.link('other', servers[1] as string);
    await net.world.advance(30_000);
    const after = await find(net, servers[2] as string, 'other');
    expect(after?.keyId).toBe(identity.keyId);
    expect(after?.seq).toBeGreaterThan(before?.seq ?? 0);
  });
});

describe('a newcomer', () => {
  it('is handed part of the registry with its first link', async () => {
    const { net, servers } = await registered('newcomer', { servers: 10 });
    await net.client('late');
    const asked = sent(net, 'late', 'FIND');
    const greeted = sent(net, 'late', 'HELLO');
    net.link('late', servers[0] as string);
    await net.world.advance(2000);
    expect(greeted()).toBe(1);
    const known = servers.filter((host) => net.get('late').node.registry.get(net.idOf(host)));
    expect(known.length).toBeGreaterThan(5);
    expect(asked()).toBe(0);
  });

  it('gets more of the registry when it asks for it, and not as often as it likes', async () => {
    const { net, servers } = await registered('more', { servers: 3 });
    const entry = servers[0] as string;
    const stranger = await Stranger.meet(net, 'stranger', entry);
    await net.world.advance(40_000);
    const before = stranger.of('RECORDS').length;
    for (let i = 0; i < 3; i++) stranger.say('RECORDS', { records: [] });
    await net.world.advance(5000);
    const answers = stranger.of('RECORDS').slice(before);
    expect(answers.map(({ msg_data: data }) => (data.records as string[]).length)).toEqual([3]);
    stranger.keepAlive();
    await net.world.advance(11_000);
    stranger.say('RECORDS', { records: [] });
    await net.world.advance(1000);
    expect(stranger.of('RECORDS').length).toBe(before + 2);
  });

  it('hears nothing that it did not come for', async () => {
    const { net, servers } = await registered('unasked', { servers: 2 });
    const entry = servers[0] as string;
    const stranger = await Stranger.meet(net, 'stranger', entry);
    stranger.say('RECORDS', { records: [base64(new Uint8Array(200))] });
    stranger.say('FOUND', { find_id: 0 });
    stranger.say('PUBLISH', { record: base64(new Uint8Array(200)) });
    await net.world.advance(1000);
    const { metrics } = net.get(entry).node;
    expect(metrics.value('rejections', 'registry-unasked')).toBe(2);
    expect(metrics.value('rejections', 'record-format')).toBe(1);
  });
});
