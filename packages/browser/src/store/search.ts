import { ParleyError, searchWords } from '@parley/core';
import type { IDBPIndex } from 'idb';

export const DEFAULT_SEARCH_LIMIT = 100;
/** More words than that are no question. */
const MAX_QUERY_WORDS = 200;
/** Behind every word that begins with what stands before it: no letter has this code. */
const AFTER_WORDS = '\uffff';

/** The index of words of a table, as far as a search needs it. */
export type WordIndex = Pick<IDBPIndex<unknown, string[], string, string, 'readonly'>, 'getAllKeys' | 'count'>;

interface Query {
  /** Each a word, the last one a beginning. */
  readonly ranges: readonly IDBKeyRange[];
}

function parse(query: string): Query | undefined {
  const words = searchWords(query);
  const last = words.pop();
  if (last === undefined) return undefined;
  if (words.length >= MAX_QUERY_WORDS) throw new ParleyError('bad-argument', `a search for more than ${MAX_QUERY_WORDS} words`);
  const exact = [...new Set(words)].map((word) => IDBKeyRange.only(word));
  return { ranges: [...exact, IDBKeyRange.bound(last, last + AFTER_WORDS)] };
}

/** Keys of rows with all words of the query, latest first. Throws `bad-argument` for a query of too many words. */
export async function searchIndex(index: WordIndex, query: string, options: { prefix: string; limit: number }): Promise<string[]> {
  const parsed = parse(query);
  if (!parsed || options.limit === 0) return [];
  const counted = await Promise.all(parsed.ranges.map(async (range) => ({ range, count: await index.count(range) })));
  // The rarest first: what it does not have need not be looked for.
  counted.sort((a, b) => a.count - b.count);
  let found: Set<string> | undefined;
  for (const { range, count } of counted) {
    if (count === 0) return [];
    const keys = (await index.getAllKeys(range)) as string[];
    const before: Set<string> | undefined = found;
    found = new Set(keys.filter((key) => (before ? before.has(key) : key.startsWith(options.prefix))));
    if (found.size === 0) return [];
  }
  return [...(found ?? [])].sort().reverse().slice(0, options.limit);
}
