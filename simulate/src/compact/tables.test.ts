import { registryDefaults } from '@parley/core';
import { SeededRandom } from '@parley/sim';
import { describe, expect, it } from 'vitest';
import { minutesToConverge } from './convergence.ts';
import { Ids } from './ids.ts';
import { SampledTables } from './tables.ts';

describe('drawn tables', () => {
  const ids = new Ids(2000, new SeededRandom('tables'));

  it('are the same each time, and hold k of a bucket at most', () => {
    const tables = new SampledTables(ids, { k: 20, perNetwork: 2, networkOf: () => undefined }, 7);
    expect(tables.bucket(5, 0)).toHaveLength(20);
    expect(tables.bucket(5, 0)).toEqual(tables.bucket(5, 0));
    expect(new Set(tables.bucket(5, 0)).size).toBe(20);
  });

  it('hold two of one network', () => {
    const crowded = new SampledTables(ids, { k: 20, perNetwork: 2, networkOf: (node) => node % 3 }, 7);
    expect(crowded.bucket(5, 0)).toHaveLength(6);
    const small = crowded.bucket(5, crowded.depth(5) - 1);
    expect(small.length).toBeLessThanOrEqual(6);
  });
});

describe('convergence', () => {
  it('takes as long as checks of liveness go through a table, and longer where there are more entries than checks', () => {
    const { contactSilentMs } = registryDefaults;
    const small = minutesToConverge([20, 20, 20], 'small');
    expect(small).toBeGreaterThan((0.9 * contactSilentMs) / 60_000);
    expect(small).toBeLessThan((1.2 * contactSilentMs) / 60_000);
    const slow = minutesToConverge([20, 20, 20], 'small', { ...registryDefaults, maintenanceMs: 120_000 });
    expect(slow).toBeGreaterThan(1.5 * small);
  });
});
