import { expect, it } from 'vitest';
import { channelDefaults } from './config.ts';
import { Wanting } from './wanting.ts';

it('asks a member not again for what did not count from it, and others all the same', () => {
  const wanting = new Wanting(channelDefaults);
  const theirs = new Map([['ann', { seq: 3, from: 1, lack: [] }]]);
  const wanted = (member: string): number[][] => wanting.of(member, 'channel', theirs, new Map()).map(({ from, to }) => [from, to]);
  expect(wanting.refused('ben', { channelId: 'channel', sender: 'ann', seq: 2 })).toBe(false);
  expect([wanted('ben'), wanted('cat')]).toEqual([
    [
      [1, 1],
      [3, 3],
    ],
    [[1, 3]],
  ]);
});
