import { mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ParleyError } from '@parley/core';
import { acquireLock } from './lock.ts';
import { LEFTOVER, storageError, systemCode } from './write-safely.ts';

/** The directory of one node, locked for this process until it is closed. */
export interface DataDirectory {
  /** Absolute. */
  readonly path: string;
  /** Absolute path of a file in it. */
  file(name: string): string;
  /** Gives up the lock. */
  close(): Promise<void>;
  /** The same, where nothing came of it: if there was no identity, what was made since it was opened is removed, with the directory. */
  discard(): Promise<void>;
}

const GROUP_OR_OTHERS_WRITE = 0o022;
/** What a node makes in its directory. */
const OWN = ['identity.json', 'store.db', 'store.db-wal', 'store.db-shm', 'api.json', 'metrics.token', 'files', 'node.pid', 'lock'];

/** Makes a directory, and those that it is to be in. The first that was made; undefined where it was there. Errors: those of the system. */
async function make(path: string): Promise<string | undefined> {
  // Not `recursive`: in /proc, where none can be made, Node.js would try for ever.
  try {
    await mkdir(path, { mode: 0o700 });
    return path;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return undefined;
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    const first = await make(dirname(path));
    try {
      await mkdir(path, { mode: 0o700 });
    } catch (again) {
      await unmake(dirname(path), first);
      throw systemCode(again) === 'ENOENT' ? new ParleyError('storage', `no directory can be made in ${dirname(path)}`) : again;
    }
    return first ?? path;
  }
}

/** Removes a directory and those that it is in, up to the first that was made; what is not empty stays. */
async function unmake(path: string, first: string | undefined): Promise<void> {
  if (first === undefined) return;
  for (let directory = path; ; directory = dirname(directory)) {
    try {
      await rmdir(directory);
    } catch {
      // Somebody else has put something there, or has removed it: either is theirs to do.
      return;
    }
    if (directory === first) return;
  }
}

/** A directory that its owner alone may enter, and the first of those that were made for it. */
async function prepare(given: string): Promise<{ readonly path: string; readonly first: string | undefined }> {
  const path = resolve(given);
  try {
    const first = await make(path);
    if (first !== undefined) return { path, first };
    const about = await stat(path);
    if (!about.isDirectory()) throw new ParleyError('storage', `cannot use ${path}: it is no directory`);
    if (process.platform !== 'win32' && (about.mode & GROUP_OR_OTHERS_WRITE) !== 0) {
      throw new ParleyError('refused', `others may write in ${path}: run chmod go-w on it, or choose another directory`, {
        data: { path },
      });
    }
    return { path, first };
  } catch (error) {
    throw storageError(error, `use ${path}`);
  }
}

/**
 * Makes a directory that its owner alone may enter (mode 0700), or checks one that is there: `refused` when others may write in it, for
 * they could put files of theirs in the place of ours. Returns the absolute path.
 */
export async function makePrivateDirectory(given: string): Promise<string> {
  return (await prepare(given)).path;
}

/** Does something in such a directory, which is made for it, and is not there where that fails. Errors: those of both. */
export async function inPrivateDirectory<T>(given: string, task: (path: string) => Promise<T>): Promise<T> {
  const { path, first } = await prepare(given);
  try {
    return await task(path);
  } catch (error) {
    await unmake(path, first);
    throw error;
  }
}

/**
 * Opens a node's data directory: makes it when it is not there, takes its lock, and clears what an interrupted write left behind.
 * Errors: `in-use` (a node is running on it), `refused` (others may write in it), `storage`, `storage-full`.
 */
export async function openDataDirectory(given: string): Promise<DataDirectory> {
  const { path, first } = await prepare(given);
  const before = new Set(await readdir(path).catch(() => []));
  const lock = await acquireLock(path);
  try {
    for (const name of await readdir(path)) if (LEFTOVER.test(name)) await rm(join(path, name), { force: true });
  } catch (error) {
    await lock.release();
    throw storageError(error, `use ${path}`);
  }
  const discard = async (): Promise<void> => {
    // Under the lock, and the lock last: whoever waits for it finds a directory as it was.
    if (!before.has('identity.json')) {
      for (const name of OWN.filter((one) => !before.has(one))) await rm(join(path, name), { recursive: true, force: true });
    }
    await lock.release();
    await unmake(path, first);
  };
  return { path, file: (name) => join(path, name), close: () => lock.release(), discard };
}
