import { describe, expect, it } from 'vitest';
import { type Acting, checkEmoji, standingOf } from './act.ts';

const AUTHOR = 'ann';
const OWNER = 'olga';

let made = 0;
function act(kind: string, sender: string, at: number, text = ''): Acting {
  made += 1;
  const about = { kind, msgId: 'm', sender: AUTHOR, seq: 1 };
  return { channelId: 'c', sender, keyId: sender, msgId: `a${made}`, seq: made, timestamp: at, text, attachments: [], act: about };
}

const owner = ({ sender }: Acting): boolean => sender === OWNER;
const standing = (...acts: Acting[]) => standingOf(acts, { writes: ({ sender }) => sender === AUTHOR, moderates: owner, pins: owner });

describe('what became of a message', () => {
  it('is nothing where nobody did anything', () => {
    expect(standing()).toBeUndefined();
    expect(standing(act('react', 'bob', 1, '👍'), act('unreact', 'bob', 2, '👍'))).toBeUndefined();
  });

  it('is the latest edit of its author, in whatever order they came', () => {
    const acts = [act('edit', AUTHOR, 3, 'third'), act('edit', AUTHOR, 1, 'first'), act('edit', AUTHOR, 2, 'second')];
    expect(standing(...acts)).toEqual({ edited: { text: 'third', at: 3 } });
    expect(standing(...acts.reverse())).toEqual({ edited: { text: 'third', at: 3 } });
  });

  it('is not changed by the edits and deletions of others', () => {
    expect(standing(act('edit', 'bob', 1, 'lies'), act('delete', 'bob', 2), act('pin', 'bob', 3))).toBeUndefined();
  });

  it('is deleted for good by its author, or by who owns the channel', () => {
    expect(
      standing(act('edit', AUTHOR, 1, 'x'), act('delete', AUTHOR, 2), act('edit', AUTHOR, 3, 'y'), act('react', 'bob', 4, '👍')),
    ).toEqual({
      deleted: { by: AUTHOR, at: 2 },
    });
    expect(standing(act('delete', OWNER, 2))).toEqual({ deleted: { by: OWNER, at: 2 } });
  });

  it('counts each reaction of each once', () => {
    const acts = [act('react', 'bob', 1, '👍'), act('react', 'bob', 2, '👍'), act('react', 'cleo', 3, '👍'), act('react', 'cleo', 4, '🎉')];
    expect(standing(...acts)).toEqual({
      reactions: [
        { emoji: '👍', by: ['bob', 'cleo'] },
        { emoji: '🎉', by: ['cleo'] },
      ],
    });
  });

  it('holds a bounded number of different reactions, and of one member so few that there are some left for others', () => {
    const emoji = (index: number): string => String.fromCodePoint(0x1f600 + index);
    const all = (sender: string, from = 0): Acting[] =>
      Array.from({ length: 100 }, (_, index) => act('react', sender, index, emoji(from + index)));
    expect(standing(...all('bob'))?.reactions).toHaveLength(8);
    expect(standing(...all('bob'), act('react', 'cleo', 200, '🎉'))?.reactions?.at(-1)).toEqual({ emoji: '🎉', by: ['cleo'] });
    // One that is taken back makes room for another.
    expect(standing(...all('bob'), act('unreact', 'bob', 200, emoji(0)), act('react', 'bob', 201, '🎉'))?.reactions).toHaveLength(8);
    expect(standing(...['bob', 'cleo', 'dan', 'eve', 'fay'].flatMap((name, index) => all(name, 100 * index)))?.reactions).toHaveLength(32);
  });

  it('is pinned until it is not', () => {
    expect(standing(act('pin', OWNER, 1))).toEqual({ pinned: { by: OWNER, at: 1 } });
    expect(standing(act('pin', OWNER, 1), act('unpin', OWNER, 2))).toBeUndefined();
  });

  it('leaves kinds of later versions aside', () => {
    expect(standing(act('transmogrify', AUTHOR, 1, 'x'))).toBeUndefined();
  });
});

describe('a reaction', () => {
  it('is an emoji, with all that it is made of', () => {
    for (const emoji of ['👍', '👍🏽', '👨‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '❤️', '+1']) expect(() => checkEmoji(emoji)).not.toThrow();
  });

  it('is no text', () => {
    for (const text of ['', ' ', 'two words', 'a\nb', '\u200d', '\u202e👍', 'x'.repeat(65)])
      expect(() => checkEmoji(text)).toThrow('an emoji');
  });
});
