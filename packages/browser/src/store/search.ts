import { ParleyError, searchWords } from '@parley/core';
import type { IDBPObjectStore } from 'idb';

export const DEFAULT_SEARCH_LIMIT = 100;
/** Index of a searchable table: each word of each row. */
export const WORDS = 'words';
/** More words than that are no question. */
const MAX_QUERY_WORDS = 200;
/** Behind every word that begins with what stands before it: no letter has this code. */
const AFTER_WORDS = '\uffff';
/** Behind every printable ASCII character: closes a range of keys with a common beginning. */
const AFTER_KEYS = '\x7f';
/** The rows of a word with at most so many are looked up all at once; of a more common one the latest are soon found by going back. */
const RARE = 1_000;

/** A table with an index of words, in a transaction. */
export type SearchableTable = IDBPObjectStore<unknown, string[], string, 'readonly'>;

/** A word that a row has to have; `start`: a word that begins like this. */
interface Term {
  readonly word: string;
  readonly start: boolean;
}

interface Scope {
  readonly prefix: string;
  readonly limit: number;
}

function parse(query: string): Term[] {
  const words = searchWords(query);
  const last = words.pop();
  if (last === undefined) return [];
  if (words.length >= MAX_QUERY_WORDS) throw new ParleyError('bad-argument', `a search for more than ${MAX_QUERY_WORDS} words`);
  return [...[...new Set(words)].map((word) => ({ word, start: false })), { word: last, start: true }];
}

function rangeOf({ word, start }: Term): IDBKeyRange {
  return start ? IDBKeyRange.bound(word, word + AFTER_WORDS) : IDBKeyRange.only(word);
}

function hasAll(row: unknown, terms: readonly Term[]): boolean {
  const { words = [] } = row as { readonly words?: readonly string[] };
  return terms.every(({ word, start }) => (start ? words.some((other) => other.startsWith(word)) : words.includes(word)));
}

/** Keys of rows with all words of the query, latest first. Throws `bad-argument` for a query of too many words. */
export async function searchTable(table: SearchableTable, query: string, scope: Scope): Promise<string[]> {
  const terms = parse(query);
  if (terms.length === 0 || scope.limit === 0) return [];
  const index = table.index(WORDS);
  const looked = await Promise.all(
    terms.map(async (term) => ({ term, keys: (await index.getAllKeys(rangeOf(term), RARE + 1)) as string[] })),
  );
  const rare = looked.filter(({ keys }) => keys.length <= RARE).map(({ keys }) => keys);
  const common = looked.filter(({ keys }) => keys.length > RARE).map(({ term }) => term);
  return rare.length > 0 ? amongRare(table, rare, common, scope) : amongCommon(table, common, scope);
}

/** The rows that all rare words have in common, as far as they have the common words too. */
async function amongRare(table: SearchableTable, rare: readonly string[][], common: readonly Term[], scope: Scope): Promise<string[]> {
  const [first = [], ...others] = [...rare].sort((a, b) => a.length - b.length);
  const sets = others.map((keys) => new Set(keys));
  const all = [...new Set(first)].filter((key) => key.startsWith(scope.prefix) && sets.every((set) => set.has(key)));
  all.sort().reverse();
  if (common.length === 0) return all.slice(0, scope.limit);
  const found: string[] = [];
  for (const key of all) {
    if (found.length >= scope.limit) break;
    if (hasAll(await table.get(key), common)) found.push(key);
  }
  return found;
}

/** Goes back from the latest row, or from the latest with the first word, and takes those that have them all. */
async function amongCommon(table: SearchableTable, terms: readonly Term[], { prefix, limit }: Scope): Promise<string[]> {
  const whole = terms.find(({ start }) => !start);
  const last = prefix + AFTER_KEYS;
  const found: string[] = [];
  let cursor = whole
    ? await table.index(WORDS).openCursor(IDBKeyRange.only(whole.word), 'prev')
    : await table.openCursor(IDBKeyRange.bound(prefix, last), 'prev');
  if (whole && cursor && 'continuePrimaryKey' in cursor && prefix !== '' && (cursor.primaryKey as string) > last) {
    cursor = await cursor.continuePrimaryKey(whole.word, last);
  }
  while (cursor && found.length < limit) {
    const key = cursor.primaryKey as string;
    if (key < prefix) break;
    if (key.startsWith(prefix) && hasAll(cursor.value, terms)) found.push(key);
    cursor = found.length < limit ? await cursor.continue() : null;
  }
  return found;
}
