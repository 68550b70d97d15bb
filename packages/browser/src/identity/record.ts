import { ParleyError } from '@parley/core';
import { isSealed, type Sealed } from './sealed.ts';

/** An identity at rest. */
export interface IdentityRecord {
  readonly version: 1;
  /** DER. */
  readonly certificate: Uint8Array;
  /** The secret of the identity; or, where there is a passphrase, the JSON of `encryptSecret` with the secret in it. */
  readonly sealed: Sealed;
  readonly encrypted: boolean;
  /** Node id by which its store was named, where it took the place of another. */
  readonly home?: string;
}

const DAMAGED = 'the identity that this browser keeps is damaged: erase it here, and restore it from a backup';

export const corrupt = (why: string, cause?: unknown): ParleyError => new ParleyError('corrupt', `${DAMAGED} (${why})`, { cause });

/** What a seal is for: one that was made for something else does not open. */
export const atRest = (nodeId: string, encrypted: boolean): string =>
  `parley/at-rest/1\n${nodeId}\n${encrypted ? 'passphrase' : 'plain'}\n`;

/** What was read as a record. Errors: `corrupt`. */
export function recordOf(value: unknown): IdentityRecord {
  const record = value as Partial<IdentityRecord> | null;
  if (record === null || typeof record !== 'object') throw corrupt('no record');
  const { version, certificate, sealed, encrypted, home } = record;
  if (version !== 1) throw corrupt('of an unknown version');
  if (!(certificate instanceof Uint8Array) || !isSealed(sealed) || typeof encrypted !== 'boolean') throw corrupt('parts of it are missing');
  if (home !== undefined && typeof home !== 'string') throw corrupt('it does not say where its messages are');
  return { version, certificate, sealed, encrypted, ...(home === undefined ? {} : { home }) };
}
