import { type ErrorCode, ParleyError } from '@parley/core';

function nameOf(error: unknown): string {
  return error instanceof DOMException ? error.name : '';
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  QuotaExceededError: 'storage-full',
  DataError: 'bad-argument',
  VersionError: 'unsupported',
};

/** What people are told, by what the browser calls it. */
const EXPLAINED: Readonly<Record<string, string>> = {
  QuotaExceededError: 'this browser has no space left for Parley: make room on the disk, or remove what other sites keep',
  SecurityError: 'this browser does not let the page keep anything: allow storage for it',
  InvalidStateError: 'this browser does not let the page keep anything now: a private window may not, nor one whose storage was cleared',
  NotFoundError: 'a part of what this browser kept for Parley is gone',
  VersionError: 'a newer version of Parley was used in this browser: load the page again',
  UnknownError: "this browser cannot read or write its own storage: its disk may be full, or the profile's files damaged",
};

/** What IndexedDB threw, as `storage-full`, `unsupported`, `bad-argument` or `storage`, in words for people. */
export function storageError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  const name = nameOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const explained = EXPLAINED[name] ?? 'this browser could not use its storage';
  return new ParleyError(CODES[name] ?? 'storage', `${explained} (${name === '' ? '' : `${name}: `}${message})`, { cause: error });
}
