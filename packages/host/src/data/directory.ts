import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ParleyError } from '@parley/core';
import { acquireLock } from './lock.ts';
import { LEFTOVER, storageError } from './write-safely.ts';

/** The directory of one node, locked for this process until it is closed. */
export interface DataDirectory {
  /** Absolute. */
  readonly path: string;
  /** Absolute path of a file in it. */
  file(name: string): string;
  /** Gives up the lock. */
  close(): Promise<void>;
}

const GROUP_OR_OTHERS_WRITE = 0o022;

/**
 * Makes a directory that its owner alone may enter (mode 0700), or checks one that is there: `refused` when others may write in it, for
 * they could put files of theirs in the place of ours. Returns the absolute path.
 */
export async function makePrivateDirectory(given: string): Promise<string> {
  const path = resolve(given);
  try {
    const created = await mkdir(path, { recursive: true, mode: 0o700 });
    if (created !== undefined) return path;
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & GROUP_OR_OTHERS_WRITE) !== 0) {
      throw new ParleyError('refused', `others may write in ${path}: run chmod go-w on it, or choose another directory`, {
        data: { path },
      });
    }
  } catch (error) {
    throw storageError(error, `use ${path}`);
  }
  return path;
}

/**
 * Opens a node's data directory: makes it when it is not there, takes its lock, and clears what an interrupted write left behind.
 * Errors: `in-use` (a node is running on it), `refused` (others may write in it), `storage`, `storage-full`.
 */
export async function openDataDirectory(given: string): Promise<DataDirectory> {
  const path = await makePrivateDirectory(given);
  const lock = await acquireLock(path);
  try {
    for (const name of await readdir(path)) if (LEFTOVER.test(name)) await rm(join(path, name), { force: true });
  } catch (error) {
    await lock.release();
    throw storageError(error, `use ${path}`);
  }
  return { path, file: (name) => join(path, name), close: () => lock.release() };
}
