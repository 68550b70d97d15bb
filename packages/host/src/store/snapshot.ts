import type { Range, Store, StoreRow, TableSpec } from '@parley/core';
import { Database } from './database.ts';
import { storageError } from './errors.ts';
import { checkHeader } from './integrity.ts';
import { readVersion } from './migrations.ts';
import { countRange, PlainTable, readRange, type Table } from './table.ts';

/** A store as it stood at one moment, to be read while a node goes on writing in it. */
export interface Snapshot extends Pick<Store, 'range' | 'count'> {
  close(): void;
}

/** Errors: `corrupt`, `unsupported`, `storage`, `in-use`. Nothing is written. */
export function openSnapshot(path: string, tables: readonly TableSpec[]): Snapshot {
  checkHeader(path);
  const database = new Database(path);
  try {
    database.exec('PRAGMA busy_timeout = 1000; PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON');
    // What is read from here on is of one moment.
    database.exec('BEGIN');
    readVersion(database);
    const there = new Map<string, Table>();
    for (const { name } of tables) {
      // A store of an earlier version has fewer.
      const found = database.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?").first(`t_${name}`);
      if (Number(found?.[0]) > 0) there.set(name, new PlainTable(name));
    }
    return {
      async range(table: string, range: Range = {}): Promise<StoreRow[]> {
        const found = there.get(table);
        return found ? readRange(database, found, range) : [];
      },
      async count(table: string, range: Range = {}): Promise<number> {
        const found = there.get(table);
        return found ? countRange(database, found, range) : 0;
      },
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw storageError(error, path);
  }
}
