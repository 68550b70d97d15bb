import { describe, expect, it } from 'vitest';
import { inTurn } from './in-turn.ts';

const kindOf = (item: string): string => item[0] ?? '';

describe('in turn', () => {
  it('comes one of each kind, in order, until none is left', () => {
    expect(inTurn(['a1', 'a2', 'a3', 'b1', 'c1', 'c2'], kindOf)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
    expect(inTurn([], kindOf)).toEqual([]);
  });

  it('come so many, and of those who have few all', () => {
    const many = Array.from({ length: 1000 }, (_, i) => `a${i}`);
    expect(inTurn([...many, 'b1', 'b2'], kindOf, 5)).toEqual(['a0', 'b1', 'a1', 'b2', 'a2']);
  });
});
