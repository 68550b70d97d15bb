import { readFile, stat } from 'node:fs/promises';
import { base64url, errorCode, ParleyError, type Random } from '@parley/core';
import type { DataDirectory } from '../data/directory.ts';
import { storageError, writeSafely } from '../data/write-safely.ts';

const GROUP_OR_OTHERS = 0o077;
const FORM = /^[A-Za-z0-9_-]{43}\n?$/;

/**
 * The token for `/metrics` off loopback, alone in `metrics.token` as scrapers want it. Unlike that of the local API it opens nothing
 * else, and stays: whoever scrapes keeps a copy. Errors: `refused` (others may read it), `corrupt`, `storage`, `storage-full`.
 */
export async function metricsToken(directory: DataDirectory, random: Random): Promise<string> {
  const path = directory.file('metrics.token');
  const token = base64url(random.bytes(32));
  try {
    await writeSafely(path, `${token}\n`, 0o600, { once: true });
    return token;
  } catch (error) {
    if (errorCode(error) !== 'conflict') throw error;
  }
  let kept: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & GROUP_OR_OTHERS) !== 0) {
      throw new ParleyError('refused', `${path} holds a secret, and others may read or write it: run chmod 600 on it`, { data: { path } });
    }
    kept = await readFile(path, 'utf8');
  } catch (error) {
    throw storageError(error, `read ${path}`);
  }
  if (!FORM.test(kept))
    throw new ParleyError('corrupt', `${path} holds no token; remove it, and the next start makes another`, { data: { path } });
  return kept.trim();
}
