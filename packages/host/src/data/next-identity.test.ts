import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIdentity } from '@parley/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCrypto } from '../crypto.ts';
import { createClock, createRandom } from '../platform.ts';
import { identityPath, keepIdentity, loadIdentity } from './identity-file.ts';
import { hostSuccessor, takeNextIdentity } from './next-identity.ts';

const deps = { crypto: createCrypto(), random: createRandom(), clock: createClock() };
const cost = { n: 1024, r: 8, p: 1 };
let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-next-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function begin(passphrase?: string, closed = false) {
  const stored = await keepIdentity(directory, deps, await createIdentity(deps, { name: 'ann' }), { passphrase, cost });
  const calls: string[] = [];
  const successor = hostSuccessor(directory, deps, stored, { passphrase, closed, replaced: () => calls.push('replaced') });
  return { old: stored.identity, successor, calls };
}

const keyAt = async (passphrase?: string): Promise<string> => (await loadIdentity(directory, deps, passphrase)).identity.keyId;

describe('the next identity of a data directory', () => {
  it('takes over at the next start, under the same passphrase, and the old one stays beside it', async () => {
    const { old, successor, calls } = await begin('a secret');
    const next = await successor.make();
    expect(next.name).toBe('ann');
    expect((await successor.get())?.keyId).toBe(next.keyId);
    expect(await keyAt('a secret')).toBe(old.keyId);
    await successor.takeOver();
    expect(calls).toEqual(['replaced']);
    await takeNextIdentity(directory, deps);
    expect(await keyAt('a secret')).toBe(next.keyId);
    await expect(keyAt()).rejects.toMatchObject({ code: 'bad-passphrase' });
    const former = join(directory, `former-${old.keyId}.json`);
    expect((await stat(former)).mode & 0o777).toBe(0o600);
    // It can be put to use elsewhere.
    await copyFile(former, identityPath(directory));
    expect(await keyAt('a secret')).toBe(old.keyId);
  });

  it('is not lost, and neither is the old one, wherever a crash comes', async () => {
    const { old, successor } = await begin();
    const next = await successor.make();
    // Made, and not ready: nothing happens.
    await takeNextIdentity(directory, deps);
    expect(await keyAt()).toBe(old.keyId);
    await successor.takeOver();
    // The old one was put aside, and nothing more.
    const former = join(directory, `former-${old.keyId}.json`);
    await copyFile(identityPath(directory), former);
    await takeNextIdentity(directory, deps);
    expect(await keyAt()).toBe(next.keyId);
    // What was ready is still there.
    const ready = join(directory, 'ready');
    await mkdir(ready);
    await copyFile(identityPath(directory), identityPath(ready));
    await takeNextIdentity(directory, deps);
    expect(await keyAt()).toBe(next.keyId);
    expect((await readdir(directory)).sort()).toEqual([`former-${old.keyId}.json`, 'identity.json']);
    await takeNextIdentity(directory, deps);
    expect(await keyAt()).toBe(next.keyId);
  });

  it('is forgotten when it is given up, and not made in a closed network', async () => {
    const { old, successor } = await begin();
    await successor.make();
    await successor.discard();
    expect(await successor.get()).toBeUndefined();
    expect(existsSync(join(directory, 'next'))).toBe(false);
    expect(await keyAt()).toBe(old.keyId);
    await rm(identityPath(directory));
    const closed = await begin(undefined, true);
    await expect(closed.successor.make()).rejects.toMatchObject({ code: 'refused' });
  });
});
