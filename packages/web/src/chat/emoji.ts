import data from 'unicode-emoji-json/data-by-group.json';

export interface Emoji {
  readonly emoji: string;
  readonly name: string;
}

export interface EmojiGroup {
  readonly name: string;
  readonly emojis: readonly Emoji[];
}

/** Newer ones are empty boxes on many devices still. */
const NEWEST_VERSION = 15;

export const GROUPS: readonly EmojiGroup[] = data.map(({ name, emojis }) => ({
  name,
  emojis: emojis
    .filter(({ emoji_version }) => Number(emoji_version) <= NEWEST_VERSION)
    .map((entry) => ({ emoji: entry.emoji, name: entry.name })),
}));

const MAX_FOUND = 120;

/** Emoji whose name has every word of the query at the beginning of one of its own; exact names first. */
export function findEmoji(query: string): Emoji[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const found = GROUPS.flatMap(({ emojis }) => emojis).filter(({ name }) => {
    const parts = name.toLowerCase().split(/[\s:,-]+/);
    return words.every((word) => parts.some((part) => part.startsWith(word)));
  });
  const exact = words.join(' ');
  return found.sort((a, b) => Number(b.name === exact) - Number(a.name === exact)).slice(0, MAX_FOUND);
}
