import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ErrorCode, errorCode, type Store, type StoreWrite } from '@parley/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from './database.ts';
import { CHECKED_WHOLE_BYTES } from './integrity.ts';
import { SCHEMA_VERSION } from './migrations.ts';
import { openSqliteStore } from './open.ts';

const TABLES = [{ name: 'plain' }, { name: 'texts', searchable: true }];
const PAGE = 8192;

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'parley-store-'));
  path = join(directory, 'store.db');
});

afterEach(() => rmSync(directory, { recursive: true }));

function put(key: string, value: string): StoreWrite {
  return { op: 'put', table: 'plain', key, value };
}

async function fill(rows: number, bytes: number): Promise<void> {
  const store = await openSqliteStore(path, TABLES);
  const writes = Array.from({ length: rows }, (_, i) => put(`k${String(i).padStart(6, '0')}`, 'x'.repeat(bytes)));
  await store.commit(writes);
  await store.close();
}

function digest(): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** The code with which the store refuses to open, having changed nothing. */
async function refusal(): Promise<ErrorCode | 'opened'> {
  const before = digest();
  try {
    const store = await openSqliteStore(path, TABLES);
    await store.close();
    return 'opened';
  } catch (error) {
    expect(digest()).toBe(before);
    expect(String(error)).toContain(path);
    return errorCode(error);
  }
}

/** Turns all bits of a page around. */
function flipPage(page: number): void {
  const bytes = readFileSync(path);
  for (let i = page * PAGE; i < (page + 1) * PAGE; i++) bytes[i] = ~(bytes[i] ?? 0) & 0xff;
  writeFileSync(path, bytes);
}

describe('a file that is damaged is refused and left as it is:', () => {
  it('random bytes', async () => {
    for (const bytes of [1, 15, 100, 5000, 100_000]) {
      writeFileSync(path, randomBytes(bytes));
      expect(await refusal()).toBe('corrupt');
    }
  });

  it('a text', async () => {
    writeFileSync(path, 'This is not a database.\n');
    expect(await refusal()).toBe('corrupt');
  });

  it('a truncated file', async () => {
    await fill(200, 500);
    const { size } = statSync(path);
    for (const bytes of [size - PAGE, size / 2, 3 * PAGE, PAGE, 50]) {
      truncateSync(path, bytes);
      expect(await refusal()).toBe('corrupt');
    }
  });

  it('a flipped page, wherever it is', async () => {
    await fill(200, 500);
    const whole = readFileSync(path);
    for (let page = 0; page < whole.length / PAGE; page++) {
      flipPage(page);
      expect(await refusal(), `page ${page}`).toBe('corrupt');
      writeFileSync(path, whole);
    }
    expect(await refusal()).toBe('opened');
  });

  it('a large file, where it is short or where its damage is read', async () => {
    await fill(9000, 4000);
    const { size } = statSync(path);
    expect(size).toBeGreaterThan(CHECKED_WHOLE_BYTES);
    flipPage(Math.floor(size / PAGE / 2));
    const store = await openSqliteStore(path, TABLES);
    await expect(store.range('plain', { limit: 10_000 })).rejects.toMatchObject({ code: 'corrupt' });
    expect(await store.get('plain', 'k000000')).toHaveLength(4000);
    await store.close();
    truncateSync(path, size - PAGE);
    expect(await refusal()).toBe('corrupt');
  });
});

describe('a file of somebody else is refused and left as it is:', () => {
  it('of a later version', async () => {
    await fill(10, 10);
    const database = new Database(path);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    database.value('PRAGMA wal_checkpoint(TRUNCATE)');
    database.close();
    expect(await refusal()).toBe('unsupported');
  });

  it('of another program', async () => {
    const database = new Database(path);
    database.exec('CREATE TABLE bookmarks (url TEXT)');
    database.close();
    expect(await refusal()).toBe('unsupported');
  });
});

describe('what is no file', () => {
  it('cannot be opened', async () => {
    await expect(openSqliteStore(directory, TABLES)).rejects.toMatchObject({ code: 'storage' });
    await expect(openSqliteStore(join(directory, 'nowhere', 'store.db'), TABLES)).rejects.toMatchObject({ code: 'storage' });
  });
});

describe('a file that another has locked', () => {
  it('is in use, and the store goes on when it is free', async () => {
    const store = await openSqliteStore(path, TABLES);
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    // Whoever waits for the disk, the rest goes on.
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 10);
    await expect(store.commit([put('k', 'v')])).rejects.toMatchObject({ code: 'in-use' });
    clearInterval(counting);
    expect(turns).toBeGreaterThan(3);
    other.exec('ROLLBACK');
    other.close();
    await store.commit([put('k', 'v')]);
    expect(await store.get('plain', 'k')).toBe('v');
    await store.close();
  });
});

describe('a store that may grow no more', () => {
  const LIMIT = 256 * 1024;
  let store: Store;
  beforeEach(async () => {
    store = await openSqliteStore(path, TABLES, { maxBytes: LIMIT });
  });
  afterEach(() => store.close());

  it('refuses what is too much, and takes the small commits beside it', async () => {
    const outcomes = await Promise.allSettled([
      store.commit([put('small1', 'v')]),
      store.commit([put('first of two', 'v'), put('large', 'x'.repeat(2 * LIMIT))]),
      store.commit([put('small2', 'v')]),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { code: 'storage-full' } });
    expect((await store.range('plain')).map((row) => row.key)).toEqual(['small1', 'small2']);
  });

  it('keeps what it has, and takes more once there is room', async () => {
    const stored: string[] = [];
    let code: string = 'none';
    for (let i = 0; code === 'none'; i++) {
      try {
        await store.commit([put(`k${i}`, 'x'.repeat(10_000))]);
        stored.push(`k${i}`);
      } catch (error) {
        code = errorCode(error);
      }
    }
    expect(code).toBe('storage-full');
    expect(stored.length).toBeGreaterThan(10);
    expect(await store.count('plain')).toBe(stored.length);
    await store.commit(stored.slice(0, 5).map((key) => ({ op: 'delete', table: 'plain', key })));
    await store.commit([put('again', 'x'.repeat(10_000))]);
    expect(await store.count('plain')).toBe(stored.length - 4);
  });
});
