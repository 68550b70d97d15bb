import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backUp, createIdentity, silentLog, tables } from '@parley/core';
import { createClock, createCrypto, createRandom, restoreBackupFile } from '@parley/host';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Lab } from './host-lab.ts';

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.close());

const deps = { crypto: createCrypto(), random: createRandom(), clock: createClock() };

/** A backup whose passphrase fits and whose rows are whatever somebody put there. */
async function backupOf(file: string, rows: readonly (readonly [string, string, string | Uint8Array])[]): Promise<void> {
  const made = await createIdentity(deps, { name: 'ann' });
  const store = {
    range: async (table: string, { gt = '' }: { gt?: string } = {}) =>
      rows.filter(([name, key]) => name === table && key > gt).map(([, key, value]) => ({ key, value })),
    count: async () => rows.length,
  };
  const pieces: Uint8Array[] = [];
  const source = { ...made, store: store as never, tables };
  for await (const piece of backUp(deps, source, 'long enough', { cost: { n: 2, r: 1, p: 1 } })) pieces.push(piece);
  writeFileSync(file, Buffer.concat(pieces));
}

const GUID = '00000000-0000-8000-8000-000000000001';

it.each<[string, readonly [string, string, string | Uint8Array][]]>([
  ['a contact that is no JSON', [['contacts', 'key_x', '{']]],
  ['a contact that is a number', [['contacts', 'key_x', '7']]],
  ['a contact of bytes', [['contacts', 'key_x', new Uint8Array([1, 2, 3])]]],
  ['a channel that is null', [['channels', GUID, 'null']]],
  ['a closed channel without entries', [['closed_channels', GUID, '{}']]],
  ['an invitation without a channel', [['invitations', GUID, '{}']]],
  ['settings of another kind', [['settings', 'shares', '[]']]],
  ['devices of another kind', [['devices', 'standing', '"x"']]],
  ['a waiting message without a place', [['waiting_messages', `${GUID}/1`, 'null']]],
  ['an act that is none', [['history_acts', `${GUID}/x/0000000000000001/y`, '{']]],
  ['held numbers that are none', [['history_seqs', `${GUID}/x`, '{}']]],
])('a backup with %s is refused, or its node starts', async (_, rows) => {
  const file = join(lab.root, 'backup');
  await backupOf(file, rows);
  const data = lab.dir('restored');
  const restored = await restoreBackupFile(data, deps, file, { passphrase: 'long enough' }, {}).then(
    () => 'restored',
    (error: { readonly code?: string }) => error.code,
  );
  expect(['restored', 'corrupt']).toContain(restored);
  if (restored === 'corrupt') return;
  const { client } = await lab.start({ data, nodeType: 'client', name: 'ann', log: silentLog });
  expect((await client.status()).name).toBe('ann');
});
