import { open } from 'node:fs/promises';
import { ParleyError } from '@parley/core/errors';
import { storageError, systemCode } from './write-safely.ts';

const MAX_FILE_BYTES = 256 * 1024;
const GROUP_OR_OTHERS = 0o077;

export type JsonFields = Readonly<Record<string, unknown>>;

/** `corrupt`, with the path: the file is left as it is. */
export function corruptFile(path: string, why: string, cause?: unknown): ParleyError {
  return new ParleyError('corrupt', `${path} is damaged (${why}); it was left as it is`, { cause, data: { path } });
}

/**
 * Reads a JSON file that holds a secret. `refused` when others than its owner may read or write it: a key that others could read has to
 * be looked after by its owner, so nothing is mended silently. `not-found`, `corrupt` (not an object of at most 256 KiB), `storage`.
 */
export async function readSecretFile(path: string): Promise<JsonFields> {
  let text: string;
  try {
    const file = await open(path, 'r');
    try {
      const { mode, size } = await file.stat();
      if (process.platform !== 'win32' && (mode & GROUP_OR_OTHERS) !== 0) {
        throw new ParleyError('refused', `${path} holds a secret, and others may read or write it: run chmod 600 on it`, {
          data: { path },
        });
      }
      if (size > MAX_FILE_BYTES) throw corruptFile(path, 'too large');
      text = await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw new ParleyError('not-found', `${path} is not there`, { cause: error, data: { path } });
    throw storageError(error, `read ${path}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The message of JSON.parse may quote the file: it is not passed on.
    throw corruptFile(path, error instanceof SyntaxError ? 'not JSON' : 'unreadable');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw corruptFile(path, 'not an object');
  return value as JsonFields;
}
