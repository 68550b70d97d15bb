import { existsSync, statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GroupCommit, type Log, ParleyError, type Range, type Store, type StoreRow, type StoreValue, type StoreWrite } from '@parley/core';
import type { Database } from './database.ts';
import { SearchableTable } from './searchable-table.ts';
import { countRange, type Put, readRange, readValue, type Table } from './table.ts';
import type { Writer } from './writer.ts';

const KEY = /^[\x20-\x7e]{1,512}$/;

/** What a turn sends goes out before the disk is made to wait: its commits are written in the turn after the next. */
async function afterThisTurn(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

/** The store port on an SQLite file. Reads have a connection of their own: they see what is on disk, not commits that are still under way. */
export class SqliteStore implements Store {
  readonly #database: Database;
  readonly #writer: Writer;
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #commits: GroupCommit;
  readonly #log: Log;
  readonly #released: () => void;
  #closing: Promise<void> | undefined;

  /** `released` is called when the file is free again. */
  constructor(database: Database, writer: Writer, tables: ReadonlyMap<string, Table>, log: Log, released: () => void) {
    this.#database = database;
    this.#writer = writer;
    this.#tables = tables;
    this.#log = log;
    this.#released = released;
    this.#commits = new GroupCommit((writes) => this.#transact(writes), { gather: afterThisTurn, general: ['corrupt', 'in-use'] });
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
    this.#mustBeOpen();
    if (checked.length > 0) await this.#commits.add(checked);
  }

  size(): number {
    return [this.#database.path, `${this.#database.path}-wal`].reduce((sum, path) => sum + (existsSync(path) ? statSync(path).size : 0), 0);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** What was to be committed is, first. */
  async #close(): Promise<void> {
    await this.#commits.settled();
    this.#writer.close();
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

  #mustBeOpen(): void {
    if (this.#closing) throw new ParleyError('closed', 'the store is closed');
  }

  #table(name: string): Table {
    this.#mustBeOpen();
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

  async #transact(writes: readonly StoreWrite[]): Promise<void> {
    const tables = new Map<Table, { readonly puts: Put[]; readonly deleted: string[] }>();
    for (const write of writes) {
      // It was there when the write was checked.
      const table = this.#tables.get(write.table) as Table;
      let rows = tables.get(table);
      if (!rows) {
        rows = { puts: [], deleted: [] };
        tables.set(table, rows);
      }
      if (write.op === 'put') rows.puts.push(write);
      else rows.deleted.push(write.key);
    }
    for (const table of tables.keys()) await this.#writer.prepare(table.writing);
    await this.#writer.transaction(() => {
      for (const [table, { puts, deleted }] of tables) {
        table.put(this.#writer, puts);
        table.delete(this.#writer, deleted);
      }
    });
  }
}
