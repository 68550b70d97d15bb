import { describe, expect, it } from 'vitest';
import { presenceWords } from './presence.ts';

const NOON = new Date(2025, 2, 4, 12, 0).getTime();
const at = (minutesAgo: number): string => new Date(NOON - minutesAgo * 60_000).toISOString();

describe('presenceWords', () => {
  it.each([
    [{ present: true }, ''],
    [{ present: true, presence: { state: 'here', seen: at(0) } as const }, 'here'],
    [{ present: true, presence: { state: 'away', seen: at(30) } as const }, 'away, last here 11:30'],
    [{ present: false, presence: { seen: at(30) } }, 'gone, last here 11:30'],
    [{ present: false, presence: { seen: at(24 * 60) } }, 'gone, last here 2025-03-03 12:00'],
  ])('%j: %s', (person, words) => {
    expect(presenceWords(person, NOON)).toBe(words);
  });
});
