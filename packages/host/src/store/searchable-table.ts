import { ParleyError, searchWords } from '@parley/core';
import type { Database, Statements } from './database.ts';
import { limitOf, type Put, type Table } from './table.ts';
import { fromTextColumn, textColumn, toColumn } from './value.ts';

export const DEFAULT_SEARCH_LIMIT = 100;
/** More words than that are no question. */
const MAX_QUERY_WORDS = 200;
/** Up to so many matches are sorted; of more, the latest are found by walking down the keys. */
const SORTED_MATCHES = 5_000;
/** Behind every printable ASCII character: closes a range of keys with a common beginning. */
const AFTER_ALL = '\x7f';

/**
 * A table with a full-text index (FTS5). The index keeps words and row numbers and no text (`contentless`): the text is
 * in the value already. Words come from `searchWords`, so the index is told to split at spaces and fold nothing: its
 * `ascii` tokenizer takes all other characters as they are. Positions are left out (`detail=none`), since only whole
 * sets of words are asked for. Without an index of beginnings an insertion costs half, and a search for the beginning
 * of a word, a walk over neighbouring words, is still quick.
 */
export class SearchableTable implements Table {
  readonly rows: string;
  readonly #database: Database;
  readonly #index: string;
  readonly #order: string;
  readonly #sql: Readonly<Record<'insert' | 'update' | 'delete' | 'index' | 'reindex' | 'unindex', string>>;
  /** No row has a higher number. */
  #highest: number;

  constructor(database: Database, name: string) {
    this.#database = database;
    this.rows = `"t_${name}"`;
    this.#index = `"search:${name}"`;
    this.#order = `"key:${name}"`;
    this.#sql = {
      insert: `INSERT INTO ${this.rows} (id, key, value) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING`,
      update: `UPDATE ${this.rows} SET value = ? WHERE key = ? RETURNING id`,
      delete: `DELETE FROM ${this.rows} WHERE key = ? RETURNING id`,
      index: `INSERT INTO ${this.#index} (rowid, text) VALUES (?, ?)`,
      reindex: `INSERT OR REPLACE INTO ${this.#index} (rowid, text) VALUES (?, ?)`,
      unindex: `DELETE FROM ${this.#index} WHERE rowid = ?`,
    };
    this.#highest = Number(database.value(`SELECT coalesce(max(id), 0) FROM ${this.rows}`));
  }

  static create(database: Database, name: string): void {
    database.exec(`CREATE TABLE "t_${name}" (id INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB NOT NULL)`);
    database.exec(`CREATE UNIQUE INDEX "key:${name}" ON "t_${name}" (key)`);
    const options = "content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'";
    database.exec(`CREATE VIRTUAL TABLE "search:${name}" USING fts5 (text, ${options})`);
  }

  get writing(): readonly string[] {
    return Object.values(this.#sql);
  }

  put(writer: Statements, writes: readonly Put[]): void {
    for (const write of writes) this.#put(writer, write);
  }

  delete(writer: Statements, keys: readonly string[]): void {
    for (const key of keys) this.#delete(writer, key);
  }

  /** Keys of rows with all words of the query, latest first. Throws `bad-argument` for a query of too many words. */
  search(query: string, options: { readonly prefix?: string; readonly limit?: number }): string[] {
    const match = matchOf(query);
    const limit = limitOf(options.limit ?? DEFAULT_SEARCH_LIMIT);
    if (match === undefined || limit === 0) return [];
    const prefix = options.prefix ?? '';
    const found = this.#database.statement(this.#isRare(match) ? this.#sorting() : this.#walking());
    return found.all(match, prefix, prefix + AFTER_ALL, limit).map(([key]) => fromTextColumn(key));
  }

  /** The same of all keys, the rows first that were made last: the index gives them in this order, and is read no further than to the limit. */
  searchLatest(query: string, limit: number): string[] {
    const match = matchOf(query);
    if (match === undefined || limit === 0) return [];
    const from = `${this.#index} AS i CROSS JOIN ${this.rows} AS t ON t.id = i.rowid`;
    const found = this.#database.statement(
      `SELECT ${textColumn('t.key')} FROM ${from} WHERE ${this.#index} MATCH ? ORDER BY i.rowid DESC LIMIT ?`,
    );
    return found.all(match, limitOf(limit)).map(([key]) => fromTextColumn(key));
  }

  #put(writer: Statements, write: Put): void {
    const { id, isNew } = this.#upsert(writer, write);
    const text = write.text === undefined ? '' : searchWords(write.text).join(' ');
    if (text !== '') writer.statement(isNew ? this.#sql.index : this.#sql.reindex).run(id, text);
    else if (!isNew) writer.statement(this.#sql.unindex).run(id);
  }

  #delete(writer: Statements, key: string): void {
    const row = writer.statement(this.#sql.delete).first(key);
    if (row) writer.statement(this.#sql.unindex).run(Number(row[0]));
  }

  #isRare(match: string): boolean {
    const some = `SELECT 1 FROM ${this.#index} WHERE ${this.#index} MATCH ? LIMIT ${SORTED_MATCHES}`;
    return Number(this.#database.statement(`SELECT count(*) FROM (${some})`).first(match)?.[0]) < SORTED_MATCHES;
  }

  /** Looks up every match and sorts: time in proportion to the matches. */
  #sorting(): string {
    const from = `${this.#index} AS i CROSS JOIN ${this.rows} AS t ON t.id = i.rowid`;
    return `SELECT ${textColumn('t.key')} FROM ${from} WHERE ${this.#index} MATCH ? AND t.key >= ? AND t.key < ? ORDER BY t.key DESC LIMIT ?`;
  }

  /** Goes down the keys and takes what is among the matches: it does not go far, as many match. */
  #walking(): string {
    const matches = `SELECT rowid FROM ${this.#index} WHERE ${this.#index} MATCH ?`;
    const from = `${this.rows} INDEXED BY ${this.#order}`;
    return `SELECT ${textColumn('key')} FROM ${from} WHERE +id IN (${matches}) AND key >= ? AND key < ? ORDER BY key DESC LIMIT ?`;
  }

  /** The number is chosen here: to be told it by the statement (RETURNING) takes as long as the insertion. */
  #upsert(writer: Statements, { key, value }: Put): { readonly id: number; readonly isNew: boolean } {
    const next = this.#highest + 1;
    const bound = toColumn(value);
    if (writer.statement(this.#sql.insert).run(next, key, bound) === 1) {
      this.#highest = next;
      return { id: next, isNew: true };
    }
    const known = writer.statement(this.#sql.update).first(bound, key);
    if (!known) throw new ParleyError('storage', `a row of ${this.rows} was not written`);
    return { id: Number(known[0]), isNew: false };
  }
}

/** A query as the index takes it; undefined where nothing is asked for. Throws `bad-argument`. */
function matchOf(query: string): string | undefined {
  const words = searchWords(query);
  const last = words.pop();
  if (last === undefined) return undefined;
  if (words.length >= MAX_QUERY_WORDS) throw new ParleyError('bad-argument', `a search for more than ${MAX_QUERY_WORDS} words`);
  return [...new Set(words)]
    .map((word) => `"${word}" `)
    .join('')
    .concat(`"${last}"*`);
}
