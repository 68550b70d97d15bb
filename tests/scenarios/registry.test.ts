import type { RegistryRecord } from '@parley/core';
import { describe, expect, it } from 'vitest';
import type { Network } from './lib/network.ts';
import { type Registered, registered } from './lib/registry.ts';

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
