import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SortedMap } from './sorted.ts';

const key = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '~', ' '), minLength: 1, maxLength: 4 });

it('is a map in the order of its keys', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.option(fc.nat()))), key, (steps, from) => {
      const map = new SortedMap<number>();
      const model = new Map<string, number>();
      for (const [name, value] of steps) {
        if (value === null) {
          expect(map.delete(name)).toBe(model.delete(name));
        } else {
          map.set(name, value);
          model.set(name, value);
        }
      }
      const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
      expect(map.size).toBe(model.size);
      expect([...map.ascending()]).toEqual(sorted);
      expect([...map.descending()]).toEqual([...sorted].reverse());
      expect([...map.ascending(from)]).toEqual(sorted.filter(([name]) => name >= from));
      expect([...map.descending(from)]).toEqual(sorted.filter(([name]) => name <= from).reverse());
      expect(map.get(from)).toBe(model.get(from));
    }),
  );
});

it('stays in order over many chunks', () => {
  const map = new SortedMap<number>();
  const names = Array.from({ length: 5000 }, (_, i) => ((i * 7919) % 5000).toString().padStart(5, '0'));
  for (const name of names) map.set(name, Number(name));
  for (const name of names) if (Number(name) % 3 === 0) map.delete(name);
  const expected = [...names].sort().filter((name) => Number(name) % 3 !== 0);
  expect([...map.ascending()].map(([name]) => name)).toEqual(expected);
  expect([...map.descending('02500')].map(([name]) => name)).toEqual(expected.filter((name) => name <= '02500').reverse());
});
