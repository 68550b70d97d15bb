import { base64, EXTEND, EXTENDED } from '@parley/core';
import { expect, it } from 'vitest';
import { CircuitMaker } from './lib/circuit-maker.ts';
import { MINUTE, scene } from './lib/circuits.ts';
import { Stranger } from './lib/stranger.ts';

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
