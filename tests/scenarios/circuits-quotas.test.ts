import { base64, CARRIED, CARRY, EXTEND, EXTENDED, SEEK, SOUGHT } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { CircuitMaker } from './lib/circuit-maker.ts';
import { ANN, BEN, MINUTE, scene } from './lib/circuits.ts';
import type { Network } from './lib/network.ts';
import { hostOf } from './lib/registry.ts';
import { guid, Stranger } from './lib/stranger.ts';

const KEY = base64(new Uint8Array(32).fill(9));

it('circuits that are extended at once to a server without a link all come about', async () => {
  const { net, servers } = await scene('circuits at once');
  const pairs = servers.flatMap((hop) => servers.map((next) => [hop, next] as const));
  const [hop, next] = pairs.find(([one, other]) => one !== other && !net.get(one).node.links.get(net.idOf(other))) as [string, string];
  const makers: CircuitMaker[] = [];
  for (let i = 0; i < 3; i++) makers.push(await CircuitMaker.open(net, await Stranger.meet(net, `stranger${i}`, hop), hop, 1));
  for (const maker of makers) maker.say(EXTEND, { node_id: net.idOf(next), key: KEY });
  await net.world.runUntil(() => makers.every((maker) => maker.of(EXTENDED).length > 0), { limitMs: MINUTE, what: 'the answers' });
  expect(makers.map((maker) => maker.of(EXTENDED)[0]?.reason)).toEqual([undefined, undefined, undefined]);
});

it('lookups of certificates leave nothing in the last hop’s own outbox, and find those that there are', async () => {
  const { net } = await scene('circuit certificates');
  const hop = hostOf(3);
  const stranger = await Stranger.meet(net, 'stranger', hop);
  const own = () => net.get(hop).node.metrics.snapshot().gauges.get('custody_own')?.get('');
  const makers: CircuitMaker[] = [];
  for (let number = 1; number <= 10; number++) makers.push(await CircuitMaker.open(net, stranger, hop, number));
  const before = own();
  for (let round = 0; round < 100; round++) {
    for (const [i, maker] of makers.entries()) maker.say(SEEK, { seek_id: round, target: guid(1000 * i + round), what: 'certificate' });
    await net.world.advance(500);
  }
  await net.world.advance(5 * MINUTE);
  expect(own()).toBe(before);
  const [maker] = makers as [CircuitMaker];
  maker.say(SEEK, { seek_id: 1000, target: net.idOf(BEN), what: 'certificate' });
  await net.world.advance(5000);
  expect(maker.of(SOUGHT).find(({ seek_id: id }) => id === 1000)?.found).toBe(base64(net.get(BEN).identity.certificate));
  expect(net.errors()).toEqual([]);
});

it('what two servers may have between them is not taken by the neighbours of one of them', async () => {
  const config = { circuits: { serves: true, maxPerLink: 20 } };
  const { net } = await scene('circuits between two', { servers: 4, config });
  const [here, there] = [hostOf(1), hostOf(2)];
  const extended = async (maker: CircuitMaker, next: string) => {
    maker.say(EXTEND, { node_id: net.idOf(next), key: KEY });
    await net.world.runUntil(() => maker.of(EXTENDED).length > 0, { limitMs: MINUTE, what: 'the answer' });
    return maker.of(EXTENDED)[0]?.reason;
  };
  const greedy = await Stranger.meet(net, 'greedy', here);
  const taken = [];
  for (let number = 1; number <= 20; number++) taken.push(await extended(await CircuitMaker.open(net, greedy, here, number), there));
  expect(taken.filter((reason) => reason === 'quota')).toHaveLength(15);
  const same = await CircuitMaker.open(net, await Stranger.meet(net, 'honest', here), here, 1);
  expect(await extended(same, there)).toBeUndefined();
  const back = await CircuitMaker.open(net, await Stranger.meet(net, 'other', there), there, 1);
  expect(await extended(back, here)).toBeUndefined();
  expect(net.errors()).toEqual([]);
});

it('the lookups of a last hop are not taken by one neighbour, and messages do not wait for them', async () => {
  const { net } = await scene('circuit lookups', { config: { circuits: { serves: true, maxAllLookups: 20 } } });
  const hop = hostOf(3);
  // It is known, and answers nothing: each lookup takes as long as any may.
  net.crash(ANN);
  const greedy = await Stranger.meet(net, 'greedy', hop);
  const makers: CircuitMaker[] = [];
  for (let number = 1; number <= 10; number++) makers.push(await CircuitMaker.open(net, greedy, hop, number));
  const honest = await CircuitMaker.open(net, await Stranger.meet(net, 'honest', hop), hop, 1);
  for (let round = 0; round < 20; round++) {
    for (const maker of makers)
      for (let i = 0; i < (round === 0 ? 8 : 1); i++) maker.say(SEEK, { seek_id: i, target: net.idOf(ANN), what: 'certificate' });
    await net.world.advance(500);
    honest.say(SEEK, { seek_id: round, target: net.idOf(BEN), what: 'record' });
  }
  // Of the same neighbour, of whose lookups there are as many as may be.
  const last = makers.at(-1);
  last?.say(CARRY, { msg_id: guid(1), recipient_id: guid(2), custody: true, sealed: KEY });
  await net.world.advance(10_000);
  expect(honest.of(SOUGHT).filter(({ found }) => found !== undefined)).toHaveLength(20);
  expect(last?.of(CARRIED)).toEqual([{ msg_id: guid(1), reason: 'unknown destination' }]);
});

it('messages that are never whole take up no more of a hop than the share of one neighbour, and end with their time', async () => {
  const config = { circuits: { serves: true, maxHalfBytes: 1024 * 1024 } };
  const { net } = await scene('circuit halves', { config });
  const hop = hostOf(3);
  const half = () => net.get(hop).node.metrics.snapshot().gauges.get('circuit_half_bytes')?.get('') ?? 0;
  const greedy = await Stranger.meet(net, 'greedy', hop);
  const makers: CircuitMaker[] = [];
  for (let number = 1; number <= 10; number++) {
    const maker = await CircuitMaker.open(net, greedy, hop, number);
    makers.push(maker);
    // The header of a message of 900 KiB, of which 60 KiB come.
    maker.content(Uint8Array.from([0, 0x0e, 0x10, 0]));
    for (let i = 0; i < 15; i++) maker.content(new Uint8Array(4000).fill(32));
    await net.world.advance(1000);
    expect(half()).toBeLessThanOrEqual(256 * 1024);
  }
  expect(makers.filter(({ closed }) => closed === 'quota').length).toBeGreaterThan(5);
  expect(makers.at(-1)?.closed).toBeUndefined();
  // A message that comes to its end is taken, whatever others have begun.
  const honest = await CircuitMaker.open(net, await Stranger.meet(net, 'honest', hop), hop, 1);
  honest.say(CARRY, { msg_id: guid(1), recipient_id: net.idOf(BEN), custody: true, sealed: base64(new Uint8Array(60_000)) });
  await net.world.runUntil(() => honest.of(CARRIED).length > 0, { limitMs: MINUTE, what: 'the answer' });
  expect(honest.of(CARRIED)).toEqual([{ msg_id: guid(1) }]);
  await net.world.advance(3 * MINUTE);
  expect(makers.at(-1)?.closed).toBe('timeout');
  expect(half()).toBe(0);
  expect(net.errors()).toEqual([]);
});

it('junk for somebody who is there does not keep others’ requests from them: at last hops the oldest gives way, and what is never answered goes', async () => {
  const { net, servers } = await scene('circuit junk', { config: { circuits: { serves: true, maxHeldPerRecipient: 5 } } });
  const held = (): number[] => servers.map((host) => net.get(host).node.metrics.snapshot().gauges.get('circuit_held')?.get('') ?? 0);
  for (const [s, server] of servers.entries()) {
    const maker = await CircuitMaker.open(net, await Stranger.meet(net, `stranger${s}`, server), server, 1);
    for (let i = 0; i < 8; i++)
      maker.say(CARRY, { msg_id: guid(s * 100 + i), recipient_id: net.idOf(BEN), custody: true, sealed: base64(new Uint8Array(500)) });
    await net.world.advance(5000);
    expect(maker.of(CARRIED).filter(({ reason }) => reason === undefined)).toHaveLength(8);
  }
  expect(held()).toEqual(servers.map(() => 5));
  await net.world.until(net.get(ANN).node.contacts.add(net.get(BEN).node.contacts.link));
  await net.world.runUntil(() => net.get(BEN).node.contacts.list().length === 1, { limitMs: MINUTE, what: 'that the request arrives' });
  await net.world.advance(15 * MINUTE);
  expect(held()).toEqual(servers.map(() => 0));
  expect(net.errors()).toEqual([]);
});

it('what a last hop held for others before a restart is in their room after it, and keeps the server’s own user from nothing', async () => {
  const config = { circuits: { serves: true, maxHeld: 10 }, overlay: { ownMessages: 5 } };
  const { net } = await scene('circuit restart of a hop', { config });
  const hop = hostOf(3);
  net.crash(BEN);
  await net.world.advance(MINUTE);
  const gauge = (name: string) => net.get(hop).node.metrics.snapshot().gauges.get(name)?.get('');
  for (let life = 0; life < 3; life++) {
    const maker = await CircuitMaker.open(net, await Stranger.meet(net, `stranger${life}`, hop), hop, 1);
    for (let i = 0; i < 10; i++)
      maker.say(CARRY, { msg_id: guid(life * 100 + i), recipient_id: net.idOf(BEN), custody: true, sealed: base64(new Uint8Array(500)) });
    await net.world.advance(10_000);
    expect(maker.of(CARRIED).filter(({ reason }) => reason === undefined)).toHaveLength(10);
    expect([gauge('circuit_held'), gauge('custody_own')]).toEqual([10, 0]);
    net.crash(hop);
    await net.world.advance(10_000);
    await net.restart(hop);
    await net.world.advance(MINUTE);
    expect([gauge('circuit_held'), gauge('custody_own')]).toEqual([10, 0]);
  }
  await net.world.until(net.get(hop).node.contacts.add(net.get(ANN).node.contacts.link));
  await net.world.advance(MINUTE);
  expect(net.get(ANN).node.contacts.list()).toHaveLength(1);
  expect(net.errors()).toEqual([]);
});

describe('what a last hop carries for a circuit', () => {
  const carry = (net: Network, maker: CircuitMaker, i: number): void =>
    maker.say(CARRY, { msg_id: guid(i), recipient_id: net.idOf(BEN), custody: true, sealed: base64(new Uint8Array(500)) });
  const refused = (maker: CircuitMaker) => maker.of(CARRIED).filter(({ reason }) => reason !== undefined);

  it('is not what it has given up', async () => {
    const { net } = await scene('carried', { config: { circuits: { serves: true, maxCarriedPerCircuit: 10, maxHeldPerRecipient: 3 } } });
    const hop = hostOf(3);
    net.crash(BEN);
    await net.world.advance(MINUTE);
    const maker = await CircuitMaker.open(net, await Stranger.meet(net, 'stranger', hop), hop, 1);
    for (let i = 0; i < 14; i++) {
      carry(net, maker, i);
      await net.world.advance(500);
    }
    expect(maker.of(CARRIED)).toHaveLength(14);
    expect(refused(maker)).toEqual([]);
  });

  it('nor what was said again by another, which it is told of instead', async () => {
    const { net } = await scene('carried twice', { config: { circuits: { serves: true, maxCarriedPerCircuit: 2 } } });
    const hop = hostOf(3);
    const stranger = await Stranger.meet(net, 'stranger', hop);
    net.crash(BEN);
    await net.world.advance(MINUTE);
    const [one, two] = [await CircuitMaker.open(net, stranger, hop, 1), await CircuitMaker.open(net, stranger, hop, 2)];
    for (const maker of [one, two]) {
      for (const i of [1, 2]) carry(net, maker, i);
      await net.world.advance(1000);
    }
    carry(net, one, 3);
    carry(net, two, 4);
    await net.world.advance(1000);
    expect(refused(one)).toEqual([]);
    expect(refused(two)).toEqual([{ msg_id: guid(4), reason: 'quota' }]);
  });
});
