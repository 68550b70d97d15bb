import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ParleyError } from '@parley/core/errors';

/** What is left behind when the process dies between the first and the last step of writing a file; of a database, its journal too. */
export const LEFTOVER = /^\..+\.[0-9a-f]{16}\.tmp(?:-wal|-shm|-journal)?$/;

/** The `code` of an error from the system, such as ENOENT. */
export function systemCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** An error from the system as one of ours: `storage-full` or `storage`, with the path and what was attempted. */
export function storageError(thrown: unknown, attempt: string): ParleyError {
  if (thrown instanceof ParleyError) return thrown;
  const code = systemCode(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new ParleyError('storage-full', `cannot ${attempt}: the disk is full`, { cause: thrown });
  return new ParleyError('storage', `cannot ${attempt}: ${code ?? String(thrown)}`, { cause: thrown });
}

async function syncDirectory(path: string): Promise<void> {
  // Windows opens no directory, and keeps its entries safe by itself.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function fill(file: FileHandle, content: Uint8Array | string, mode: number): Promise<void> {
  try {
    // The mode given to `open` is cut by the umask, this is not.
    await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives the file its name only if nobody has it yet. */
async function nameOnce(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw new ParleyError('conflict', `${path} is already there`, { cause: error });
    throw error;
  }
  await unlink(temporary);
}

/**
 * Writes a file so that at every moment, power failures included, the path has either its old content or the whole of the new: a
 * temporary file beside it, synced, renamed over it, and the directory synced. `mode` is exact. With `once`, a file that is already
 * there is left alone and `conflict` thrown. Other errors: `storage-full`, `storage`.
 */
export async function writeSafely(
  path: string,
  content: Uint8Array | string,
  mode: number = 0o600,
  options: { readonly once?: boolean } = {},
): Promise<void> {
  const directory = dirname(path);
  const temporary = join(directory, `.${basename(path)}.${randomBytes(8).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await fill(file, content, mode);
      await (options.once ? nameOnce(temporary, path) : rename(temporary, path));
    } catch (error) {
      await unlink(temporary).catch((cleanup: unknown) => {
        // Gone already is what was wanted; anything else is less telling than what happened first.
        if (systemCode(cleanup) !== 'ENOENT') process.emitWarning(`cannot remove ${temporary}`);
      });
      throw error;
    }
    await syncDirectory(directory);
  } catch (error) {
    throw storageError(error, `write ${path}`);
  }
}
