import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { corruptFile, readSecretFile } from '../data/secret-file.ts';
import { storageError, writeSafely } from '../data/write-safely.ts';

/** Where the local API of a running node is, and what opens it. */
export interface ApiAddress {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly token: string;
}

/** Nothing else is believed: the token goes to no other machine. */
const URL_FORM = /^http:\/\/127\.0\.0\.1:\d{1,5}$/;

export function apiAddressPath(directory: string): string {
  return join(directory, 'api.json');
}

/** Announces a running node (mode 0600). `pid` is for people. */
export async function writeApiAddress(directory: string, address: ApiAddress): Promise<void> {
  const fields = { url: address.url, token: address.token, pid: process.pid };
  await writeSafely(apiAddressPath(directory), `${JSON.stringify(fields, undefined, 2)}\n`);
}

/** Errors: `not-found`, `refused` (others may read it), `corrupt`, `storage`. */
export async function readApiAddress(directory: string): Promise<ApiAddress> {
  const path = apiAddressPath(directory);
  const { url, token } = await readSecretFile(path);
  if (typeof url !== 'string' || !URL_FORM.test(url) || typeof token !== 'string' || token === '')
    throw corruptFile(path, 'not an address');
  return { url, token };
}

/** Also what a node that was killed left behind. */
export async function removeApiAddress(directory: string): Promise<void> {
  const path = apiAddressPath(directory);
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw storageError(error, `remove ${path}`);
  }
}
