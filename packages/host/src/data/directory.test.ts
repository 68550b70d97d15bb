import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inPrivateDirectory, openDataDirectory } from './directory.ts';
import { storageError, writeSafely } from './write-safely.ts';

let root: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'parley-data-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(root, { recursive: true, force: true });
});

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

/** Another process that holds the lock, by the same system call as `acquireLock`, until it is killed. */
async function holdElsewhere(directory: string): Promise<ChildProcess> {
  const program = `
    import Database from 'libsql';
    import { writeFileSync } from 'node:fs';
    const database = new Database(process.argv[1] + '/lock');
    database.exec('BEGIN EXCLUSIVE');
    writeFileSync(process.argv[1] + '/node.pid', process.pid + '\\n');
    console.log('held');
    setInterval(() => database.inTransaction, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

describe('openDataDirectory', () => {
  it('makes the directory for its owner alone', async () => {
    const data = await openDataDirectory(join(root, 'a', 'b'));
    expect(data.path).toBe(join(root, 'a', 'b'));
    expect(data.file('x.json')).toBe(join(root, 'a', 'b', 'x.json'));
    expect(await modeOf(data.path)).toBe(0o700);
    expect(await modeOf(data.file('lock'))).toBe(0o600);
    await data.close();
  });

  it('refuses a directory that others may write in, and one that is a file', async () => {
    const open = join(root, 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    await expect(openDataDirectory(open)).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('chmod go-w') });
    expect(await readdir(open)).toEqual([]);
    const file = join(root, 'file');
    await writeFile(file, '');
    await expect(openDataDirectory(file)).rejects.toMatchObject({ code: 'storage' });
  });

  it('is for one holder at a time, in one process too, by whatever name', async () => {
    const path = join(root, 'data');
    const data = await openDataDirectory(path);
    await symlink(path, join(root, 'alias'));
    for (const name of [path, join(root, 'alias')]) {
      const pid = expect.stringContaining(`in use by a running node (process ${process.pid})`);
      await expect(openDataDirectory(name)).rejects.toMatchObject({ code: 'in-use', message: pid });
    }
    await data.close();
    await data.close();
    const again = await openDataDirectory(path);
    await again.close();
    expect(await readdir(path)).toEqual(['lock']);
  });

  it('is gone, with what was made in it, where nothing came of it, and keeps what was there', async () => {
    const fresh = await openDataDirectory(join(root, 'a', 'b'));
    for (const name of ['identity.json', 'store.db', 'store.db-wal']) await writeFile(fresh.file(name), 'x');
    await fresh.discard();
    expect(await readdir(root)).toEqual([]);
    const path = join(root, 'data');
    await mkdir(path, { mode: 0o700 });
    await writeFile(join(path, 'notes.txt'), 'x');
    const kept = await openDataDirectory(path);
    await writeFile(kept.file('store.db'), 'x');
    await kept.discard();
    expect(await readdir(path)).toEqual(['notes.txt']);
    await writeFile(join(path, 'identity.json'), 'x');
    const known = await openDataDirectory(path);
    await writeFile(known.file('store.db'), 'x');
    await known.discard();
    expect((await readdir(path)).sort()).toEqual(['identity.json', 'lock', 'notes.txt', 'store.db']);
    await expect(inPrivateDirectory(join(root, 'c', 'd'), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await readdir(root)).toEqual(['data']);
  });

  it('is refused where no directory can be made', async ({ skip }) => {
    skip(process.platform !== 'linux', 'there is no /proc');
    await expect(openDataDirectory('/proc/parley/data')).rejects.toMatchObject({
      code: 'storage',
      message: 'no directory can be made in /proc',
    });
  });

  it('still locks others out after a second attempt of its own process', async () => {
    const path = join(root, 'data');
    const data = await openDataDirectory(path);
    await expect(openDataDirectory(path)).rejects.toMatchObject({ code: 'in-use' });
    await expect(holdElsewhereOnce(path)).resolves.toBe('SQLITE_BUSY');
    await data.close();
    await expect(holdElsewhereOnce(path)).resolves.toBe('free');
  });

  it('is locked by another process until that is killed, without any trace of it in the way', async () => {
    const path = join(root, 'data');
    await (await openDataDirectory(path)).close();
    const child = await holdElsewhere(path);
    const holder = expect.stringContaining(`(process ${child.pid})`);
    await expect(openDataDirectory(path)).rejects.toMatchObject({ code: 'in-use', message: holder });
    child.kill('SIGKILL');
    await once(child, 'exit');
    // The pid of the dead process is still written there, and means nothing.
    expect(await readFile(join(path, 'node.pid'), 'utf8')).toBe(`${child.pid}\n`);
    const data = await openDataDirectory(path);
    await data.close();
  });

  it('clears what interrupted writes left behind, and nothing else', async () => {
    const path = join(root, 'data');
    await mkdir(path, { mode: 0o700 });
    const kept = ['.hidden.tmp', 'identity.json', '.identity.json.0123456789abcdef.tmp.bak'];
    for (const name of [...kept, '.identity.json.0123456789abcdef.tmp']) await writeFile(join(path, name), 'x');
    const data = await openDataDirectory(path);
    expect((await readdir(path)).sort()).toEqual([...kept, 'lock', 'node.pid'].sort());
    await data.close();
  });
});

/** Whether another process could take the lock just now. */
async function holdElsewhereOnce(directory: string): Promise<string> {
  const program = `
    import Database from 'libsql';
    try { new Database(process.argv[1] + '/lock').exec('BEGIN EXCLUSIVE'); console.log('free'); } catch (error) { console.log(error.code); }
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  await once(child, 'close');
  return said.trim();
}

describe('writeSafely', () => {
  it('writes with the exact mode, whatever the umask, and replaces', async () => {
    const path = join(root, 'file');
    const umask = process.umask(0o077);
    try {
      await writeSafely(path, 'one', 0o644);
      expect(await modeOf(path)).toBe(0o644);
      await writeSafely(path, Uint8Array.of(1, 2, 3));
      expect(await modeOf(path)).toBe(0o600);
      expect([...(await readFile(path))]).toEqual([1, 2, 3]);
    } finally {
      process.umask(umask);
    }
    expect(await readdir(root)).toEqual(['file']);
  });

  it('leaves a file alone that is to be written once', async () => {
    const path = join(root, 'file');
    await writeSafely(path, 'first', 0o600, { once: true });
    await expect(writeSafely(path, 'second', 0o600, { once: true })).rejects.toMatchObject({ code: 'conflict' });
    expect(await readFile(path, 'utf8')).toBe('first');
    expect(await readdir(root)).toEqual(['file']);
  });

  it('leaves nothing behind when it fails', async () => {
    await mkdir(join(root, 'taken'));
    await writeFile(join(root, 'taken', 'x'), '');
    await expect(writeSafely(join(root, 'taken'), 'text')).rejects.toMatchObject({ code: 'storage' });
    await expect(writeSafely(join(root, 'nowhere', 'file'), 'text')).rejects.toMatchObject({ code: 'storage' });
    expect(await readdir(root)).toEqual(['taken']);
  });

  it('says so when the disk is full', async () => {
    // The kernel's device that is always full takes the content and refuses it, as a full disk does.
    const full = await stat('/dev/full').catch(() => undefined);
    if (!full) return;
    const failure = await writeFile('/dev/full', 'x').catch((error: unknown) => error);
    expect(storageError(failure, 'write it')).toMatchObject({ code: 'storage-full', message: expect.stringContaining('full') });
  });
});
