import { describe, expect, it } from 'vitest';
import { Shelf, type Shelved } from './shelf.ts';

const NOW = 1000;
const record = (key: string, changes: Partial<Shelved> = {}): Shelved => ({
  key,
  seq: 1,
  expires: NOW + 60_000,
  size: 100,
  nearness: 0,
  ...changes,
});
const shelf = (changes: { records?: number; bytes?: number } = {}): Shelf<Shelved> =>
  new Shelf({ records: 8, bytes: 10_000, changes: 2, changeMs: 1000, ...changes });

describe('Shelf', () => {
  it('keeps the newest of each node', () => {
    const held = shelf();
    expect(held.put(record('a', { seq: 5 }), 's', NOW).outcome).toBe('stored');
    expect(held.put(record('a', { seq: 5 }), 's', NOW).outcome).toBe('same');
    expect(held.put(record('a', { seq: 4 }), 's', NOW).outcome).toBe('stale');
    expect(held.put(record('a', { seq: 6, size: 50 }), 's', NOW).outcome).toBe('stored');
    expect(held.get('a', NOW)?.seq).toBe(6);
    expect([held.size, held.bytes]).toEqual([1, 50]);
  });

  it('takes and gives nothing that has expired', () => {
    const held = shelf();
    expect(held.put(record('a', { expires: NOW }), 's', NOW).outcome).toBe('expired');
    held.put(record('b', { expires: NOW + 10 }), 's', NOW);
    expect(held.get('b', NOW + 9)).toBeDefined();
    expect(held.get('b', NOW + 10)).toBeUndefined();
    expect(held.expire(NOW + 10).map(({ key }) => key)).toEqual(['b']);
    expect([held.size, held.bytes]).toEqual([0, 0]);
  });

  it('takes so many changes of one record, and more as time goes by', () => {
    const held = shelf();
    const put = (seq: number, now: number) => held.put(record('a', { seq }), 's', now).outcome;
    expect([put(1, NOW), put(2, NOW), put(3, NOW)]).toEqual(['stored', 'stored', 'key-quota']);
    expect(put(3, NOW + 1000)).toBe('stored');
    expect(put(4, NOW + 1000)).toBe('key-quota');
  });

  it('lets one source put up half of it at most, and leaves room for others', () => {
    const held = shelf({ records: 100, bytes: 1e6 });
    for (let i = 0; i < 200; i++) held.put(record(`a${i}`), 'a', NOW);
    expect(held.size).toBe(50);
    expect(held.put(record('more'), 'a', NOW).outcome).toBe('source-quota');
    for (let i = 0; i < 200; i++) held.put(record(`b${i}`), 'b', NOW);
    expect(held.size).toBe(75);
    expect(held.put(record('c'), 'c', NOW).outcome).toBe('stored');
    expect(held.sourceOf('c')).toBe('c');
  });

  it('counts bytes as it counts records', () => {
    const held = shelf({ records: 1000, bytes: 1000 });
    for (let i = 0; i < 20; i++) held.put(record(`a${i}`), 'a', NOW);
    expect(held.bytes).toBe(500);
  });

  it('prefers what is nearer', () => {
    const held = shelf({ records: 128, bytes: 1e6 });
    for (let i = 0; i < 128; i++) held.put(record(`x${i}`, { nearness: i < 2 ? 1 : 5 }), undefined, NOW);
    expect(held.put(record('near', { nearness: 6 }), 'a', NOW)).toMatchObject({ outcome: 'stored', gone: [{ key: 'x0' }] });
    expect(held.put(record('nearer', { nearness: 6 }), 'b', NOW)).toMatchObject({ outcome: 'stored', gone: [{ key: 'x1' }] });
    expect(held.put(record('far', { nearness: 5 }), 'c', NOW)).toMatchObject({ outcome: 'full', gone: [] });
    // Whoever holds more than its share of what comes free waits until there is room.
    expect(held.put(record('again', { nearness: 6 }), 'a', NOW).outcome).toBe('stored');
    expect(held.put(record('too much', { nearness: 6 }), 'a', NOW).outcome).toBe('source-quota');
    expect(held.size).toBe(128);
  });
});
