import { existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  backUp,
  errorCode,
  type IdentityDeps,
  openBackup,
  ParleyError,
  type Restored,
  restoreRows,
  type ScryptCost,
  tables,
} from '@parley/core';
import { openSqliteStore } from '../store/index.ts';
import { openSnapshot } from '../store/snapshot.ts';
import { openDataDirectory } from './directory.ts';
import { identityPath, keepIdentity, loadIdentity, type NewIdentity, type StoredIdentity } from './identity-file.ts';
import { storageError, systemCode } from './write-safely.ts';

const STORE = 'store.db';
/** Its name is that of a leftover: whoever opens the directory next removes one whose making was interrupted. */
const RESTORING = '.store.db.0000000000000000.tmp';

export interface BackupFileOptions {
  /** The passphrase of the backup, and its cost: default `DEFAULT_SCRYPT_COST`. */
  readonly passphrase: string;
  readonly cost?: ScryptCost | undefined;
  /** How much of about so much is done: rows of a backup that is made, bytes of one that is restored. */
  readonly progress?: ((done: number, all: number) => void) | undefined;
}

/**
 * Writes a backup of a data directory into a new file (mode 0600); a node may run on it meanwhile, whose store is read as it stood at the beginning.
 * Returns its bytes. Errors: `conflict` where the file is there already; those of `loadIdentity`; `bad-argument`, `storage`, `storage-full`,
 * `corrupt`, `unsupported`. A file that is not whole is removed.
 */
export async function writeBackupFile(
  directory: string,
  deps: IdentityDeps,
  present: string | undefined,
  to: string,
  { passphrase, cost, progress }: BackupFileOptions,
): Promise<number> {
  const stored = await loadIdentity(directory, deps, present);
  const path = join(directory, STORE);
  const snapshot = existsSync(path) ? openSnapshot(path, tables) : undefined;
  try {
    const file = await open(to, 'wx', 0o600).catch((error: unknown) => {
      if (systemCode(error) === 'EEXIST') throw new ParleyError('conflict', `${to} is there already`, { cause: error });
      throw storageError(error, `write ${to}`);
    });
    try {
      let bytes = 0;
      const source = { ...stored, store: snapshot ?? EMPTY, tables };
      for await (const piece of backUp(deps, source, passphrase, { cost, progress })) {
        await file.appendFile(piece);
        bytes += piece.length;
      }
      await file.sync();
      await file.close();
      return bytes;
    } catch (error) {
      await file.close();
      await rm(to, { force: true });
      throw storageError(error, `write ${to}`);
    }
  } finally {
    snapshot?.close();
  }
}

/** Of a node that never ran. */
const EMPTY = { range: async () => [], count: async () => 0 };

export interface RestoredFile extends Restored {
  readonly stored: StoredIdentity;
  /** When the backup was made, in milliseconds since 1970; undefined where it is of an identity alone. */
  readonly made: number | undefined;
}

/**
 * Makes a data directory out of a backup; `options` say how its identity is to rest here. Errors: `in-use` (a node runs on the directory), `conflict`
 * (there is an identity, or messages, in it), `not-found` (no such file), those of `openBackup` and of the store. Then nothing is changed.
 */
export async function restoreBackupFile(
  directory: string,
  deps: IdentityDeps,
  from: string,
  { passphrase, progress }: Omit<BackupFileOptions, 'cost'>,
  options: Omit<NewIdentity, 'name'>,
): Promise<RestoredFile> {
  // Before the directory is made.
  const { size } = await stat(from).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') throw new ParleyError('not-found', `${from} is not there`, { cause: error });
    throw storageError(error, `read ${from}`);
  });
  checkFree(directory);
  const backup = await openBackup(
    deps,
    read(from, (done) => progress?.(done, size)),
    passphrase,
  );
  const data = await openDataDirectory(directory);
  let done = false;
  try {
    // It may have come meanwhile, from another program that had the directory.
    checkFree(data.path);
    const temporary = data.file(RESTORING);
    const path = data.file(STORE);
    let renamed = false;
    try {
      const restored = await fill(temporary, backup, deps);
      await rename(temporary, path);
      renamed = true;
      await removeStore(temporary);
      // With the identity it is a node's; before it, a store that belongs to nobody.
      const stored = await keepIdentity(data.path, deps, backup, options);
      done = true;
      return { ...restored, stored, made: backup.made };
    } catch (error) {
      await removeStore(temporary);
      // An identity that came meanwhile is another's, and gets none of these messages.
      const kept = existsSync(identityPath(data.path)) && errorCode(error) !== 'conflict';
      if (renamed && !kept) await removeStore(path);
      throw error;
    }
  } finally {
    await (done ? data.close() : data.discard());
  }
}

function checkFree(directory: string): void {
  if (existsSync(identityPath(directory)))
    throw new ParleyError('conflict', `${directory} has an identity already: restore into another directory, or move it away`);
  if (existsSync(join(directory, STORE)))
    throw new ParleyError(
      'conflict',
      `${directory} has messages without an identity: restore into another directory, or move ${STORE} away`,
    );
}

async function fill(path: string, backup: Parameters<typeof restoreRows>[0], { clock }: IdentityDeps): Promise<Restored> {
  const store = await openSqliteStore(path, tables);
  try {
    return await restoreRows(backup, { store, tables, now: clock.now() });
  } finally {
    await store.close();
  }
}

async function removeStore(path: string): Promise<void> {
  for (const name of [path, `${path}-wal`, `${path}-shm`]) await rm(name, { force: true });
}

async function* read(path: string, progress: (done: number) => void): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw storageError(error, `read ${basename(path)} in ${dirname(path)}`);
  });
  try {
    let done = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(256 * 1024), 0, 256 * 1024, null);
      if (bytesRead === 0) return;
      done += bytesRead;
      progress(done);
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw storageError(error, `read ${path}`);
  } finally {
    await file.close();
  }
}
