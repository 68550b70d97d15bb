import { expect, test } from 'vitest';
import { type Comparable, compare, type Runs } from './compare.ts';

const speed: Comparable = { name: 'speed', unit: 'messages/s', better: 'more', alsoCompared: { p99_ms: 'less' } };
const size: Comparable = { name: 'size', unit: 'bytes', better: 'less' };

function runs(name: string, standing: Runs['standing'], values: readonly number[], p99?: number): Runs {
  return { name, standing, samples: values.map((value) => ({ value, also: p99 === undefined ? {} : { p99_ms: p99 } })) };
}

test('Parley is compared with the best peer and the limit by medians', () => {
  const comparison = compare(
    speed,
    'pair',
    [
      runs('parley', 'parley', [290, 300, 9_000], 5),
      runs('a', 'peer', [50, 50, 50], 1),
      runs('b', 'peer', [1, 100, 200], 20),
      runs('bare', 'limit', [600]),
    ],
    3,
  );
  expect(comparison).toMatchObject({ parley: 300, peer: 'b', peer_value: 100, ratio: 3, limit: 'bare', limit_value: 600, of_limit: 0.5 });
  expect(comparison.also).toEqual({ p99_ms: { parley: 5, peer_value: 20, ratio: 4, limit_value: null, of_limit: null } });
  expect(comparison.subjects.map((subject) => subject.ratio)).toEqual([null, 6, 3, 0.5]);
});

test('a goal is reached by the ratio or by the share of the limit', () => {
  const others = [runs('a', 'peer', [100]), runs('bare', 'limit', [400])];
  const reached = (parley: number, goal: { ratio: number; of_limit?: number }, all = others): boolean | null =>
    compare({ ...speed, goals: { pair: goal } }, 'pair', [runs('parley', 'parley', [parley]), ...all], 1).reached;
  expect(reached(210, { ratio: 2 })).toBe(true);
  expect(reached(190, { ratio: 2 })).toBe(false);
  expect(reached(250, { ratio: 3, of_limit: 0.6 })).toBe(true);
  expect(reached(230, { ratio: 3, of_limit: 0.6 })).toBe(false);
  expect(reached(230, { ratio: 3 }, [])).toBeNull();
  expect(compare(speed, 'pair', others, 1)).toMatchObject({ goal: null, reached: null });
});

test('where less is better a ratio above 1 still means that Parley is better', () => {
  const comparison = compare(
    size,
    'pair',
    [runs('parley', 'parley', [50]), runs('a', 'peer', [100]), runs('b', 'peer', [300]), runs('bare', 'limit', [40])],
    1,
  );
  expect(comparison).toMatchObject({ peer: 'a', ratio: 2, of_limit: 0.8 });
});

test('whoever did not run is null, and nothing is compared with it', () => {
  const comparison = compare(speed, 'pair', [runs('parley', 'parley', []), runs('a', 'peer', [50])], 1);
  expect(comparison).toMatchObject({
    parley: null,
    peer: 'a',
    peer_value: 50,
    ratio: null,
    limit: null,
    limit_value: null,
    of_limit: null,
  });
});
