import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RouteEntry, RoutingTable, UNREACHABLE } from './routing-table.ts';

const entry = (nodeId: string, hops: number, about: Partial<RouteEntry> = {}): RouteEntry => ({
  nodeId,
  hops,
  latencyMs: 10,
  reliability: 1,
  ...about,
});

const churn = { perSecond: 100, burst: 5000 };

function table(neighbours: readonly string[], options: { maxClaims?: number; churn?: typeof churn } = {}): RoutingTable {
  const routes = new RoutingTable('self', { maxClaims: 1000, holdMs: 3000, churn, ...options });
  for (const id of neighbours) routes.neighbourUp(id, { latencyMs: 10 }, 0);
  routes.takeChanges();
  return routes;
}

const hops = (routes: RoutingTable, destination: string): string[] =>
  routes.candidates(destination).map(({ neighbour, hops: count }) => `${neighbour} ${count}`);

describe('candidates', () => {
  it('are all neighbours that claim a node, the nearest first, and the node itself before all', () => {
    const routes = table(['a', 'b', 'c']);
    routes.update('a', [entry('x', 3)], true, 0);
    routes.update('b', [entry('x', 1), entry('c', 1)], true, 0);
    expect(hops(routes, 'x')).toEqual(['b 2', 'a 4']);
    expect(hops(routes, 'c')).toEqual(['c 1', 'b 2']);
    expect(routes.hopsTo('x')).toBe(2);
    expect(routes.hopsTo('y')).toBeUndefined();
  });

  it('are ranked by latency and reliability too', () => {
    const routes = table(['a', 'b']);
    routes.update('a', [entry('x', 1, { latencyMs: 500 })], true, 0);
    routes.update('b', [entry('x', 2)], true, 0);
    expect(hops(routes, 'x')).toEqual(['b 3', 'a 2']);
    for (let i = 0; i < 20; i++) routes.receipted('b', false);
    expect(routes.reliabilityOf('b')).toBeLessThan(0.1);
    expect(hops(routes, 'x')).toEqual(['a 2', 'b 3']);
    for (let i = 0; i < 100; i++) routes.forgive();
    expect(routes.reliabilityOf('b')).toBeGreaterThan(0.9);
    expect(hops(routes, 'x')).toEqual(['b 3', 'a 2']);
  });

  it('go with their neighbour, with a withdrawal, and with a full table that does not name them', () => {
    const routes = table(['a', 'b']);
    routes.update('a', [entry('x', 1), entry('y', 1)], true, 0);
    routes.update('b', [entry('x', 2)], true, 0);
    routes.update('a', [entry('x', UNREACHABLE)], false, 1);
    expect(hops(routes, 'x')).toEqual(['b 3']);
    expect(hops(routes, 'y')).toEqual(['a 2']);
    routes.update('a', [entry('z', 1)], true, 2);
    expect(routes.reaches('y')).toBe(false);
    routes.neighbourDown('b', 3);
    expect(routes.reaches('x')).toBe(false);
    expect(routes.reaches('b')).toBe(false);
    expect(routes.destinations().sort()).toEqual(['a', 'z']);
  });

  it('survive a link that takes the place of another, until the first table on the new one', () => {
    const routes = table(['a']);
    routes.update('a', [entry('x', 1), entry('y', 1)], true, 0);
    routes.neighbourUp('a', { latencyMs: 20 }, 1);
    expect(hops(routes, 'x')).toEqual(['a 2']);
    routes.update('a', [entry('y', 1)], true, 2);
    expect(routes.reaches('x')).toBe(false);
    expect(routes.candidates('x')).toEqual([]);
  });

  it('from one neighbour are bounded, and a new full table finds room', () => {
    const routes = table(['a', 'b'], { maxClaims: 100 });
    routes.update('b', [entry('real', 1)], true, 0);
    const forged = (from: number): RouteEntry[] => Array.from({ length: 10_000 }, (_, i) => entry(`forged ${from + i}`, 1));
    expect(routes.update('a', forged(0), false, 0).tooMany).toBe(9900);
    expect(hops(routes, 'real')).toEqual(['b 2']);
    expect(routes.destinations().length).toBe(103);
    expect(routes.update('a', [entry('true', 1)], true, 1).tooMany).toBe(0);
    expect(hops(routes, 'true')).toEqual(['a 2']);
    expect(routes.destinations().length).toBe(4);
  });

  it('of one neighbour change at a bounded pace; what it withdraws is always taken, and another neighbour is not concerned', () => {
    const routes = table(['a', 'b'], { churn: { perSecond: 10, burst: 50 } });
    const made = (from: number): RouteEntry[] => Array.from({ length: 40 }, (_, i) => entry(`made ${from + i}`, 1));
    expect(routes.update('a', made(0), true, 0).churn).toBe(0);
    expect(routes.update('a', made(100), true, 0).churn).toBe(30);
    expect(routes.destinations().length).toBe(12);
    expect(routes.update('b', made(200), true, 0).churn).toBe(0);
    // The same again, with other latencies, is no change.
    expect(
      routes.update(
        'b',
        made(200).map((one) => ({ ...one, latencyMs: 99 })),
        true,
        0,
      ).churn,
    ).toBe(0);
    expect(
      routes.update(
        'b',
        made(200).map((one) => ({ ...one, hops: 2 })),
        false,
        0,
      ).churn,
    ).toBe(30);
    // Another link does not give it more, and time does.
    routes.neighbourDown('a', 1);
    routes.neighbourUp('a', { latencyMs: 10 }, 1);
    expect(routes.update('a', made(300), true, 1).churn).toBe(40);
    expect(routes.update('a', made(300), true, 2001).churn).toBe(20);
  });

  it('do not include ourselves, nor a neighbour by its own word', () => {
    const routes = table(['a']);
    routes.update('a', [entry('self', 1), entry('a', 1)], true, 0);
    expect(routes.destinations()).toEqual(['a']);
    expect(hops(routes, 'a')).toEqual(['a 1']);
  });
});

describe('what is announced', () => {
  it('is poisoned towards the neighbour that it goes through', () => {
    const routes = table(['a', 'b']);
    routes.update('a', [entry('x', 1)], true, 0);
    expect(routes.entryFor('b', 'x')).toMatchObject({ hops: 2 });
    expect(routes.entryFor('a', 'x')).toMatchObject({ hops: UNREACHABLE });
    expect(routes.nextHopTo('x')).toBe('a');
  });

  it('changes only when hops or next hop do', () => {
    const routes = table(['a', 'b']);
    routes.update('a', [entry('x', 1)], true, 0);
    expect(routes.takeChanges()).toEqual(['x']);
    routes.update('a', [entry('x', 1, { latencyMs: 12 })], true, 1);
    routes.update('b', [entry('x', 7)], true, 1);
    expect(routes.takeChanges()).toEqual([]);
    routes.update('a', [entry('x', 2)], false, 2);
    expect(routes.takeChanges()).toEqual(['x']);
  });

  it('is asked for a few at a time where there is much, and what one neighbour brings waits for nobody else’s', () => {
    const routes = table(['a', 'b']);
    routes.update(
      'a',
      Array.from({ length: 100 }, (_, i) => entry(`a${i}`, 1)),
      true,
      0,
    );
    routes.update('b', [entry('b0', 1), entry('b1', 1)], true, 0);
    expect(routes.takeChanges(5)).toEqual(['a0', 'b0', 'a1', 'b1', 'a2']);
    routes.takeChanges(90);
    expect(routes.isChanged).toBe(true);
    expect(routes.takeChanges(90)).toHaveLength(7);
    expect(routes.isChanged).toBe(false);
    routes.neighbourDown('a', 1);
    routes.update('b', [entry('b0', UNREACHABLE)], false, 1);
    expect(routes.takeChanges(2)).toEqual(['a0', 'b0']);
  });

  it('of a node that was lost is withdrawn, and a longer way is believed only after a while', () => {
    const routes = table(['a', 'b']);
    routes.update('a', [entry('x', 1)], true, 0);
    routes.update('b', [entry('x', 4)], true, 0);
    // The way through `b` may lead back through us.
    routes.update('a', [entry('x', UNREACHABLE)], false, 1000);
    expect(routes.entryFor('a', 'x').hops).toBe(UNREACHABLE);
    expect(routes.hopsTo('x')).toBeUndefined();
    expect(routes.takeChanges()).toEqual(['x']);
    expect(routes.release(3999)).toBe(false);
    expect(routes.release(4000)).toBe(true);
    expect(routes.entryFor('a', 'x').hops).toBe(5);
  });

  it('comes back at once by a way that cannot lead through us', () => {
    const routes = table(['a', 'b']);
    routes.update('a', [entry('x', 2)], true, 0);
    routes.update('b', [entry('x', 6)], true, 0);
    routes.update('a', [entry('x', UNREACHABLE)], false, 1000);
    routes.update('b', [entry('x', 2)], false, 1100);
    expect(routes.entryFor('a', 'x').hops).toBe(3);
  });
});

describe('tables that tell each other what changed', () => {
  /** Tables of a graph, exchanging until nothing changes. */
  function settle(tables: Map<string, RoutingTable>, links: ReadonlySet<string>, from: number): { now: number; messages: number } {
    let now = from;
    let messages = 0;
    for (let quiet = 0; quiet < 10; ) {
      now += 500;
      const news: [string, string, RouteEntry[]][] = [];
      for (const [id, routes] of tables) {
        routes.release(now);
        const changed = routes.takeChanges();
        if (changed.length === 0) continue;
        for (const other of tables.keys()) {
          if (links.has(`${id} ${other}`)) news.push([id, other, changed.filter((x) => x !== other).map((x) => routes.entryFor(other, x))]);
        }
      }
      for (const [id, other, entries] of news) tables.get(other)?.update(id, entries, false, now);
      messages += news.length;
      quiet = news.length === 0 ? quiet + 1 : 0;
      if (now - from > 300_000) throw new Error('they never settle');
    }
    return { now, messages };
  }

  const graph = fc.record({
    size: fc.integer({ min: 3, max: 14 }),
    tree: fc.array(fc.nat(), { minLength: 14, maxLength: 14 }),
    chords: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 14 }),
    gone: fc.nat(),
  });

  it('all find the shortest ways, and all forget a node that leaves, soon and with few messages', () => {
    fc.assert(
      fc.property(graph, ({ size, tree, chords, gone }) => {
        const ids = Array.from({ length: size }, (_, i) => `n${i}`);
        const links = new Set<string>();
        const link = (a: number, b: number): void => {
          if (a === b) return;
          links.add(`n${a} n${b}`);
          links.add(`n${b} n${a}`);
        };
        for (let i = 1; i < size; i++) link(i, (tree[i] ?? 0) % i);
        for (const [a, b] of chords) link(a % size, b % size);
        const tables = new Map(ids.map((id) => [id, new RoutingTable(id, { maxClaims: 1000, holdMs: 3000, churn })]));
        for (const pair of links) {
          const [a, b] = pair.split(' ') as [string, string];
          tables.get(a)?.neighbourUp(b, { latencyMs: 1 }, 0);
        }
        const { now } = settle(tables, links, 0);
        for (const from of ids) {
          const far = distances(from, ids, links);
          for (const to of ids) if (to !== from) expect(tables.get(from)?.hopsTo(to), `${from} ${to}`).toBe(far.get(to));
        }
        const leaver = `n${gone % size}`;
        tables.delete(leaver);
        for (const [id, routes] of tables) if (links.has(`${id} ${leaver}`)) routes.neighbourDown(leaver, now);
        const after = settle(tables, links, now);
        for (const routes of tables.values()) expect(routes.reaches(leaver)).toBe(false);
        // Ten quiet rounds are five seconds.
        expect(after.now - now).toBeLessThanOrEqual(5000 + 12_000);
        expect(after.messages).toBeLessThanOrEqual(links.size * 20);
      }),
      { numRuns: 300 },
    );
  });
});

function distances(from: string, ids: readonly string[], links: ReadonlySet<string>): Map<string, number> {
  const far = new Map([[from, 0]]);
  for (const id of far.keys())
    for (const other of ids) if (links.has(`${id} ${other}`) && !far.has(other)) far.set(other, (far.get(id) ?? 0) + 1);
  return far;
}
