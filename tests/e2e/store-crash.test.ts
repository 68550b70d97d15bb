import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openSqliteStore } from '@parley/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const TABLES = [{ name: 'left' }, { name: 'right', searchable: true }];
/** Packages are found from here. */
const HERE = import.meta.dirname;

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'parley-crash-'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Commits in two tables at once, many at a time, and says on standard output which are done. */
const WRITER = `
  const { openSqliteStore } = await import('@parley/host');
  const { writeSync } = await import('node:fs');
  const store = await openSqliteStore(process.argv[1], ${JSON.stringify(TABLES)});
  let next = Number(process.argv[2]);
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
  const args = ['--input-type=module', '--eval', WRITER, path, String(from)];
  const child = spawn(process.execPath, args, { cwd: HERE, stdio: ['ignore', 'pipe', 'inherit'] });
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
