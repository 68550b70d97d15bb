import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Range, type Store, type StoreValue, type StoreWrite, searchWords } from '@parley/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from './open.ts';

const TABLES = [{ name: 'plain' }, { name: 'texts', searchable: true }];

let directory: string;
let path: string;
let store: Store;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'parley-store-'));
  path = join(directory, 'store.db');
  store = await openSqliteStore(path, TABLES);
});

afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

async function reopen(): Promise<void> {
  await store.close();
  store = await openSqliteStore(path, TABLES);
}

function put(table: string, key: string, value: StoreValue = key, text?: string): StoreWrite {
  return { op: 'put', table, key, value, ...(text === undefined ? {} : { text }) };
}

async function keys(table: string, range?: Range): Promise<string[]> {
  return (await store.range(table, range)).map((row) => row.key);
}

describe.each(['plain', 'texts'])('table %s', (table) => {
  it('gives text and bytes back as they went in, also after it was closed', async () => {
    const values: StoreValue[] = [
      '',
      'text',
      '123',
      'a\0b',
      '\u0001',
      '\ud800',
      new Uint8Array(0),
      Uint8Array.of(0, 255, 1),
      'ä🎈'.repeat(9999),
    ];
    await store.commit(values.map((value, index) => put(table, `k${index}`, value)));
    for (const again of [false, true]) {
      if (again) await reopen();
      for (const [index, value] of values.entries()) expect(await store.get(table, `k${index}`)).toStrictEqual(value);
      expect((await store.range(table)).map((row) => row.value)).toStrictEqual(values);
    }
  });

  it('takes the bytes at the time of the call', async () => {
    for (const bytes of [Uint8Array.of(1, 2, 3), Buffer.of(1, 2, 3)]) {
      const done = store.commit([put(table, 'k', bytes)]);
      bytes.fill(9);
      await done;
      expect(await store.get(table, 'k')).toStrictEqual(Uint8Array.of(1, 2, 3));
    }
  });

  it('is ordered by character code, with every kind of bound', async () => {
    const alphabet = fc.constantFrom('a', 'B', '0', '~', ' ', '/', '%', '_');
    const key = fc.string({ unit: alphabet, minLength: 1, maxLength: 3 });
    const bounds = fc.record({ gt: key, gte: key, lt: key, lte: key, reverse: fc.boolean(), limit: fc.nat(5) }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { maxLength: 12 }), bounds, async (all, range) => {
        const old = await keys(table);
        await store.commit([...old.map((name) => ({ op: 'delete', table, key: name }) as const), ...all.map((name) => put(table, name))]);
        const { gt, gte, lt, lte } = range;
        const inside = all
          .filter((name) => (gt === undefined || name > gt) && (gte === undefined || name >= gte))
          .filter((name) => (lt === undefined || name < lt) && (lte === undefined || name <= lte))
          .sort();
        if (range.reverse) inside.reverse();
        expect(await keys(table, range)).toEqual(inside.slice(0, range.limit ?? 1000));
        expect(await store.count(table, range)).toBe(inside.length);
      }),
      { numRuns: 100 },
    );
  });

  it('gives 1,000 rows unless told otherwise', async () => {
    await store.commit(Array.from({ length: 1500 }, (_, i) => put(table, `k${i}`)));
    expect(await keys(table)).toHaveLength(1000);
    expect(await keys(table, { limit: Number.POSITIVE_INFINITY })).toHaveLength(1500);
    expect(await store.count(table)).toBe(1500);
  });

  it('is as a map would be, whatever commits are made together', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd');
    const write = fc.oneof(
      fc.record({ op: fc.constant('put' as const), table: fc.constant(table), key, value: fc.string({ maxLength: 3 }) }),
      fc.record({ op: fc.constant('delete' as const), table: fc.constant(table), key }),
    );
    const model = new Map<string, StoreValue>();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.array(write, { maxLength: 4 }), { maxLength: 4 }), { maxLength: 3 }), async (turns) => {
        for (const turn of turns) {
          await Promise.all(turn.map((writes) => store.commit(writes)));
          for (const one of turn.flat()) {
            if (one.op === 'put') model.set(one.key, one.value);
            else model.delete(one.key);
          }
        }
        expect(await store.range(table)).toEqual(
          [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => ({ key: name, value })),
        );
      }),
      { numRuns: 50 },
    );
  });
});

describe('a commit', () => {
  it('is refused whole, and alone, when it names no such table or no such key', async () => {
    const good = store.commit([put('plain', 'good')]);
    for (const bad of [put('nowhere', 'k'), put('plain', ''), put('plain', 'ä'), put('plain', 'a\nb'), put('plain', 'x'.repeat(513))]) {
      await expect(store.commit([put('plain', 'other'), bad])).rejects.toMatchObject({ code: 'bad-argument' });
    }
    await good;
    await store.commit([put('plain', 'x'.repeat(512))]);
    expect(await keys('plain')).toEqual(['good', 'x'.repeat(512)]);
  });

  it('that waits is written by close', async () => {
    const done = store.commit([put('plain', 'k')]);
    await reopen();
    await done;
    expect(await store.get('plain', 'k')).toBe('k');
  });
});

describe('search', () => {
  it('finds rows with all words, the last of which may be a beginning, latest first', async () => {
    await store.commit([
      put('texts', '1', 'v', 'Hello wide world'),
      put('texts', '2', 'v', 'hello, WORLD! Émile'),
      put('texts', '3', 'v', 'worldly'),
      put('texts', '4', 'v', ''),
      put('texts', '5', 'v'),
    ]);
    expect(await store.search('texts', 'hello world')).toEqual(['2', '1']);
    expect(await store.search('texts', 'wor')).toEqual(['3', '2', '1']);
    expect(await store.search('texts', 'wor hello')).toEqual([]);
    expect(await store.search('texts', 'émil')).toEqual(['2']);
    expect(await store.search('texts', 'EMILE hel')).toEqual(['2']);
    expect(await store.search('texts', 'wor', { limit: 2 })).toEqual(['3', '2']);
    for (const nothing of ['', ' -" * ', 'absent']) expect(await store.search('texts', nothing)).toEqual([]);
    expect(await store.search('plain', 'hello')).toEqual([]);
  });

  it('follows changes and deletions', async () => {
    await store.commit([put('texts', '1', 'v', 'first'), put('texts', '2', 'v', 'first'), put('texts', '3', 'v', 'first')]);
    await store.commit([put('texts', '1', 'v', 'second'), put('texts', '2', 'v'), { op: 'delete', table: 'texts', key: '3' }]);
    await store.commit([put('texts', '4', 'v', 'fourth')]);
    expect(await store.search('texts', 'first')).toEqual([]);
    expect(await store.search('texts', 'second')).toEqual(['1']);
    expect(await store.search('texts', 'fourth')).toEqual(['4']);
    await reopen();
    await store.commit([put('texts', '4', 'v', 'fifth'), put('texts', '2', 'v', 'again')]);
    expect(await store.search('texts', 'fourth')).toEqual([]);
    expect(await store.search('texts', 'fifth')).toEqual(['4']);
    expect(await store.search('texts', 'again')).toEqual(['2']);
  });

  it('keeps to a prefix of the keys', async () => {
    await store.commit(['a/1', 'a/2', 'a0/1', 'b/1', 'a~'].map((key) => put('texts', key, 'v', 'word')));
    expect(await store.search('texts', 'word', { prefix: 'a/' })).toEqual(['a/2', 'a/1']);
    expect(await store.search('texts', 'word', { prefix: 'a' })).toEqual(['a~', 'a0/1', 'a/2', 'a/1']);
  });

  it('agrees with a plain look through all rows', async () => {
    const word = fc.constantFrom(
      'rot',
      'röter',
      'ROTER',
      'blau',
      'ΟΔΟΣ',
      'οδός',
      '北京',
      'की',
      'x-ray',
      'AND',
      'NOT',
      '"',
      '*',
      '42',
      'ﬁne',
      '𞤀𞤁',
    );
    const text = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 6 }), text, async (texts, query) => {
        const old = await keys('texts');
        await store.commit(old.map((key) => ({ op: 'delete', table: 'texts', key })));
        await store.commit(texts.map((one, index) => put('texts', `k${index}`, 'v', one)));
        const wanted = searchWords(query);
        const last = wanted.pop();
        const fits = (one: string): boolean => {
          const words = searchWords(one);
          return last !== undefined && wanted.every((name) => words.includes(name)) && words.some((name) => name.startsWith(last));
        };
        const expected = texts.flatMap((one, index) => (fits(one) ? [`k${index}`] : [])).reverse();
        expect(await store.search('texts', query)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('finds the latest of very many matches too', async () => {
    const rows = Array.from({ length: 6000 }, (_, i) =>
      put('texts', `${i % 2 === 0 ? 'a' : 'b'}/${String((i * 7919) % 6000).padStart(4, '0')}`, 'v', 'common'),
    );
    await store.commit(rows);
    const sorted = rows
      .map((row) => row.key)
      .sort()
      .reverse();
    expect(await store.search('texts', 'common', { limit: 50 })).toEqual(sorted.slice(0, 50));
    expect(await store.search('texts', 'comm', { prefix: 'a/', limit: 50 })).toEqual(
      sorted.filter((key) => key.startsWith('a/')).slice(0, 50),
    );
  });

  it('refuses a question of hundreds of words', async () => {
    const words = Array.from({ length: 300 }, (_, i) => `w${i}`);
    await expect(store.search('texts', words.join(' '))).rejects.toMatchObject({ code: 'bad-argument' });
    await store.commit([put('texts', '1', 'v', words.join(' '))]);
    expect(await store.search('texts', words.slice(0, 150).join(' '))).toEqual(['1']);
  });
});

describe('the file', () => {
  it('is its owner’s alone', (context) => {
    context.skip(process.platform === 'win32', 'files have no mode on Windows');
    for (const suffix of ['', '-wal']) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
  });

  it('is its owner’s alone again where a copy of it was not', async (context) => {
    context.skip(process.platform === 'win32', 'files have no mode on Windows');
    await store.close();
    chmodSync(path, 0o644);
    store = await openSqliteStore(path, TABLES);
    await store.commit([put('plain', 'k', 'v')]);
    for (const suffix of ['', '-wal']) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
  });

  it('has a size that grows, and is whole by itself once closed', async () => {
    const before = store.size();
    await store.commit([put('plain', 'k', 'x'.repeat(100_000))]);
    expect(store.size()).toBeGreaterThanOrEqual(before + 100_000);
    await store.close();
    expect(statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
    expect(statSync(path).size).toBeGreaterThanOrEqual(100_000);
  });

  it('is open once', async () => {
    await expect(openSqliteStore(path, TABLES)).rejects.toMatchObject({ code: 'in-use' });
    await store.close();
    store = await openSqliteStore(path, TABLES);
  });

  it('is closed after close', async () => {
    await store.close();
    await store.close();
    const calls = [() => store.get('plain', 'k'), () => store.range('plain'), () => store.count('plain'), () => store.search('texts', 'k')];
    for (const call of [...calls, () => store.commit([put('plain', 'k')])]) await expect(call()).rejects.toMatchObject({ code: 'closed' });
  });

  it('gets new tables and keeps old ones', async () => {
    await store.commit([put('plain', 'k')]);
    await store.close();
    store = await openSqliteStore(path, [{ name: 'later', searchable: true }]);
    await store.commit([put('later', 'k', 'v', 'text')]);
    await expect(store.get('plain', 'k')).rejects.toMatchObject({ code: 'bad-argument' });
    await reopen();
    expect(await store.get('plain', 'k')).toBe('k');
  });

  it('does not take a table for one of another kind', async () => {
    await store.close();
    for (const table of [{ name: 'plain', searchable: true }, { name: 'texts' }]) {
      await expect(openSqliteStore(path, [table])).rejects.toMatchObject({ code: 'unsupported' });
    }
    await expect(openSqliteStore(path, [{ name: 'no"name' }])).rejects.toMatchObject({ code: 'bad-argument' });
    store = await openSqliteStore(path, TABLES);
  });
});
