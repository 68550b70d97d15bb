import { expect, it } from 'vitest';
import { NamedFiles } from './named.ts';

/** `uses`: `CHANNEL SENDER` of messages that name the file. The first conversation goes on in the second. */
function named(...uses: string[]): NamedFiles {
  const namesFile = async (_: string, channelId: string, sender?: string): Promise<boolean> =>
    uses.some((use) => (sender === undefined ? use.startsWith(`${channelId} `) : use === `${channelId} ${sender}`));
  const attached = { namesFile, filesOver: async () => [], fileSettled: async () => {} };
  const channels = () => [{ id: 'second' }, { id: 'lobby' }];
  return new NamedFiles({
    self: 'ann',
    attached,
    channels,
    home: (id) => (id === 'first' ? 'second' : id),
    line: (id) => (id === 'second' ? ['second', 'first'] : [id]),
  });
}

const file = { root: 'root', channelId: 'first' };

it('a file is named where it came from, where that goes on, and where this user sends it', async () => {
  expect(await named('first ben').isIn(file, 'first')).toBe(true);
  expect(await named('second ben').isIn(file, 'second')).toBe(true);
  expect(await named('second ben').isIn(file, 'first')).toBe(false);
  expect(await named('lobby ben').isIn(file, 'lobby')).toBe(false);
  expect(await named('lobby ben', 'lobby ann').isIn(file, 'lobby')).toBe(true);
});

it('a file stays as long as a message that counts names it, in a channel that is no more too', async () => {
  expect(await named('first ben').isAnywhere(file)).toBe(true);
  expect(await named('second ben').isAnywhere(file)).toBe(true);
  expect(await named('lobby ann').isAnywhere(file)).toBe(true);
  expect(await named('lobby ben').isAnywhere(file)).toBe(false);
});

it('what goes elsewhere does not take a file with it', () => {
  const counts = (channelId: string, sender: string): boolean => named().counts(file, { channelId, sender });
  expect([counts('first', 'ben'), counts('second', 'ben'), counts('lobby', 'ann'), counts('lobby', 'ben')]).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
