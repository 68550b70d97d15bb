import { expect, it } from 'vitest';
import { HalfMessages } from './half-messages.ts';

function place() {
  const ended: string[] = [];
  const half = new HalfMessages({ maxHalfBytes: 1000, halfMs: 60, share: 0.5 }, () => {});
  const circuit = (neighbour: string, name: string) => ({ neighbour, end: (reason: string) => void ended.push(`${name} ${reason}`) });
  return { half, ended, circuit };
}

it('of a neighbour that has more than its share of half messages the oldest circuit ends, and no other neighbour’s', () => {
  const { half, ended, circuit } = place();
  const [other, first, second] = [circuit('b', 'other'), circuit('a', 'first'), circuit('a', 'second')];
  half.holds(other, 400, 0);
  half.holds(first, 300, 0);
  half.holds(second, 200, 0);
  expect(ended).toEqual([]);
  half.holds(second, 250, 0);
  expect(ended).toEqual(['first quota']);
  expect(half.bytes).toBe(650);
});

it('of all that are half the oldest ends, whosever it is', () => {
  const { half, ended, circuit } = place();
  for (const name of ['a', 'b', 'c']) half.holds(circuit(name, name), 400, 0);
  expect(ended).toEqual(['a quota']);
});

it('a message that is whole takes up nothing, and one that is never whole ends its circuit', () => {
  const { half, ended, circuit } = place();
  const [whole, never, late] = [circuit('a', 'whole'), circuit('a', 'never'), circuit('a', 'late')];
  half.holds(whole, 100, 0);
  half.holds(never, 100, 0);
  half.holds(whole, 0, 10);
  half.holds(late, 100, 20);
  half.holds(never, 110, 50);
  half.sweep(70);
  expect(ended).toEqual(['never timeout']);
  expect(half.bytes).toBe(100);
});
