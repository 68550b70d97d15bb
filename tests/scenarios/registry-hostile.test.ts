import { FIND_PACKET, PING_PACKET, type RegistryRecord, STORE_PACKET, writeQuestion } from '@parley/core';
import { describe, expect, it } from 'vitest';
import type { Network } from './lib/network.ts';
import { type Registered, registered } from './lib/registry.ts';
import { nearest, someKey, UdpStranger } from './lib/udp-stranger.ts';

const MINUTE = 60_000;
const STRANGER = '192.0.2.1';
const rejections = (net: Network, host: string, reason: string): number => net.get(host).node.metrics.value('rejections', reason);
const kept = (net: Network, host: string, nodeId: string): RegistryRecord | undefined => net.get(host).node.registry.get(nodeId);

async function small(seed: string, config = {}): Promise<{ net: Network; server: string; stranger: UdpStranger }> {
  const { net, servers } = await registered(seed, { servers: 2, config: () => ({ registry: config }) });
  return { net, server: servers[0] as string, stranger: await UdpStranger.bind(net, STRANGER) };
}

function find(world: Registered, from: string, nodeId: string): Promise<RegistryRecord | undefined> {
  return world.net.world.until(world.net.get(from).node.registry.find(nodeId, { fresh: true }), { limitMs: 5 * MINUTE });
}

describe('records that strangers hand in', () => {
  it('are kept when they are good, and newer wins', async () => {
    const { net, server, stranger } = await small('good');
    expect(await stranger.store(server, await stranger.record(5))).toBe('stored');
    expect(kept(net, server, stranger.identity.nodeId)?.seq).toBe(5);
    expect(await stranger.store(server, await stranger.record(6))).toBe('stored');
    // A replay, and an older one.
    expect(await stranger.store(server, await stranger.record(5))).toBe('stale');
    expect(kept(net, server, stranger.identity.nodeId)?.seq).toBe(6);
    expect(rejections(net, server, 'record-stale')).toBe(1);
  });

  it('are refused when they are forged, of somebody else, expired, or too large', async () => {
    const { net, server, stranger } = await small('bad');
    const victim = await net.identity('victim');
    const good = (await stranger.record(1, {}, victim)) as Uint8Array;
    const forged = new Uint8Array(good);
    forged[forged.length - 3] = (forged[forged.length - 3] as number) ^ 1;
    expect(await stranger.store(server, forged)).toBe('refused');
    // What the stranger says, with the victim's key before it.
    const stolen = new Uint8Array((await stranger.record(9)) as Uint8Array);
    stolen.set(victim.publicKey, 1);
    expect(await stranger.store(server, stolen)).toBe('refused');
    expect(rejections(net, server, 'record-signature') + rejections(net, server, 'record-format')).toBe(2);
    expect(rejections(net, server, 'record-signature')).toBeGreaterThan(0);
    await net.world.advance(61 * MINUTE);
    await stranger.ask(server, { kind: PING_PACKET });
    expect(await stranger.store(server, good)).toBe('refused');
    expect(rejections(net, server, 'record-expired')).toBe(1);
    expect(kept(net, server, victim.nodeId)).toBeUndefined();
    const oversized = new Uint8Array(1025).fill(1);
    expect(await stranger.store(server, oversized)).toBeUndefined();
    expect(rejections(net, server, 'registry-malformed')).toBe(1);
    expect(net.errors()).toEqual([]);
  });

  it('need a token of their own address', async () => {
    const { net, server, stranger } = await small('token');
    const record = (await stranger.record(1)) as Uint8Array;
    const answer = await stranger.ask(server, { kind: STORE_PACKET, record }, { token: null });
    expect(answer).toMatchObject({ body: undefined });
    const other = await UdpStranger.bind(net, '198.51.100.1');
    await other.ask(server, { kind: PING_PACKET });
    const taken = await stranger.ask(server, { kind: STORE_PACKET, record }, { token: other.tokenOf(server) as Uint8Array });
    expect(taken).toMatchObject({ body: undefined });
    expect(kept(net, server, stranger.identity.nodeId)).toBeUndefined();
    // Tokens hold for some minutes.
    await stranger.ask(server, { kind: PING_PACKET });
    await net.world.advance(20 * MINUTE);
    expect(await stranger.store(server, record)).toBe('retry');
    expect(await stranger.store(server, record)).toBe('stored');
  });

  it('cannot fill a server: one network gets half of the room, and others still get in', async () => {
    const { net, server, stranger } = await small('flood', { shelfRecords: 60 });
    await stranger.ask(server, { kind: PING_PACKET });
    const { registry } = net.get(server).node;
    const flood = await Promise.all(Array.from({ length: 150 }, (_, i) => someKey(net, `flood${i}`)));
    let stored = 0;
    for (const key of flood) if ((await stranger.store(server, (await stranger.record(1, {}, key)) as Uint8Array)) === 'stored') stored++;
    expect(stored).toBeLessThanOrEqual(30);
    expect(rejections(net, server, 'record-source-quota')).toBe(150 - stored);
    const honest = await UdpStranger.bind(net, '198.51.100.1');
    expect(await honest.store(server, (await honest.record(1)) as Uint8Array)).toBe('stored');
    expect(registry.get(honest.identity.nodeId)).toBeDefined();
  });

  it('may change so often, and no more often', async () => {
    const { net, server, stranger } = await small('changes', { changesAtOnce: 3, changeMs: 10 * MINUTE });
    const outcomes: (string | undefined)[] = [];
    for (let seq = 1; seq <= 5; seq++) outcomes.push(await stranger.store(server, (await stranger.record(seq)) as Uint8Array));
    expect(outcomes).toEqual(['stored', 'stored', 'stored', 'refused', 'refused']);
    expect(rejections(net, server, 'record-key-quota')).toBe(2);
  });
});

describe('whoever writes another address into packets', () => {
  it('has nobody flooded, fills no table and stores nothing', async () => {
    const { net, servers } = await registered('spoof', { servers: 4 });
    const server = servers[0] as string;
    const victim = await UdpStranger.bind(net, '203.0.113.9');
    const stranger = await UdpStranger.bind(net, STRANGER);
    const before = net.get(server).node.registry.contacts().length;
    const inject = net.world.network.host(server).packets.get(4000);
    let sent = 0;
    const spoof = (packet: Uint8Array): void => {
      sent += packet.length;
      inject?.(packet, '203.0.113.9:4000');
    };
    const record = (await stranger.record(1)) as Uint8Array;
    for (let i = 0; i < 50; i++) {
      const draft = {
        transaction: net.world.random.bytes(8),
        key: stranger.identity.publicKey,
        session: net.world.random.bytes(32),
        wantsSignature: i % 2 === 0,
      };
      const target = net.world.random.bytes(16);
      for (const token of [undefined, net.world.random.bytes(16)]) {
        spoof(writeQuestion({ ...draft, token, body: { kind: PING_PACKET } }));
        spoof(writeQuestion({ ...draft, token, body: { kind: PING_PACKET, signature: net.world.random.bytes(64) } }));
        spoof(writeQuestion({ ...draft, token, body: { kind: FIND_PACKET, target, nodesOnly: false } }));
        spoof(writeQuestion({ ...draft, token, body: { kind: STORE_PACKET, record } }));
      }
    }
    await net.world.advance(MINUTE);
    expect(victim.sizes.length).toBeGreaterThan(0);
    expect(victim.sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(sent);
    // No question either: nobody was made to take the victim for a node.
    expect(victim.asked).toEqual([]);
    expect(net.get(server).node.registry.contacts().length).toBe(before);
    expect(kept(net, server, stranger.identity.nodeId)).toBeUndefined();
    expect(net.errors()).toEqual([]);
  });

  it('cannot answer in the place of a node, nor say an answer again', async () => {
    const { net, servers } = await registered('answers', { servers: 6 });
    const [asker, liar] = [servers[1] as string, servers[2] as string];
    const answers: { bytes: Uint8Array; from: string }[] = [];
    net.world.network.onFrame(({ kind, to, fromAddress, bytes }) => {
      if (kind === 'datagram' && to === asker && ((bytes[1] ?? 0) & 0x80) !== 0) answers.push({ bytes, from: fromAddress });
      return undefined;
    });
    await net.world.until(net.get(asker).node.registry.find(net.idOf(liar), { fresh: true }));
    const inject = net.world.network.host(asker).packets.get(4000);
    expect(answers.length).toBeGreaterThan(0);
    for (const { bytes, from } of answers) inject?.(bytes, from);
    expect(rejections(net, asker, 'registry-unasked')).toBe(answers.length);
    // An answer to an open question, from another address, or with another proof.
    let tampered = 0;
    const end = net.world.network.onFrame(({ kind, to, bytes }) => {
      if (kind !== 'datagram' || to !== asker || ((bytes[1] ?? 0) & 0x80) === 0) return undefined;
      inject?.(bytes, '203.0.113.9:4000');
      const changed = new Uint8Array(bytes);
      changed[bytes.length - 1] = (changed[bytes.length - 1] as number) ^ 1;
      tampered++;
      return { alter: changed };
    });
    const others = rejections(net, asker, 'registry-other-address');
    await net.world.until(net.get(asker).node.registry.find(net.idOf(servers[5] as string), { fresh: true }), { limitMs: MINUTE });
    end();
    expect(tampered).toBeGreaterThan(0);
    expect(rejections(net, asker, 'registry-other-address')).toBe(others + tampered);
    expect(rejections(net, asker, 'registry-proof')).toBe(tampered);
  });
});

describe('hostile servers', () => {
  it('that answer with somebody else, or with lies, are not believed', async () => {
    const world = await registered('liars', { servers: 8, config: () => ({ registry: { k: 4 } }) });
    const { net, servers } = world;
    const wanted = net.idOf(servers[4] as string);
    const liars = await nearest(net, servers, wanted, 3);
    for (const [i, liar] of liars.entries()) {
      const lies = (await liar.record(1_000_000_000_000)) as Uint8Array;
      const broken = new Uint8Array(lies).fill(7, 40, 60);
      liar.answer = (question) => {
        if (question.kind === FIND_PACKET) return { kind: FIND_PACKET, record: i === 0 ? lies : broken, contacts: [liar.contact] };
        return question.kind === STORE_PACKET ? { kind: STORE_PACKET, status: 'stored' } : { kind: PING_PACKET };
      };
      for (const server of servers) await liar.introduce(server);
    }
    for (const from of servers.filter((host) => net.idOf(host) !== wanted)) {
      expect((await find(world, from, wanted))?.nodeId, from).toBe(wanted);
    }
    const asked = liars.reduce((sum, liar) => sum + liar.asked.filter(({ kind }) => kind === FIND_PACKET).length, 0);
    expect(asked).toBeGreaterThan(0);
    for (const reason of ['record-other-node', 'record-signature']) {
      expect(
        servers.reduce((sum, host) => sum + rejections(net, host, reason), 0),
        reason,
      ).toBeGreaterThan(0);
    }
  });

  it.each([1, 2])('that replay an older record of a node do not hide its newer one, and are told of it: the nearest %i', async (count) => {
    const world = await registered('replayed', { servers: 8, config: () => ({ registry: { k: 4 } }) });
    const { net, servers } = world;
    const host = servers[4] as string;
    const wanted = net.idOf(host);
    const { registry } = net.get(host).node;
    const older = registry.get(wanted) as RegistryRecord;
    const liars = await nearest(net, servers, wanted, count);
    for (const liar of liars) {
      liar.answer = ({ kind }) => {
        if (kind === FIND_PACKET) return { kind, record: older.bytes, contacts: liars.map(({ contact }) => contact) };
        return kind === STORE_PACKET ? { kind, status: 'stored' } : { kind: PING_PACKET };
      };
      for (const server of servers) await liar.introduce(server);
    }
    const newer = await net.world.until(registry.publishNow());
    expect(newer).toBeGreaterThan(older.seq);
    for (const liar of liars) liar.asked.length = 0;
    for (const from of servers.filter((each) => each !== host)) expect((await find(world, from, wanted))?.seq, from).toBe(newer);
    for (const { asked } of liars) expect(asked.filter(({ kind }) => kind === FIND_PACKET).length).toBeGreaterThan(0);
    await net.world.advance(1000);
    for (const { asked } of liars) expect(asked.some(({ body }) => body.kind === STORE_PACKET)).toBe(true);
    for (const from of servers.filter((each) => each !== host)) expect(kept(net, from, wanted)?.seq).toBe(newer);
  });

  it('that are nearest to a key and know only each other do not hide it', async () => {
    const world = await registered('eclipse', { servers: 24, clients: 1, config: () => ({ registry: { k: 6 } }) });
    const { net, servers } = world;
    const target = net.get('client0').identity.nodeId;
    const liars = await nearest(net, servers, target, 8);
    const friends = liars.map(({ contact }) => contact);
    for (const liar of liars) {
      liar.answer = ({ kind }) => {
        if (kind === FIND_PACKET) return { kind, record: undefined, contacts: friends };
        return kind === STORE_PACKET ? { kind, status: 'stored' } : { kind: PING_PACKET };
      };
      for (const server of servers) await liar.introduce(server);
    }
    // The client tells anew where it is, now that they stand where its record belongs.
    net.link('client0', servers[7] as string);
    await net.world.advance(MINUTE);
    expect(liars.some(({ asked }) => asked.some(({ kind }) => kind === STORE_PACKET))).toBe(true);
    const found = await Promise.all(servers.slice(2).map((from) => find(world, from, target)));
    expect(found.filter((record) => record?.nodeId === target).length).toBe(servers.length - 2);
    expect(liars.reduce((sum, { asked }) => sum + asked.filter(({ kind }) => kind === FIND_PACKET).length, 0)).toBeGreaterThan(20);
  });

  it('that answer slowly or not at all delay a lookup, and do not end it', async () => {
    const world = await registered('slow', { servers: 20, config: () => ({ registry: { k: 8 } }) });
    const { net, servers } = world;
    const slow = servers.slice(10, 15);
    const dead = servers.slice(15, 18);
    net.world.network.onFrame(({ kind, from }) => {
      if (kind !== 'datagram') return undefined;
      if (dead.includes(from)) return { drop: true };
      return slow.includes(from) ? { delayMs: 1500 } : undefined;
    });
    const began = net.world.clock.monotonic();
    const targets = servers.slice(0, 10);
    for (const target of targets) expect((await find(world, servers[9] as string, net.idOf(target)))?.nodeId).toBe(net.idOf(target));
    // Less than if each of them had been waited for.
    expect(net.world.clock.monotonic() - began).toBeLessThan(targets.length * 3000);
  });

  it('many at few addresses get few places in a table', async () => {
    const { net, servers } = await registered('crowd', { servers: 3 });
    const server = servers[0] as string;
    for (let i = 0; i < 12; i++) {
      const stranger = await UdpStranger.bind(net, `192.0.2.${i + 1}`);
      await stranger.introduce(server);
    }
    const crowd = net
      .get(server)
      .node.registry.contacts()
      .filter(({ address }) => address.startsWith('192.0.2.'));
    expect(crowd.length).toBe(2);
    expect(rejections(net, server, 'registry-crowded')).toBeGreaterThanOrEqual(10);
  });
});
