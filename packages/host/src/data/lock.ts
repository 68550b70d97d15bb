import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError } from '@parley/core';
import Database from 'libsql';
import { storageError, systemCode } from './write-safely.ts';

/** Locks of this process: nothing but `release` may let go of one, garbage collection included. */
const held = new Set<Database.Database>();

export interface Lock {
  release(): Promise<void>;
}

/** For people alone: whether the lock is held is for the system to say. */
async function readHolder(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return /^\d{1,10}\n$/.test(text) ? ` (process ${text.trim()})` : '';
}

/**
 * Takes the exclusive lock of a directory. `in-use` when another process, or this one, holds it.
 *
 * Node.js has no file locks, but SQLite has: a transaction that excludes all others on an empty database, `lock`, is a lock of the
 * operating system (fcntl, or LockFileEx on Windows). The system drops it when the process ends, however it ends: there is no stale lock
 * to judge, no process id that could have been given to somebody else, and containers that share a volume see each other. Whoever
 * deletes `lock` under a running node deceives the next one. `node.pid` is written for people.
 */
export async function acquireLock(directory: string): Promise<Lock> {
  const path = join(directory, 'lock');
  const holderPath = join(directory, 'node.pid');
  try {
    // Never open a lock file that exists by another way: closing it again would drop this process's own lock (POSIX fcntl).
    await (await open(path, 'wx', 0o600)).close();
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw storageError(error, `use ${directory}`);
  }
  const database = openDatabase(path);
  try {
    // Nothing is ever written: no journal has to lie about.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    const code = systemCode(error);
    if (code === 'SQLITE_BUSY') {
      const holder = await readHolder(holderPath);
      throw new ParleyError('in-use', `${directory} is in use by a running node${holder}`, { cause: error, data: { directory } });
    }
    throw new ParleyError('storage', `cannot lock ${directory}: ${code ?? String(error)}`, { cause: error, data: { directory } });
  }
  held.add(database);
  let releasing: Promise<void> | undefined;
  const letGo = async (): Promise<void> => {
    try {
      await rm(holderPath, { force: true });
    } finally {
      held.delete(database);
      database.close();
    }
  };
  const lock: Lock = {
    release() {
      releasing ??= letGo();
      return releasing;
    },
  };
  try {
    await writeFile(holderPath, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    await lock.release();
    throw storageError(error, `write ${holderPath}`);
  }
  return lock;
}

function openDatabase(path: string): Database.Database {
  try {
    return new Database(path);
  } catch (error) {
    throw storageError(error, `open ${path}`);
  }
}
