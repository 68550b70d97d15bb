import { SeededRandom } from '@parley/sim';
import { describe, expect, it } from 'vitest';
import { Ids } from './ids.ts';
import { SampledTables } from './tables.ts';

const ids = new Ids(2000, new SeededRandom('ids'));
const nodes = Array.from({ length: ids.count }, (_, node) => node);

describe('compact ids', () => {
  it('have the buckets that comparing with everybody gives', () => {
    for (const node of [0, 1, 700, 1999]) {
      for (let bits = 0; bits < 64; bits++) {
        const [from, to] = ids.bucket(node, bits);
        const members = nodes.filter((other) => other !== node && ids.shared(other, ids.at(node)) === bits);
        expect([node, bits, ...nodes.slice(from, to)]).toEqual([node, bits, ...members]);
      }
    }
  });

  it('have the nearest that sorting everybody gives', () => {
    const random = new SeededRandom('targets');
    for (let i = 0; i < 50; i++) {
      const target = { high: random.word(), low: random.word() };
      const sorted = [...nodes].sort((a, b) => ids.compare(target, a, b));
      expect(ids.nearest(target, 20)).toEqual(sorted.slice(0, 20));
    }
  });
});

describe('sampled tables', () => {
  const tables = new SampledTables(ids, { k: 20, perNetwork: 20, networkOf: () => undefined }, 7);

  it('are the same each time, without the node itself and without anybody twice', () => {
    for (const node of [0, 5, 1999]) {
      for (let bits = 0; bits < tables.depth(node); bits++) {
        const bucket = tables.bucket(node, bits);
        expect(bucket).toEqual(tables.bucket(node, bits));
        expect(new Set(bucket).size).toBe(bucket.length);
        expect(bucket.length).toBeLessThanOrEqual(20);
        for (const other of bucket) expect(ids.shared(other, ids.at(node))).toBe(bits);
      }
      expect(tables.bucket(node, tables.depth(node))).toEqual([]);
    }
  });

  it('answer with the nearest of all that they hold', () => {
    const random = new SeededRandom('answers');
    for (let i = 0; i < 50; i++) {
      const [node, target] = [random.integer(2000), { high: random.word(), low: random.word() }];
      const all = Array.from({ length: tables.depth(node) }, (_, bits) => tables.bucket(node, bits)).flat();
      expect(tables.closest(node, target, 20)).toEqual(all.sort((a, b) => ids.compare(target, a, b)).slice(0, 20));
    }
  });
});
