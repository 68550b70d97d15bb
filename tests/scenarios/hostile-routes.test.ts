import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

const MAX_ROUTES = 1000;

interface Entry {
  readonly node_id: string;
  readonly ttl: number;
}

describe('strangers who have many routes come and go', () => {
  it('make little work at once, every neighbour hears of all in the end, and of others soon', async () => {
    const net = new Network({ seed: 'many routes' });
    await net.server('s', { overlay: { routingFullMs: 10 * 60_000 } });
    const listener = await Stranger.meet(net, 'listener', 's');
    const strangers: Stranger[] = [];
    for (let i = 0; i < 12; i++) strangers.push(await Stranger.meet(net, `stranger${i}`, 's'));
    const honest = await Stranger.meet(net, 'honest', 's');
    await net.world.advance(10_000);
    const reached = new Set<string>();
    const toldAt = new Map<number, number>();
    listener.onMessage = ({ msg_type, msg_data }) => {
      if (msg_type !== 'ROUTING') return;
      const nodes = msg_data.nodes as unknown as Entry[];
      const now = net.world.clock.monotonic();
      toldAt.set(now, (toldAt.get(now) ?? 0) + nodes.length);
      for (const { node_id, ttl } of nodes) if (ttl < 33) reached.add(node_id);
    };
    const names = (stranger: number): string[] => Array.from({ length: MAX_ROUTES }, (_, i) => guid(MAX_ROUTES * (stranger + 1) + i));
    for (const [i, stranger] of strangers.entries()) stranger.say('ROUTING', { nodes: names(i).map((node_id) => ({ node_id, ttl: 1 })) });
    const mine = Array.from({ length: 20 }, (_, i) => guid(i));
    honest.say('ROUTING', { nodes: mine.map((node_id) => ({ node_id, ttl: 1 })) });
    await net.world.advance(1000);
    expect(mine.filter((node) => reached.has(node))).toEqual(mine);
    await net.world.advance(30_000);
    expect(reached.size).toBe(12 * MAX_ROUTES + mine.length);
    expect(Math.max(...toldAt.values())).toBeLessThanOrEqual(4 * MAX_ROUTES);
    expect(net.errors()).toEqual([]);
  });

  it('are told to each neighbour but those through whom they go', async () => {
    const net = new Network({ seed: 'poisoned blocks' });
    await net.server('s');
    const all = [];
    for (const name of ['p', 'q', 'r']) all.push(await Stranger.meet(net, name, 's'));
    await net.world.advance(10_000);
    const names = (i: number): string[] => Array.from({ length: 800 }, (_, n) => guid(1000 * (i + 1) + n));
    for (const [i, stranger] of all.entries()) stranger.say('ROUTING', { nodes: names(i).map((node_id) => ({ node_id, ttl: 1 })) });
    await net.world.advance(10_000);
    for (const [i, stranger] of all.entries()) {
      const last = new Map<string, number>();
      for (const { msg_data } of stranger.of('ROUTING'))
        for (const { node_id, ttl } of msg_data.nodes as unknown as Entry[]) last.set(node_id, ttl);
      const told = all.map((_, other) => names(other).filter((node) => last.get(node) === 2).length);
      expect(told).toEqual(all.map((_, other) => (other === i ? 0 : 800)));
      expect(last.get(stranger.nodeId) ?? 33).toBe(33);
    }
  });
});
