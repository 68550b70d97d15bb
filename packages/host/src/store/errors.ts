import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ErrorCode, ParleyError } from '@parley/core';

function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : '';
}

function diskIsFull(path: string): boolean {
  try {
    return statfsSync(dirname(path)).bavail === 0;
  } catch {
    // Then the failure is another one, and says so itself.
    return false;
  }
}

function kindOf(code: string, path: string): ErrorCode {
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return 'storage-full';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'corrupt';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'in-use';
  // A full disk shows in many ways: a journal that cannot grow, shared memory that cannot be mapped.
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_CANTOPEN')) return diskIsFull(path) ? 'storage-full' : 'storage';
  return 'storage';
}

/** What SQLite or the file system threw, as `storage-full`, `corrupt`, `in-use` or `storage`. */
export function storageError(error: unknown, path: string): ParleyError {
  if (error instanceof ParleyError) return error;
  const code = codeOf(error);
  const kind = kindOf(code, path);
  const message = error instanceof Error ? error.message : String(error);
  const explained: Partial<Record<ErrorCode, string>> = {
    'storage-full': `no space left for ${path}`,
    corrupt: `${path} is damaged, and was left as it is`,
    'in-use': `${path} is in use by another process`,
  };
  return new ParleyError(kind, `${explained[kind] ?? `cannot use ${path}`}: ${message}`, { cause: error, data: { path } });
}
