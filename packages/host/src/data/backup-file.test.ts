import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StoreWrite, tables } from '@parley/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCrypto } from '../crypto.ts';
import { createClock, createRandom } from '../platform.ts';
import { openSqliteStore } from '../store/index.ts';
import { restoreBackupFile, writeBackupFile } from './backup-file.ts';
import { openDataDirectory } from './directory.ts';
import { backUpIdentity } from './identity-backup.ts';
import { createIdentityFile, loadIdentity } from './identity-file.ts';

const deps = { crypto: createCrypto(), random: createRandom(), clock: createClock() };
/** Cheap, so that the tests are quick. */
const cost = { n: 16, r: 1, p: 1 };
const pass = { passphrase: 'passphrase', cost };

let root: string;
let ann: string;
const at = (name: string): string => join(root, name);
const put = (key: string, value: string | Uint8Array): StoreWrite => ({ op: 'put', table: 'attachments', key, value });

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'parley-backup-'));
  ann = at('ann');
  const directory = await openDataDirectory(ann);
  await directory.close();
  await createIdentityFile(ann, deps, { name: 'ann', passphrase: 'at rest', cost });
  const store = await openSqliteStore(join(ann, 'store.db'), tables);
  await store.commit([put('one', new Uint8Array([1, 2, 3])), { op: 'put', table: 'custody', key: 'x', value: 'not this' }]);
  await store.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('is of one moment, though a node goes on writing, and comes back in another directory', async () => {
  const store = await openSqliteStore(join(ann, 'store.db'), tables);
  let late: Promise<void> | undefined;
  const progress = (): void => {
    late ??= store.commit([put('two', 'too late')]);
  };
  const many = Array.from({ length: 300 }, (_, i) => put(`many ${String(i).padStart(3, '0')}`, `value ${i}`));
  await store.commit(many);
  await writeBackupFile(ann, deps, 'at rest', at('ann.backup'), { ...pass, progress });
  expect(late).toBeDefined();
  await late;
  expect(await store.get('attachments', 'two')).toBe('too late');
  await store.close();
  const told: number[] = [];
  const restored = await restoreBackupFile(
    at('new'),
    deps,
    at('ann.backup'),
    { passphrase: 'passphrase', progress: (done, all) => told.push(done / all) },
    {},
  );
  expect(restored).toMatchObject({ rows: 301, ignored: 0 });
  expect(told.at(-1)).toBe(1);
  expect((await loadIdentity(at('new'), deps)).identity.keyId).toBe((await loadIdentity(ann, deps, 'at rest')).identity.keyId);
  const again = await openSqliteStore(join(at('new'), 'store.db'), tables);
  expect(await again.get('attachments', 'one')).toEqual(new Uint8Array([1, 2, 3]));
  expect(await again.get('attachments', 'two')).toBeUndefined();
  expect(await again.count('attachments')).toBe(301);
  expect(await again.count('custody')).toBe(0);
  await again.close();
  expect(readdirSync(at('new')).filter((name) => name.includes('tmp'))).toEqual([]);
});

it('overwrites nothing, and is refused where a node runs', async () => {
  await expect(writeBackupFile(ann, deps, 'at rest', at('ann.backup'), pass)).rejects.toMatchObject({ code: 'conflict' });
  await expect(writeBackupFile(ann, deps, 'wrong', at('other'), pass)).rejects.toMatchObject({ code: 'bad-passphrase' });
  expect(existsSync(at('other'))).toBe(false);
  const before = readFileSync(join(ann, 'identity.json'), 'utf8');
  await expect(restoreBackupFile(ann, deps, at('ann.backup'), pass, {})).rejects.toMatchObject({ code: 'conflict' });
  expect(readFileSync(join(ann, 'identity.json'), 'utf8')).toBe(before);
  const running = await openDataDirectory(at('running'));
  await expect(restoreBackupFile(at('running'), deps, at('ann.backup'), pass, {})).rejects.toMatchObject({ code: 'in-use' });
  await running.close();
});

it('leaves nothing behind when it cannot be restored, and can then be', async () => {
  const whole = readFileSync(at('ann.backup'));
  const altered = Buffer.from(whole);
  altered[altered.length - 20] = (altered.at(-20) as number) ^ 1;
  writeFileSync(at('altered'), altered);
  writeFileSync(at('short'), whole.subarray(0, whole.length - 1));
  const into = at('empty');
  const restore = (file: string, passphrase = 'passphrase') => restoreBackupFile(into, deps, at(file), { passphrase }, {});
  await expect(restore('nothing')).rejects.toMatchObject({ code: 'not-found' });
  await expect(restore('ann.backup', 'wrong')).rejects.toMatchObject({ code: 'bad-passphrase' });
  expect(existsSync(into)).toBe(false);
  for (const file of ['altered', 'short']) await expect(restore(file)).rejects.toMatchObject({ code: 'corrupt' });
  // What an interrupted one leaves is removed by the next.
  if (existsSync(into)) {
    expect(readdirSync(into).filter((name) => !['lock', 'node.pid'].includes(name))).toEqual([]);
    for (const end of ['', '-wal']) writeFileSync(join(into, `.store.db.0000000000000000.tmp${end}`), 'half');
  }
  expect((await restore('ann.backup')).rows).toBe(301);
});

it('of an identity alone comes back too, in doubt about its numbers', async () => {
  writeFileSync(at('identity'), await backUpIdentity(ann, deps, 'at rest', pass));
  const restored = await restoreBackupFile(at('alone'), deps, at('identity'), { passphrase: 'passphrase' }, { passphrase: 'next', cost });
  expect(restored).toMatchObject({ rows: 0, made: undefined });
  expect((await loadIdentity(at('alone'), deps, 'next')).identity.name).toBe('ann');
  const store = await openSqliteStore(join(at('alone'), 'store.db'), tables);
  expect(await store.count('restored')).toBe(1);
  await store.close();
});
