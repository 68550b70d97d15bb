import { existsSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import {
  type AuthorityCertificate,
  type Clock,
  type Crypto,
  checkIssued,
  checkName,
  type IdentityDeps,
  ParleyError,
  parseCertificate,
} from '@parley/core';
import { readAuthorities } from '../authority.ts';
import type { DataDirectory } from '../data/directory.ts';
import { createIdentityFile, identityPath, loadIdentity, renameIdentity, type StoredIdentity } from '../data/identity-file.ts';
import type { HostNodeOptions } from './options.ts';

/** The first of these that may be a name. */
function nameFrom(...candidates: (() => string)[]): string {
  for (const candidate of candidates) {
    try {
      return checkName(candidate());
    } catch {
      // Not a name, or the system knows none (a user id without an account): the next may do.
    }
  }
  return 'node';
}

function defaultName(nodeType: HostNodeOptions['nodeType']): string {
  const user = (): string => userInfo().username;
  return nodeType === 'server' ? nameFrom(hostname, user) : nameFrom(user, hostname);
}

/** An identity, and the name that it had before this start, where that is another. */
export interface OpenedIdentity extends StoredIdentity {
  readonly before?: string;
}

/**
 * The identity that a node runs with: made at the first start, renamed when another name is asked for. Errors: those of `loadIdentity`
 * and `renameIdentity`; `conflict` where the identity is missing and its messages are there.
 */
export async function openNodeIdentity(
  directory: DataDirectory,
  deps: IdentityDeps,
  options: Pick<HostNodeOptions, 'name' | 'passphrase' | 'nodeType'> & { readonly store: string },
): Promise<OpenedIdentity> {
  const { name, passphrase, nodeType, store } = options;
  const { path } = directory;
  if (!existsSync(identityPath(path))) {
    // A new identity could neither send nor read what the old one kept.
    if (existsSync(store)) {
      throw new ParleyError('conflict', `${path} has messages and no identity: put identity.json back, or move ${store} away`);
    }
    return await createIdentityFile(path, deps, { name: name ?? defaultName(nodeType), passphrase });
  }
  const stored = await loadIdentity(path, deps, passphrase);
  if (name === undefined || checkName(name) === stored.identity.name) return stored;
  return { ...(await renameIdentity(path, deps, name, passphrase)), before: stored.identity.name };
}

/**
 * The authorities to trust; undefined where every node that proves its key may have a link. Errors: those of `readAuthorities`, and
 * `bad-certificate` when none of them issued this node's own certificate, or it holds no more: nobody would take a link.
 */
export async function openAuthorities(
  directory: DataDirectory,
  files: readonly string[],
  own: Uint8Array,
  deps: { readonly crypto: Crypto; readonly clock: Clock },
): Promise<AuthorityCertificate[] | undefined> {
  const { crypto, clock } = deps;
  const kept = directory.file('authorities.pem');
  const paths = existsSync(kept) ? [...files, kept] : files;
  if (paths.length === 0) return undefined;
  const authorities = (await Promise.all(paths.map((path) => readAuthorities(path, crypto)))).flat();
  try {
    await checkIssued(crypto, await parseCertificate(own, crypto), authorities, clock.now());
  } catch (cause) {
    const why = ParleyError.from(cause).message;
    throw new ParleyError('bad-certificate', `this network is closed, and would not admit this node: ${why}`, { cause });
  }
  return authorities;
}
