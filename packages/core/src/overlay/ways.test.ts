import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guidFromBytes } from '../util/guid.ts';
import type { Candidate } from './routing-table.ts';
import { type Passage, Ways, type WaysDeps, wayKey } from './ways.ts';
import { commonBits, isCloser } from './xor.ts';

const id = (first: number, rest = 0): string =>
  guidFromBytes(Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? first : i === 15 ? rest : 0)));
const arbitraryId = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(guidFromBytes);

const SELF = id(0x80);
const DESTINATION = id(0x01);
const NEAR = id(0x02);
const NEARER = id(0x03);
const FAR = id(0xc0);

interface World {
  readonly candidates?: Readonly<Record<string, readonly Candidate[]>>;
  readonly links?: readonly string[];
  readonly servers?: readonly string[];
  readonly attachments?: readonly string[];
  readonly gateways?: readonly string[];
  readonly client?: boolean;
  readonly home?: boolean;
  readonly hopsTo?: number;
}

const candidate = (neighbour: string, hops: number, latencyMs = 0, reliability = 1): Candidate => ({
  neighbour,
  hops,
  latencyMs,
  reliability,
});

function ways(world: World): Ways {
  const links = new Set([...(world.links ?? []), ...(world.servers ?? [])]);
  const direct = (nodeId: string): Candidate | undefined => (links.has(nodeId) ? candidate(nodeId, 1, 10) : undefined);
  const deps: WaysDeps = {
    self: SELF,
    server: !world.client,
    routes: {
      direct,
      candidates: (nodeId) => [...(direct(nodeId) ? [direct(nodeId) as Candidate] : []), ...(world.candidates?.[nodeId] ?? [])],
      hopsTo: () => world.hopsTo,
    },
    attachments: (nodeId) => (nodeId === DESTINATION ? (world.attachments ?? []) : []),
    home: () => world.home ?? false,
    gateways: () => world.gateways ?? [],
  };
  const made = new Ways(deps);
  for (const server of world.servers ?? []) made.serverUp(server);
  return made;
}

const passage = (changes: Partial<Passage> = {}): Passage => ({
  own: false,
  from: undefined,
  via: [],
  tried: new Set(),
  toward: undefined,
  ...changes,
});

describe('distances of ids', () => {
  it('count leading bits that are the same', () => {
    expect(commonBits(id(0x80), id(0x00))).toBe(0);
    expect(commonBits(id(0x01), id(0x00))).toBe(7);
    expect(commonBits(id(0x00, 1), id(0x00))).toBe(127);
    expect(commonBits(id(7), id(7))).toBe(128);
  });

  it('order as the numbers do', () => {
    const number = (guid: string): bigint => BigInt(`0x${guid.replaceAll('-', '')}`);
    fc.assert(
      fc.property(arbitraryId, arbitraryId, arbitraryId, (a, b, target) => {
        expect(isCloser(a, b, target)).toBe((number(a) ^ number(target)) < (number(b) ^ number(target)));
        expect(commonBits(a, b)).toBe(a === b ? 128 : 128 - (number(a) ^ number(b)).toString(2).length);
      }),
    );
  });
});

describe('ways', () => {
  const all: World = {
    links: [DESTINATION],
    servers: [NEAR, NEARER, FAR],
    candidates: { [DESTINATION]: [candidate('route', 3)], [id(0x44)]: [candidate('toServer', 2)] },
    attachments: [NEAR, id(0x44), id(0x05)],
    gateways: [FAR],
  };

  it('are taken in order: the neighbour, a server that it is attached to, ROUTING, such a server further off, by id', () => {
    expect(
      ways(all)
        .all(DESTINATION)
        .map((way) => [way.kind, wayKey(way)]),
    ).toEqual([
      ['neighbour', DESTINATION],
      ['attached', NEAR],
      ['routing', 'route'],
      ['attachment', `toServer>${id(0x44)}`],
      ['attachment', `${NEARER}>${id(0x05)}`],
      ['attachment', `${NEAR}>${id(0x05)}`],
      ['greedy', NEARER],
    ]);
  });

  it('by id go to servers strictly nearer to the destination, the nearest of equals first', () => {
    const made = ways({ servers: [NEAR, NEARER, FAR] });
    expect(made.all(id(0x01, 1)).map((way) => way.neighbour)).toEqual([NEARER, NEAR]);
    expect(made.next(DESTINATION, passage({ tried: new Set([NEAR, NEARER]) }))).toBeUndefined();
    expect(made.all(FAR).map((way) => way.kind)).toEqual(['neighbour']);
  });

  it('lead on from what the message has passed, and from whoever handed it over, to nobody who had it', () => {
    const made = ways({ servers: [NEAR, NEARER] });
    expect(made.next(DESTINATION, passage({ from: NEARER }))?.neighbour).toBe(NEAR);
    expect(made.next(DESTINATION, passage({ via: [NEARER, NEAR] }))).toBeUndefined();
  });

  it('follow where the message was addressed anew, and give that up there', () => {
    const server = id(0x44);
    const made = ways({ servers: [id(0x40), NEAR] });
    expect(made.next(DESTINATION, passage({ toward: server }))).toMatchObject({ kind: 'attachment', neighbour: id(0x40), through: server });
    expect(made.next(DESTINATION, passage({ toward: SELF }))).toMatchObject({ kind: 'greedy', neighbour: id(0x40) === NEAR ? '' : NEAR });
    // Neither back to a server at which it was in vain.
    expect(made.next(DESTINATION, passage({ toward: server, via: [server] }))?.through).toBeUndefined();
  });

  it('of one neighbour to two servers are two: what was in vain by one may do by the other', () => {
    const made = ways({ client: true, servers: [FAR], gateways: [FAR], attachments: [NEAR, NEARER] });
    const first = made.next(DESTINATION, passage({ own: true }));
    expect(first).toMatchObject({ neighbour: FAR, through: NEAR });
    const tried = new Set([wayKey(first ?? { neighbour: '' })]);
    expect(made.next(DESTINATION, passage({ own: true, tried }))).toMatchObject({ neighbour: FAR, through: NEARER });
    tried.add(`${FAR}>${NEARER}`);
    expect(made.next(DESTINATION, passage({ own: true, tried }))).toMatchObject({ neighbour: FAR, through: undefined, kind: 'gateway' });
    // A neighbour that does not answer is out altogether.
    expect(made.next(DESTINATION, passage({ own: true, tried: new Set([FAR]) }))).toBeUndefined();
  });

  it('through a server where the destination is not fall behind', () => {
    const made = ways({ servers: [id(0x40)], attachments: [id(0x44), id(0x45)] });
    const best = () => made.next(DESTINATION, passage({ own: true }))?.through;
    const lie = best() ?? '';
    for (let i = 0; i < 3; i++) made.receipted(DESTINATION, { neighbour: id(0x40), through: lie }, false);
    expect(best()).not.toBe(lie);
    for (let i = 0; i < 40; i++) made.receipted(DESTINATION, { neighbour: id(0x40), through: best() ?? '' }, false);
    expect(made.all(DESTINATION).filter((way) => way.reliability < 0.2)).toHaveLength(2);
  });

  it('do not lead away from where a client comes back to', () => {
    const made = ways({ servers: [NEAR], home: true });
    expect(made.leads(DESTINATION, passage())).toBe(false);
    expect(ways({ servers: [NEAR] }).leads(DESTINATION, passage())).toBe(true);
    // To leave it with any server is no way on.
    expect(ways({ client: true, gateways: [FAR], links: [FAR] }).leads(DESTINATION, passage())).toBe(false);
  });

  it('by ROUTING go no further away than we are, but for our own', () => {
    const made = ways({ hopsTo: 2, candidates: { [DESTINATION]: [candidate('a', 2), candidate('b', 5)] } });
    const tried = new Set(['a']);
    expect(made.next(DESTINATION, passage({ tried }))).toBeUndefined();
    expect(made.next(DESTINATION, passage({ tried, own: true }))?.neighbour).toBe('b');
  });
});

describe('greedy forwarding over one link a bucket', () => {
  it('comes from anywhere to anywhere, in no more steps than there are bits that tell ids apart', () => {
    fc.assert(
      fc.property(fc.uniqueArray(arbitraryId, { minLength: 2, maxLength: 60 }), fc.nat(), (ids, seed) => {
        const linksOf = (self: string): string[] => {
          const buckets = new Map<number, string>();
          for (const other of ids) {
            const bits = commonBits(self, other);
            if (other !== self && (!buckets.has(bits) || (seed + bits) % 2 === 0)) buckets.set(bits, other);
          }
          return [...buckets.values()];
        };
        const [target = '', ...others] = ids;
        for (let at of others) {
          let bits = commonBits(at, target);
          while (at !== target) {
            const routes = { direct: () => undefined, candidates: () => [], hopsTo: () => undefined };
            const made = new Ways({ self: at, server: true, routes, attachments: () => [], home: () => false, gateways: () => [] });
            for (const link of linksOf(at)) made.serverUp(link);
            at = made.next(target, passage())?.neighbour ?? expect.fail('a dead end');
            // Each step brings a bit at least.
            expect(commonBits(at, target)).toBeGreaterThan(bits);
            bits = commonBits(at, target);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});
