import { existsSync, statSync } from 'node:fs';
import { type Log, ParleyError, type Range, type Store, type StoreRow, type StoreValue, type StoreWrite } from '@parley/core';
import { type Database, inTransaction } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { SearchableTable } from './searchable-table.ts';
import { countRange, readRange, readValue, type Table } from './table.ts';

const KEY = /^[\x20-\x7e]{1,512}$/;

/** The store port on an SQLite file. Reads see what is on disk, not commits that are still under way. */
export class SqliteStore implements Store {
  readonly #database: Database;
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #commits: GroupCommit;
  readonly #log: Log;
  readonly #released: () => void;
  #closed = false;

  /** `released` is called when the file is free again. */
  constructor(database: Database, tables: ReadonlyMap<string, Table>, log: Log, released: () => void) {
    this.#database = database;
    this.#tables = tables;
    this.#log = log;
    this.#released = released;
    this.#commits = new GroupCommit((writes) => this.#transact(writes));
  }

  async get(table: string, key: string): Promise<StoreValue | undefined> {
    return readValue(this.#database, this.#table(table), key);
  }

  async range(table: string, range: Range = {}): Promise<StoreRow[]> {
    return readRange(this.#database, this.#table(table), range);
  }

  async count(table: string, range: Range = {}): Promise<number> {
    return countRange(this.#database, this.#table(table), range);
  }

  async search(table: string, query: string, options: { prefix?: string; limit?: number } = {}): Promise<string[]> {
    const found = this.#table(table);
    return found instanceof SearchableTable ? found.search(query, options) : [];
  }

  async searchLatest(table: string, query: string, limit: number): Promise<string[]> {
    const found = this.#table(table);
    return found instanceof SearchableTable ? found.searchLatest(query, limit) : [];
  }

  async commit(writes: readonly StoreWrite[]): Promise<void> {
    const checked = writes.map((write) => this.#check(write));
    if (this.#closed) throw new ParleyError('closed', 'the store is closed');
    if (checked.length > 0) await this.#commits.add(checked);
  }

  size(): number {
    return [this.#database.path, `${this.#database.path}-wal`].reduce((sum, path) => sum + (existsSync(path) ? statSync(path).size : 0), 0);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#commits.flush();
    this.#closed = true;
    try {
      // The journal is empty after that, and the file whole by itself.
      this.#database.value('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch (error) {
      // What was committed is in the journal, and is found there when the file is opened next.
      this.#log.warn('the journal of the store could not be emptied', { error });
    }
    this.#database.close();
    this.#released();
  }

  #table(name: string): Table {
    if (this.#closed) throw new ParleyError('closed', 'the store is closed');
    const table = this.#tables.get(name);
    if (!table) throw new ParleyError('bad-argument', `no table ${name}`);
    return table;
  }

  /** The write, with bytes that nobody else can change any more. */
  #check(write: StoreWrite): StoreWrite {
    this.#table(write.table);
    if (!KEY.test(write.key)) throw new ParleyError('bad-argument', 'a key is 1 to 512 printable ASCII characters');
    // Not `slice`, which for a Buffer makes no copy.
    return write.op === 'put' && typeof write.value !== 'string' ? { ...write, value: new Uint8Array(write.value) } : write;
  }

  #transact(writes: Iterable<StoreWrite>): void {
    inTransaction(this.#database, () => {
      for (const write of writes) {
        const table = this.#table(write.table);
        if (write.op === 'put') table.put(write);
        else table.delete(write.key);
      }
    });
  }
}
