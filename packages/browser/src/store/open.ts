import { type Log, ParleyError, silentLog, type TableSpec } from '@parley/core';
import { deleteDB, type IDBPDatabase, openDB } from 'idb';
import { holdLock } from '../locks.ts';
import { storageError } from './errors.ts';
import { IdbStore } from './idb-store.ts';
import { WORDS } from './search.ts';

export interface OpenStoreOptions {
  readonly log?: Log;
  /** The browser ended the store by itself: its data were cleared, say. */
  readonly onLost?: (error: ParleyError) => void;
}

const TABLE = /^[a-z0-9_]+$/;
/** A tab that has just ended may not have let go of the store yet. */
const RELEASE_MS = 2_000;

const lockName = (name: string): string => `parley store ${name}`;

/** Opens a database; one that somebody else holds open in an older form is in use. */
function openDatabase(name: string, version?: number, upgrade?: (database: IDBPDatabase) => void): Promise<IDBPDatabase> {
  return new Promise((resolve, reject) => {
    const opened = openDB(name, version, {
      ...(upgrade ? { upgrade } : {}),
      blocked: () => {
        reject(new ParleyError('in-use', 'another page holds the storage of Parley open: close it, or load it again'));
        // Should it be let go later, nobody waits for it any more.
        opened.then((database) => database.close()).catch(() => {});
      },
    });
    opened.then(resolve, reject);
  });
}

/** Makes the tables that are not there yet. */
async function withTables(name: string, tables: readonly TableSpec[]): Promise<IDBPDatabase> {
  const missing = (database: IDBPDatabase): TableSpec[] => tables.filter((table) => !database.objectStoreNames.contains(table.name));
  const make = (database: IDBPDatabase): void => {
    for (const table of missing(database)) {
      const store = database.createObjectStore(table.name);
      if (table.searchable === true) store.createIndex(WORDS, WORDS, { multiEntry: true });
    }
  };
  // One that is not there yet has its tables made with it.
  const database = await openDatabase(name, undefined, make);
  if (missing(database).length === 0) return database;
  const { version } = database;
  database.close();
  return openDatabase(name, version + 1, make);
}

function checkKinds(database: IDBPDatabase, tables: readonly TableSpec[]): void {
  if (tables.length === 0) return;
  const transaction = database.transaction(tables.map((table) => table.name));
  for (const { name, searchable } of tables) {
    if (transaction.objectStore(name).indexNames.contains(WORDS) !== (searchable === true)) {
      throw new ParleyError('unsupported', `the table ${name} was made by another version of Parley`);
    }
  }
}

async function usedBytes(): Promise<number> {
  return (await navigator.storage.estimate()).usage ?? 0;
}

/**
 * Opens a store in this browser, or makes it. One page at a time may have it. Errors: `in-use`, `unsupported` (made by another version),
 * `storage-full`, `storage` (the browser refuses, or cannot), `bad-argument`.
 */
export async function openIdbStore(name: string, tables: readonly TableSpec[], options: OpenStoreOptions = {}): Promise<IdbStore> {
  for (const table of tables) if (!TABLE.test(table.name)) throw new ParleyError('bad-argument', `not a name of a table: ${table.name}`);
  const release = await holdLock(lockName(name), RELEASE_MS);
  if (!release) throw new ParleyError('in-use', 'the store is open already, in this page or another');
  let database: IDBPDatabase | undefined;
  try {
    database = await withTables(name, tables);
    checkKinds(database, tables);
    return new IdbStore(database, {
      tables: new Map(tables.map((table) => [table.name, table.searchable === true])),
      usedBytes: await usedBytes(),
      log: options.log ?? silentLog,
      onLost: options.onLost ?? (() => {}),
      released: release,
    });
  } catch (error) {
    database?.close();
    release();
    throw storageError(error);
  }
}

/** Removes a store with all that is in it. Errors: `in-use`, `storage`. */
export async function deleteIdbStore(name: string): Promise<void> {
  const release = await holdLock(lockName(name), RELEASE_MS);
  if (!release) throw new ParleyError('in-use', 'the store is open, in this page or another');
  try {
    await deleteDB(name);
  } catch (error) {
    throw storageError(error);
  } finally {
    release();
  }
}
