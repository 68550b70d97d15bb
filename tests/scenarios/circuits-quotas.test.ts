import { base64, EXTEND, EXTENDED, SEEK, SOUGHT } from '@parley/core';
import { expect, it } from 'vitest';
import { CircuitMaker } from './lib/circuit-maker.ts';
import { BEN, MINUTE, scene } from './lib/circuits.ts';
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
