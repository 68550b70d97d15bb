import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreWrite } from '@parley/core';
import { expect, it } from 'vitest';
import { openSqliteStore } from './open.ts';

const TABLES = [{ name: 'plain' }, { name: 'texts', searchable: true }];

it('the file holds nothing of what was deleted once closed, whatever room that took', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'parley-store-'));
  try {
    const path = join(directory, 'store.db');
    const store = await openSqliteStore(path, TABLES);
    for (const [index, size] of [1, 50, 5000].entries()) {
      const value = 'secret-inside '.repeat(size);
      const rows = Array.from({ length: size > 1000 ? 5 : 100 }, (_, row) => `${index}/${row}`);
      const each = (write: (at: { table: string; key: string }) => StoreWrite): StoreWrite[] =>
        rows.flatMap((key) => TABLES.map(({ name: table }) => write({ table, key })));
      await store.commit(each((at) => ({ op: 'put', ...at, value })));
      await store.commit(each((at) => ({ op: 'delete', ...at })));
      for (const text of [value, 'said anew']) await store.commit([{ op: 'put', table: 'plain', key: `${index}/0`, value: text }]);
    }
    await store.close();
    expect(readFileSync(path).includes('secret-inside')).toBe(false);
    expect(readFileSync(path).includes('said anew')).toBe(true);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
