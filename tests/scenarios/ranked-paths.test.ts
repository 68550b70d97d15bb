import { describe, expect, it } from 'vitest';
import { hostOf, registered } from './lib/registry.ts';

describe('with the registry alone to go by', () => {
  it('everybody is found by key, reached by the ranked way, and reached still while servers are killed', async () => {
    const config = () => ({ overlay: { routingHorizon: 0 }, neighbours: { checkMs: 2000 } });
    const { net, servers, clients } = await registered('ranked', { servers: 20, clients: 8, config });
    await net.world.advance(60_000);
    // The ids have made links of their own; one entry point was all that was asked for.
    for (const host of servers) expect(net.get(host).node.links.size).toBeGreaterThan(3);
    const [asker = '', ...others] = clients;
    const { node } = net.get(asker);
    for (const host of others) {
      const { nodeId, keyId } = net.get(host).identity;
      const record = await net.world.until(node.find(keyId));
      expect(record).toMatchObject({ nodeId, nodeType: 'client' });
      const homes = net
        .get(host)
        .node.links.all()
        .map(({ peer }) => peer.nodeId);
      expect(record.attachments.map((server) => server.nodeId).sort()).toEqual(homes.sort());
      const [best] = node.paths(keyId);
      expect(best).toMatchObject({ chosen: true });
      expect([best?.next, best?.through].filter((hop) => homes.includes(hop ?? ''))).toHaveLength(1);
    }
    const lobby = await net.channel('lobby', ...(clients as [string, ...string[]]));
    const homes = new Set(
      clients.flatMap((host) =>
        net
          .get(host)
          .node.links.all()
          .map(({ peer }) => peer.nodeId),
      ),
    );
    const spare = servers.filter((host) => host !== hostOf(1) && !homes.has(net.idOf(host)));
    const attached = servers.filter((host) => homes.has(net.idOf(host)) && host !== hostOf(1));
    // Of each client at least one server stays.
    const victims = [...spare, ...attached.filter((_, i) => i % 2 === 0)].slice(0, 5);
    for (const [i, host] of victims.entries()) net.world.clock.schedule(i * 2000, () => net.crash(host, { silent: i % 2 === 0 }));
    const sent: Promise<unknown>[] = [];
    for (let i = 0; i < 6; i++) {
      for (const host of clients)
        net.world.clock.schedule(i * 2000, () => sent.push(net.get(host).node.channels.send(lobby, `${i} ${host}`)));
    }
    await net.world.advance(15_000);
    await net.world.until(Promise.all(sent));
    await net.world.runUntil(() => clients.every((host) => net.texts(host).length === 6 * clients.length), {
      limitMs: 600_000,
      everyMs: 1000,
      what: 'that all came',
    });
    expect(net.errors()).toEqual([]);
  });
});
