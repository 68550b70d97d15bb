import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Log, ParleyError, type Store, silentLog, type TableSpec } from '@parley/core';
import { Database, inTransaction } from './database.ts';
import { storageError } from './errors.ts';
import { checkHeader, checkIntegrity } from './integrity.ts';
import { migrate, readVersion } from './migrations.ts';
import { SearchableTable } from './searchable-table.ts';
import { SqliteStore } from './sqlite-store.ts';
import { PlainTable, type Table } from './table.ts';
import { fromTextColumn, textColumn } from './value.ts';
import { LOCK_TIMEOUT_MS, Writer } from './writer.ts';

export interface SqliteStoreOptions {
  readonly log?: Log;
  /** The file grows no larger: `storage-full` above that. Default: what the disk holds. */
  readonly maxBytes?: number;
}

/** The journal is copied into the file when it has so many pages (16 MiB), and shortened when it has grown beyond. */
const CHECKPOINT_PAGES = 2_000;
const JOURNAL_BYTES = 32 * 1024 * 1024;
/** A page of a new file: with twice SQLite's 4 KiB, six messages share one. */
const PAGE_BYTES = 8 * 1024;
const CACHE_KIB = 16 * 1024;

const TABLE = /^[a-z0-9_]{1,64}$/;

/** Files open in this process: a second store on one file would not see what the first keeps in memory. */
const open = new Set<string>();

/**
 * Opens the store in the file at `path`, made when it is not there (mode 0600), its directory must be. Every commit is on
 * disk (WAL, synchronous FULL) when it resolves.
 * Errors: `in-use`, `corrupt`, `storage-full`, `storage`, `unsupported` (the file of a later version, or of another
 * program), `bad-argument` (a table's name). A file that cannot be used is left as it is.
 */
export async function openSqliteStore(path: string, tables: readonly TableSpec[], options: SqliteStoreOptions = {}): Promise<Store> {
  const file = resolve(path);
  for (const { name } of tables) if (!TABLE.test(name)) throw new ParleyError('bad-argument', `not a table name: ${name}`);
  if (open.has(file)) throw new ParleyError('in-use', `${file} is open already`, { data: { path: file } });
  makeFile(file);
  const database = new Database(file);
  open.add(file);
  try {
    const found = prepare(database, tables, options);
    const writer = await Writer.open(file, settingsOf(database, options));
    return new SqliteStore(database, writer, found, options.log ?? silentLog, () => open.delete(file));
  } catch (error) {
    open.delete(file);
    database.close();
    throw storageError(error, file);
  }
}

/** What each connection is told. */
function settingsOf(database: Database, options: SqliteStoreOptions): string[] {
  const settings = [
    'PRAGMA trusted_schema = OFF',
    'PRAGMA cell_size_check = ON',
    'PRAGMA synchronous = FULL',
    // What was deleted, or went at its time, is written over. That costs nothing with small rows, and half as much again where large ones are deleted.
    'PRAGMA secure_delete = ON',
    `PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
    `PRAGMA journal_size_limit = ${JOURNAL_BYTES}`,
    `PRAGMA cache_size = -${CACHE_KIB}`,
  ];
  if (options.maxBytes !== undefined) {
    const pages = Math.max(1, Math.floor(options.maxBytes / Number(database.value('PRAGMA page_size'))));
    settings.push(`PRAGMA max_page_count = ${pages}`);
  }
  return settings;
}

const GROUP_OR_OTHERS = 0o077;

/**
 * A file that its owner alone can read, made where there is none: the database would leave the mode to chance, and gives it to its journal. A copy
 * that was made with another is mended: keys of channels are in it.
 */
function makeFile(path: string): void {
  try {
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
    else checkHeader(path);
    for (const file of [path, `${path}-wal`, `${path}-shm`])
      if (existsSync(file) && (statSync(file).mode & GROUP_OR_OTHERS) !== 0) chmodSync(file, 0o600);
  } catch (error) {
    throw storageError(error, path);
  }
}

function prepare(database: Database, tables: readonly TableSpec[], options: SqliteStoreOptions): Map<string, Table> {
  // Everything waits with us: there is nothing yet that could go on.
  database.exec(`PRAGMA busy_timeout = ${LOCK_TIMEOUT_MS}`);
  database.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON');
  const version = readVersion(database);
  checkIntegrity(database);
  // Counts for a new file alone.
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
  const mode = database.value('PRAGMA journal_mode = WAL');
  if (mode !== 'wal') throw new ParleyError('storage', `${database.path}: no write-ahead log on this file system`);
  for (const sql of settingsOf(database, options)) database.exec(sql);
  inTransaction(database, () => {
    migrate(database, version);
    declare(database, tables);
  });
  return new Map(tables.map(({ name, searchable }) => [name, tableOf(database, name, searchable === true)]));
}

/** Makes tables that are not there yet. */
function declare(database: Database, tables: readonly TableSpec[]): void {
  const rows = database.prepare(`SELECT ${textColumn('name')}, searchable FROM catalogue`).all();
  const known = new Map(rows.map(([name, searchable]) => [fromTextColumn(name), searchable === 1]));
  for (const { name, searchable = false, small = false } of tables) {
    const is = known.get(name);
    if (is === undefined) {
      if (searchable) SearchableTable.create(database, name);
      else PlainTable.create(database, name, small);
      database.prepare('INSERT INTO catalogue (name, searchable) VALUES (?, ?)').run(name, searchable ? 1 : 0);
      known.set(name, searchable);
    } else if (is !== searchable) {
      throw new ParleyError('unsupported', `table ${name} of ${database.path} ${is ? 'has' : 'has no'} full-text search`);
    }
  }
}

function tableOf(database: Database, name: string, searchable: boolean): Table {
  return searchable ? new SearchableTable(database, name) : new PlainTable(name);
}
