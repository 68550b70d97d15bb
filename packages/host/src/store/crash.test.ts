import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { errorCode, type Store } from '@parley/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteStore } from './open.ts';

const TABLES = [{ name: 'left' }, { name: 'right', searchable: true }];
const HOST = fileURLToPath(new URL('../..', import.meta.url));

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'parley-crash-'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Commits in two tables at once, many at a time, and says on standard output which are done. */
const WRITER = `
  const { openSqliteStore } = await import(process.argv[1]);
  const { writeSync } = await import('node:fs');
  const store = await openSqliteStore(process.argv[2], ${JSON.stringify(TABLES)});
  let next = Number(process.argv[3]);
  const write = async () => {
    for (;;) {
      const key = String(next++).padStart(8, '0');
      const value = key.repeat(20);
      await store.commit([
        { op: 'put', table: 'left', key, value },
        { op: 'put', table: 'right', key, value, text: 'word ' + key },
      ]);
      writeSync(1, key + '\\n');
    }
  };
  await Promise.all(Array.from({ length: 40 }, write));
`;

/** Runs the writer until it has reported `count` commits, and kills it without warning. */
async function writeAndDie(path: string, from: number, count: number): Promise<string[]> {
  const module = new URL('../../dist/store/index.js', import.meta.url).href;
  const args = ['--input-type=module', '--eval', WRITER, module, path, String(from)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const reported: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    reported.push(line);
    if (reported.length === count) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  return reported;
}

describe('kill -9 in the middle of commits', () => {
  beforeAll(() => {
    // The writer is a process of its own, which runs what was compiled.
    const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
    execFileSync(process.execPath, [tsc, '-b', HOST], { stdio: 'pipe' });
  }, 120_000);

  it('loses nothing that was reported, and leaves no half of a commit', async () => {
    const path = join(directory, 'killed.db');
    const reported: string[] = [];
    for (const count of [1, 100, 777, 2000]) {
      reported.push(...(await writeAndDie(path, reported.length * 2, count)));
      const store = await openSqliteStore(path, TABLES);
      const left = await store.range('left', { limit: 100_000 });
      const right = await store.range('right', { limit: 100_000 });
      expect(right).toEqual(left);
      const found = new Map(left.map((row) => [row.key, row.value]));
      for (const key of reported) expect(found.get(key)).toBe(key.repeat(20));
      expect(await store.search('right', 'word', { limit: 100_000 })).toHaveLength(left.length);
      await store.close();
    }
  });
});

/** Why no file system of a few megabytes can be had here; undefined when it can. */
function whyNoSmallDisk(): string | undefined {
  if (process.platform !== 'linux') return `there is no tmpfs on ${process.platform}`;
  if (process.getuid?.() !== 0) return 'only root may mount';
  const place = mkdtempSync(join(tmpdir(), 'parley-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], { stdio: 'pipe' });
    execFileSync('umount', [place], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `mounting is not allowed: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    rmSync(place, { recursive: true });
  }
}

describe('a disk that is full', () => {
  const obstacle = whyNoSmallDisk();
  let disk: string;
  beforeAll(() => {
    if (obstacle !== undefined) return;
    disk = join(directory, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]);
  });
  afterAll(() => {
    // Lazily: the driver lets go of the file at the next garbage collection.
    if (obstacle === undefined) execFileSync('umount', ['--lazy', disk]);
  });

  async function fillUp(store: Store, name: string): Promise<{ stored: string[]; code: string }> {
    const stored: string[] = [];
    for (let i = 0; ; i++) {
      const key = `${name}${String(i).padStart(4, '0')}`;
      try {
        await store.commit([{ op: 'put', table: 'right', key, value: 'x'.repeat(20_000), text: 'word' }]);
        stored.push(key);
      } catch (error) {
        return { stored, code: errorCode(error) };
      }
    }
  }

  it('is told, loses nothing, and the store goes on when there is room', async (context) => {
    context.skip(obstacle !== undefined, `no small disk: ${obstacle}`);
    const path = join(disk, 'store.db');
    let store = await openSqliteStore(path, TABLES);
    const first = await fillUp(store, 'a');
    expect(first.code).toBe('storage-full');
    expect(first.stored.length).toBeGreaterThan(20);
    expect((await store.range('right')).map((row) => row.key)).toEqual(first.stored);
    expect((await fillUp(store, 'b')).code).toBe('storage-full');
    await store.close();

    store = await openSqliteStore(path, TABLES);
    expect(await store.search('right', 'word', { prefix: 'a', limit: 1000 })).toEqual([...first.stored].reverse());
    await fillUp(store, 'c');
    execFileSync('mount', ['-o', 'remount,size=16m', disk]);
    const more = Array.from({ length: 50 }, (_, i) => `d${i}`);
    await Promise.all(more.map((key) => store.commit([{ op: 'put', table: 'left', key, value: 'x'.repeat(20_000) }])));
    expect(await store.count('left')).toBe(50);
    expect((await store.range('right', { lt: 'b' })).map((row) => row.key)).toEqual(first.stored);
    await store.close();
  });

  it('is told by a store that cannot even begin, which works when there is room', async (context) => {
    context.skip(obstacle !== undefined, `no small disk: ${obstacle}`);
    const path = join(disk, 'new.db');
    const ballast = join(disk, 'ballast');
    expect(spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4k'], { stdio: 'ignore' }).status).not.toBe(0);
    await expect(openSqliteStore(path, TABLES)).rejects.toMatchObject({ code: 'storage-full' });
    rmSync(ballast);
    const store = await openSqliteStore(path, TABLES);
    await store.commit([{ op: 'put', table: 'left', key: 'k', value: 'v' }]);
    expect(await store.get('left', 'k')).toBe('v');
    await store.close();
  });
});
