import { describe, expect, it } from 'vitest';
import { Blame } from './blame.ts';

const blame = () => new Blame({ capacity: 100, keepMs: 1000 });
const all = ['a', 'b', 'c', 'd', 'e'];
const doubted = (of: Blame, now = 0): string[] => all.filter((hop) => of.doubts(hop, now));

describe('whom it is put down to that circuits fail', () => {
  it('is who failed alone', () => {
    const of = blame();
    of.failed(['a'], 0);
    expect(doubted(of)).toEqual(['a']);
    expect(doubted(of, 1000)).toEqual([]);
  });

  it('is nobody after one failure of several', () => {
    const of = blame();
    of.failed(['a', 'b', 'c'], 0);
    of.failed(['a', 'b', 'c'], 0);
    expect(doubted(of)).toEqual([]);
  });

  it('is the one who was there each time, and none of those whom it fails with', () => {
    const of = blame();
    for (const honest of ['b', 'c', 'd', 'e']) of.failed(['a', honest], 0);
    expect(doubted(of)).toEqual(['a']);
  });

  it('is both where each failed with others too', () => {
    const of = blame();
    of.failed(['a', 'b'], 0);
    of.failed(['a', 'c'], 0);
    of.failed(['b', 'd'], 500);
    expect(doubted(of, 500)).toEqual(['a', 'b']);
    expect(doubted(of, 1100)).toEqual([]);
  });
});
