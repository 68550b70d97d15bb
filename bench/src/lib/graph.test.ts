import { expect, test } from 'vitest';
import { regularGraph } from './graph.ts';

test('every node has exactly the degree asked for, by distinct edges to other nodes', () => {
  for (let seed = 1; seed <= 5; seed++) {
    const edges = regularGraph(20, 6, seed);
    const neighbours = Array.from({ length: 20 }, () => new Set<number>());
    for (const [low, high] of edges) {
      expect(low).toBeLessThan(high);
      neighbours[low]?.add(high);
      neighbours[high]?.add(low);
    }
    expect(neighbours.map((each) => each.size)).toEqual(neighbours.map(() => 6));
  }
});

test('every node can reach every other', () => {
  // Of degree 2, most random graphs fall apart into several rings.
  for (let seed = 1; seed <= 30; seed++) {
    const edges = regularGraph(12, 2, seed);
    const reached = new Set([0]);
    for (const node of reached) {
      for (const [low, high] of edges) {
        if (low === node) reached.add(high);
        if (high === node) reached.add(low);
      }
    }
    expect(reached.size).toBe(12);
  }
});

test('a seed gives one graph, another seed another', () => {
  expect(regularGraph(20, 6, 7)).toEqual(regularGraph(20, 6, 7));
  expect(regularGraph(20, 6, 7)).not.toEqual(regularGraph(20, 6, 8));
});

test('refuses what cannot be', () => {
  expect(() => regularGraph(5, 3, 1)).toThrow(RangeError);
  expect(() => regularGraph(4, 4, 1)).toThrow(RangeError);
});
