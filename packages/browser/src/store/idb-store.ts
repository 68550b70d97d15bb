import {
  GroupCommit,
  type Log,
  ParleyError,
  type Range,
  type Store,
  type StoreRow,
  type StoreValue,
  type StoreWrite,
  searchWords,
} from '@parley/core';
import { type IDBPDatabase, unwrap } from 'idb';
import { storageError } from './errors.ts';
import { DEFAULT_RANGE_LIMIT, keysOf, limitOf } from './ranges.ts';
import { DEFAULT_SEARCH_LIMIT, searchTable } from './search.ts';

const KEY = /^[\x20-\x7e]{1,512}$/;

/** How a row of a searchable table is kept. */
interface SearchableRow {
  readonly value: StoreValue;
  readonly words?: readonly string[];
}

export interface IdbStoreOptions {
  /** Whether rows of a declared table carry text for search. */
  readonly tables: ReadonlyMap<string, boolean>;
  /** Bytes used when the store was opened. */
  readonly usedBytes: number;
  readonly log: Log;
  /** Called when others may open it. */
  readonly released: () => void;
  /** The browser ended the store by itself: its data were cleared, say. */
  readonly onLost: (error: ParleyError) => void;
}

/** The store port on an IndexedDB database. Reads see what is on disk, not commits that are still under way. */
export class IdbStore implements Store {
  readonly #database: IDBPDatabase;
  readonly #options: IdbStoreOptions;
  readonly #commits: GroupCommit;
  #writtenBytes = 0;
  #closing: Promise<void> | undefined;
  #lost: ParleyError | undefined;

  constructor(database: IDBPDatabase, options: IdbStoreOptions) {
    this.#database = database;
    this.#options = options;
    this.#commits = new GroupCommit((writes) => this.#transact(writes), {
      // What is called in the same turn belongs together.
      gather: () => Promise.resolve(),
      general: ['closed', 'storage'],
    });
    database.addEventListener('close', () => this.#onLost('this browser ended the storage of the page: was it cleared?'));
    database.addEventListener('versionchange', () => {
      this.#onLost('the storage of this page is being removed, or used by a newer version of Parley');
      database.close();
    });
  }

  async get(table: string, key: string): Promise<StoreValue | undefined> {
    const searchable = this.#table(table);
    return this.#read(async () => {
      const row: unknown = await this.#database.get(table, key);
      return row === undefined ? undefined : storedValue(row, searchable);
    });
  }

  async range(table: string, range: Range = {}): Promise<StoreRow[]> {
    const searchable = this.#table(table);
    const keys = keysOf(range);
    const limit = limitOf(range.limit ?? DEFAULT_RANGE_LIMIT);
    if (keys === 'none' || limit === 0) return [];
    const query = keys === 'all' ? null : keys;
    return this.#read(() => (range.reverse === true ? this.#backwards(table, query, limit) : this.#forwards(table, query, limit))).then(
      (rows) => rows.map(({ key, row }) => ({ key, value: storedValue(row, searchable) })),
    );
  }

  async count(table: string, range: Range = {}): Promise<number> {
    this.#table(table);
    const keys = keysOf(range);
    if (keys === 'none') return 0;
    return this.#read(() => this.#database.count(table, keys === 'all' ? null : keys));
  }

  async search(table: string, query: string, options: { prefix?: string; limit?: number } = {}): Promise<string[]> {
    if (!this.#table(table)) return [];
    const { prefix = '', limit = DEFAULT_SEARCH_LIMIT } = options;
    return this.#read(() => searchTable(this.#database.transaction(table).store, query, { prefix, limit: limitOf(limit) }));
  }

  async commit(writes: readonly StoreWrite[]): Promise<void> {
    const checked = writes.map((write) => this.#check(write));
    this.#expectOpen();
    if (checked.length > 0) await this.#commits.add(checked);
  }

  /** An estimate: what the browser said when the store was opened, and what was written since. */
  size(): number {
    return this.#options.usedBytes + this.#writtenBytes;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.settled();
    this.#database.close();
    this.#options.released();
  }

  #onLost(why: string): void {
    if (this.#lost || this.#closing) return;
    this.#lost = new ParleyError('storage', why);
    this.#options.log.error('the store was lost', { error: why });
    this.#options.onLost(this.#lost);
  }

  #expectOpen(): void {
    if (this.#closing) throw new ParleyError('closed', 'the store is closed');
    if (this.#lost) throw this.#lost;
  }

  /** Whether the table is searchable. */
  #table(name: string): boolean {
    this.#expectOpen();
    const searchable = this.#options.tables.get(name);
    if (searchable === undefined) throw new ParleyError('bad-argument', `no table ${name}`);
    return searchable;
  }

  /** The write, with bytes that nobody else can change any more, nor a buffer around them that would be kept along. */
  #check(write: StoreWrite): StoreWrite {
    this.#table(write.table);
    if (!KEY.test(write.key)) throw new ParleyError('bad-argument', 'a key is 1 to 512 printable ASCII characters');
    return write.op === 'put' && typeof write.value !== 'string' ? { ...write, value: new Uint8Array(write.value) } : write;
  }

  async #read<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw this.#lost ?? storageError(error);
    }
  }

  async #forwards(table: string, query: IDBKeyRange | null, limit: number): Promise<{ key: string; row: unknown }[]> {
    const { store } = this.#database.transaction(table);
    const [keys, rows] = await Promise.all([store.getAllKeys(query, limit), store.getAll(query, limit)]);
    return keys.map((key, i) => ({ key: key as string, row: rows[i] as unknown }));
  }

  async #backwards(table: string, query: IDBKeyRange | null, limit: number): Promise<{ key: string; row: unknown }[]> {
    const found: { key: string; row: unknown }[] = [];
    let cursor = await this.#database.transaction(table).store.openCursor(query, 'prev');
    while (cursor) {
      found.push({ key: cursor.key as string, row: cursor.value as unknown });
      cursor = found.length < limit ? await cursor.continue() : null;
    }
    return found;
  }

  async #transact(writes: Iterable<StoreWrite>): Promise<void> {
    if (this.#lost) throw this.#lost;
    const all = [...writes];
    const names = [...new Set(all.map(({ table }) => table))];
    let bytes = 0;
    try {
      const transaction = this.#database.transaction(names, 'readwrite', { durability: 'strict' });
      // Single requests need no promise of their own: the transaction tells how they went.
      const plain = unwrap(transaction);
      for (const write of all) {
        const store = plain.objectStore(write.table);
        if (write.op === 'delete') store.delete(write.key);
        else store.put(this.#options.tables.get(write.table) === true ? searchableRow(write) : write.value, write.key);
        if (write.op === 'put') bytes += write.key.length + write.value.length + (write.text?.length ?? 0);
      }
      plain.commit();
      await transaction.done;
    } catch (error) {
      throw this.#lost ?? storageError(error);
    }
    this.#writtenBytes += bytes;
  }
}

function searchableRow(write: Extract<StoreWrite, { op: 'put' }>): SearchableRow {
  return write.text === undefined ? { value: write.value } : { value: write.value, words: [...new Set(searchWords(write.text))] };
}

function storedValue(row: unknown, searchable: boolean): StoreValue {
  return searchable ? (row as SearchableRow).value : (row as StoreValue);
}
