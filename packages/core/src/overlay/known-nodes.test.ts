import { createCrypto } from '@parley/host';
import { MemoryDrive, World } from '@parley/sim';
import { describe, expect, it } from 'vitest';
import { BY_RECORD, KnownNodes, knownTables } from './known-nodes.ts';

const DAY = 24 * 60 * 60_000;
const options = { capacity: 10, keepMs: 7 * DAY };

function fresh(): KnownNodes {
  return new KnownNodes(new MemoryDrive().open(knownTables), options);
}

describe('known nodes', () => {
  it('are known for a week after they were last seen', () => {
    const known = fresh();
    known.saw('a', 'n', 1000);
    expect(known.has('a', 1000)).toBe(true);
    expect(known.has('a', 7 * DAY + 999)).toBe(true);
    expect(known.has('a', 7 * DAY + 1000)).toBe(false);
    expect(known.has('b', 1000)).toBe(false);
    known.saw('a', 'n', 6 * DAY);
    expect(known.has('a', 12 * DAY)).toBe(true);
  });

  it('by a record that is older than what was seen are known as before', () => {
    const known = fresh();
    known.saw('a', 'a', 2 * DAY);
    known.saw('a', BY_RECORD, DAY);
    expect(known.wasNeighbour('a', 8 * DAY)).toBe(true);
    for (let i = 0; i < 100; i++) known.saw(`told ${i}`, BY_RECORD, DAY);
    expect(known.has('a', 2 * DAY)).toBe(true);
  });

  it('are pushed out by nothing that a neighbour invents but its own inventions', () => {
    const known = fresh();
    for (const id of ['a', 'b', 'c']) known.saw(id, 'honest', 0);
    known.saw('neighbour', 'neighbour', 0);
    for (let i = 0; i < 10_000; i++) known.saw(`invented ${i}`, 'liar', 0);
    for (const id of ['a', 'b', 'c', 'neighbour']) expect(known.has(id, 0)).toBe(true);
    expect(known.size).toBe(options.capacity);
    expect(known.has('invented 9999', 0)).toBe(true);
    expect(known.has('invented 0', 0)).toBe(false);
  });

  it('that were neighbours are nobody else’s to push out', () => {
    const known = fresh();
    known.saw('a', 'a', 0);
    known.saw('a', 'liar', DAY);
    for (let i = 0; i < 100; i++) known.saw(`invented ${i}`, 'liar', DAY);
    expect(known.has('a', DAY)).toBe(true);
  });

  it('are written when they change, and read back', async () => {
    const world = new World({ seed: 'known', crypto: createCrypto() });
    const ports = world.ports('host', { tables: knownTables });
    const known = new KnownNodes(ports.store, options);
    for (const id of ['a', 'b']) known.saw(id, 'n', id === 'a' ? 0 : 2 * DAY);
    await world.until(ports.store.commit(known.takeWrites()));
    expect(known.takeWrites()).toEqual([]);
    known.saw('b', 'n', 2 * DAY + 1000);
    expect(known.takeWrites()).toEqual([]);
    const later = new KnownNodes(ports.store, options);
    await world.until(later.start(8 * DAY));
    expect(later.has('a', 8 * DAY)).toBe(false);
    expect(later.has('b', 8 * DAY)).toBe(true);
    // What is too old goes from the disk as well.
    expect(later.takeWrites()).toEqual([{ op: 'delete', table: 'known_nodes', key: 'a' }]);
  });
});
