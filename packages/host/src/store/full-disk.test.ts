import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode, type Store } from '@parley/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteStore } from './open.ts';

const TABLES = [{ name: 'left' }, { name: 'right', searchable: true }];

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'parley-crash-'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

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
