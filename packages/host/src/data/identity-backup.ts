import { type IdentityDeps, readBackup, type ScryptCost, writeBackup } from '@parley/core';
import { keepIdentity, loadIdentity, type NewIdentity, type StoredIdentity } from './identity-file.ts';

/** The identity of a data directory as the text of a backup under a passphrase of its own. Errors: those of `loadIdentity`, `bad-argument`. */
export async function backUpIdentity(
  directory: string,
  deps: IdentityDeps,
  present: string | undefined,
  backup: { readonly passphrase: string; readonly cost?: ScryptCost },
): Promise<string> {
  return writeBackup(deps, await loadIdentity(directory, deps, present), backup.passphrase, backup.cost);
}

/**
 * Makes the identity file of a data directory from the text of a backup; `options` say how it is to rest here. Errors: `conflict` when there
 * is an identity already; those of `readBackup`; `storage`, `storage-full`.
 */
export async function restoreIdentity(
  directory: string,
  deps: IdentityDeps,
  backup: { readonly text: string; readonly passphrase: string },
  options: Omit<NewIdentity, 'name'>,
): Promise<StoredIdentity> {
  const { identity, secret } = await readBackup(deps, backup.text, backup.passphrase);
  return keepIdentity(directory, deps, { identity, secret }, options);
}
