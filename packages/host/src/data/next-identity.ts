import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createIdentity, type Identity, type IdentityDeps, ParleyError, type Successor } from '@parley/core';
import { makePrivateDirectory } from './directory.ts';
import { identityPath, keepIdentity, loadIdentity, readPublicIdentity, type StoredIdentity } from './identity-file.ts';
import { storageError, writeSafely } from './write-safely.ts';

/** Holds the identity that was made and is not in use. */
const NEXT = 'next';
/** Holds the one that is to be in use from the next start on. */
const READY = 'ready';

/** Where the identity of a key that is in use no more stays: nothing reads it, and its owner may put it to use elsewhere. */
const formerPath = (directory: string, keyId: string): string => join(directory, `former-${keyId}.json`);

/** The next identity of a data directory, beside the one in use; under the same passphrase. */
export function hostSuccessor(
  directory: string,
  deps: IdentityDeps,
  { identity, encrypted }: Pick<StoredIdentity, 'identity' | 'encrypted'>,
  options: { readonly passphrase: string | undefined; readonly closed: boolean; readonly replaced: () => void },
): Successor {
  const path = join(directory, NEXT);
  const passphrase = encrypted ? options.passphrase : undefined;
  return {
    async make(): Promise<Identity> {
      if (options.closed) {
        throw new ParleyError('refused', 'an authority has issued the certificate of this node: a new key needs one of its own first');
      }
      await remove(path);
      await makePrivateDirectory(path);
      return (await keepIdentity(path, deps, await createIdentity(deps, { name: identity.name }), { passphrase })).identity;
    },
    async get(): Promise<Identity | undefined> {
      return existsSync(identityPath(path)) ? (await loadIdentity(path, deps, passphrase)).identity : undefined;
    },
    discard: () => remove(path),
    async takeOver(): Promise<void> {
      try {
        await rename(path, join(directory, READY));
      } catch (error) {
        throw storageError(error, `rename ${path}`);
      }
      options.replaced();
    },
  };
}

/**
 * Puts the identity that is ready in the place of the one in use, which stays under another name. A crash at any step leaves both, and the next start
 * goes on. Errors: those of `readPublicIdentity`, `storage`, `storage-full`.
 */
export async function takeNextIdentity(directory: string, deps: IdentityDeps): Promise<void> {
  const ready = join(directory, READY);
  if (!existsSync(ready)) return;
  const next = identityPath(ready);
  try {
    if (existsSync(next)) {
      const { keyId } = await readPublicIdentity(directory, deps.crypto);
      if (keyId !== (await readPublicIdentity(ready, deps.crypto)).keyId) {
        await writeSafely(formerPath(directory, keyId), await readFile(identityPath(directory), 'utf8'), 0o600);
        await writeSafely(identityPath(directory), await readFile(next, 'utf8'), 0o600);
      }
    }
    await rm(ready, { recursive: true, force: true });
  } catch (error) {
    throw storageError(error, 'change identities');
  }
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw storageError(error, `remove ${path}`);
  }
}
