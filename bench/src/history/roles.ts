/** How long some questions took, in milliseconds. */
export interface Times {
  readonly median: number;
  readonly slowest: number;
}

/** Writes messages down, and ends. */
export interface Writer {
  /** Conversations of so many messages each. Where they are. */
  write(conversations: number, messages: number): Promise<string>;
}

/** Opens what the writer left, in a process of its own: nothing of it is in memory. */
export interface Reader {
  open(place: string): Promise<void>;
  /** The latest messages of a conversation, the first time; each conversation once. */
  latest(conversations: number): Promise<Times>;
  /** Full-text search over all conversations. */
  search(queries: readonly string[]): Promise<Times>;
  close(): Promise<void>;
}

export interface HistoryRoles {
  writer: Writer;
  reader: Reader;
}

export const pageSize = 50;
const WORDS = ['garden', 'river', 'stone', 'bread', 'window', 'letter', 'winter', 'market', 'silver', 'orchard', 'lantern', 'harbour'];

/** Ten words: a few that are everywhere, one that is rare, and one that is nowhere else. */
export function textOf(index: number): string {
  const some = Array.from({ length: 8 }, (_, i) => WORDS[(index * (i + 3) + i * i) % WORDS.length]);
  return `${some.join(' ')} rare${index % 5000} number${index}`;
}

/** What people look for: a word that is there once, a rare one, one that is everywhere, several, the beginning of one, none. */
export const queriesFor = (messages: number): string[] => [
  `number${messages >> 1}`,
  'rare77',
  'garden',
  'river lantern',
  'harbour market rare42',
  'lant',
  'nowhere',
];

/** Runs questions one after another. */
export async function timed(questions: readonly (() => Promise<unknown> | unknown)[]): Promise<Times> {
  const took: number[] = [];
  for (const ask of questions) {
    const from = performance.now();
    await ask();
    took.push(performance.now() - from);
  }
  took.sort((a, b) => a - b);
  return { median: took[took.length >> 1] ?? Number.NaN, slowest: took.at(-1) ?? Number.NaN };
}
