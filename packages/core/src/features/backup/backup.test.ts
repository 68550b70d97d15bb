import { createCrypto, createRandom } from '@parley/host';
import { MemoryDrive } from '@parley/sim';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { tables } from '../../catalogue.ts';
import { createIdentity, writeBackup } from '../../identity/index.ts';
import type { StoreWrite, TableSpec } from '../../ports/store.ts';
import { concat, utf8 } from '../../util/bytes.ts';
import { errorCode } from '../../util/errors.ts';
import { backUp } from './back-up.ts';
import { openBackup, restoreRows } from './restore.ts';
import { readRestored, restoredTables } from './restored.ts';
import { CHUNK_BYTES } from './sealed-stream.ts';

const crypto = createCrypto();
const clock = { now: () => 1_700_000_000_000, monotonic: () => 0, after: () => ({ cancel: () => {} }) };
const deps = { crypto, random: createRandom(), clock };
/** Cheap, so that the tests are quick. */
const cost = { n: 2, r: 1, p: 1 };
const SEALED = CHUNK_BYTES + 16;

const TABLES: readonly TableSpec[] = [
  { name: 'one', backup: {} },
  { name: 'words', searchable: true, backup: { textOf: ({ value }) => (typeof value === 'string' ? value : undefined) } },
  { name: 'cache' },
  ...restoredTables,
];

async function* pieces(bytes: Uint8Array, size = 10_007): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return concat(...parts);
}

async function restore(file: Uint8Array, passphrase = 'passphrase', specs = TABLES) {
  const drive = new MemoryDrive();
  const store = drive.open(specs);
  const backup = await openBackup(deps, pieces(file), passphrase);
  const restored = await restoreRows(backup, { store, tables: specs, now: 5 });
  return { backup, store, restored };
}

const codeOf = (file: Uint8Array, passphrase?: string): Promise<string> =>
  restore(file, passphrase).then(
    () => 'restored',
    (error: unknown) => errorCode(error),
  );

let made: Awaited<ReturnType<typeof createIdentity>>;
beforeAll(async () => {
  made = await createIdentity(deps, { name: 'ann' });
});

async function fileOf(writes: readonly StoreWrite[], settings?: { readonly [name: string]: string }): Promise<Uint8Array> {
  const store = new MemoryDrive().open(TABLES);
  await store.commit(writes);
  return collect(backUp(deps, { ...made, store, tables: TABLES, settings }, 'passphrase', { cost }));
}

const put = (table: string, key: string, value: string | Uint8Array): StoreWrite => ({ op: 'put', table, key, value });
/** Some chunks of it. */
const large = (): Promise<Uint8Array> =>
  fileOf(Array.from({ length: 200 }, (_, i) => put('one', `row ${String(i).padStart(3, '0')}`, new Uint8Array(1000).fill(i))));

describe('a backup', () => {
  it('brings back every row of the tables that ask for it, the identity, and what else was given', async () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.uint8Array({ maxLength: 2000 }));
    const key = fc.string({ unit: fc.constantFrom(...'abc/ ~'), minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 20 }), async (rows) => {
        const file = await fileOf([...rows.map(([name, each]) => put('one', name, each)), put('cache', 'x', 'not this')], {
          theme: 'dark',
        });
        const { backup, store, restored } = await restore(file);
        expect(backup.identity.nodeId).toBe(made.identity.nodeId);
        expect([...backup.secret]).toEqual([...made.secret]);
        expect(backup.made).toBe(clock.now());
        expect(backup.settings).toEqual({ theme: 'dark' });
        const found = new Map((await store.range('one')).map((row) => [row.key, row.value]));
        expect(found).toEqual(new Map(rows));
        expect(restored).toEqual({ rows: rows.length, ignored: 0 });
        expect(await store.count('cache')).toBe(0);
        expect(await readRestored(store)).toEqual({ made: clock.now(), at: 5 });
      }),
      { numRuns: 30 },
    );
  });

  it('is found by its words again', async () => {
    const { store } = await restore(await fileOf([put('words', 'a', 'the beans are up'), put('words', 'b', 'nothing else')]));
    expect(await store.search('words', 'bean')).toEqual(['a']);
  });

  it('says how far it is', async () => {
    const store = new MemoryDrive().open(TABLES);
    await store.commit(Array.from({ length: 250 }, (_, i) => put('one', String(i), 'x')));
    const told: string[] = [];
    await collect(
      backUp(deps, { ...made, store, tables: TABLES }, 'passphrase', { cost, progress: (done, all) => told.push(`${done} of ${all}`) }),
    );
    expect(told).toEqual(['100 of 250', '200 of 250', '250 of 250']);
  });

  it('shows nothing of what is in it', async () => {
    const file = await fileOf([put('one', 'a', 'the words of somebody')]);
    for (const word of ['words of', 'ann', made.identity.nodeId, made.identity.keyId]) {
      expect(Buffer.from(file).includes(word)).toBe(false);
    }
  });

  it('is refused with any byte altered, and nothing is taken for a wrong passphrase that is none', async () => {
    const file = await fileOf([put('one', 'a', 'b')]);
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const altered = file.slice();
        altered[at] = (altered[at] as number) ^ by;
        expect(['corrupt', 'unsupported']).toContain(await codeOf(altered));
      }),
      { numRuns: 300 },
    );
  });

  it('is refused where any of its end is missing', async () => {
    const file = await large();
    const header = file.indexOf(10) + 1;
    const frames = Array.from({ length: Math.ceil((file.length - header) / SEALED) }, (_, i) => header + i * SEALED);
    expect(frames.length).toBeGreaterThan(3);
    for (const at of [0, 1, header - 1, ...frames, ...frames.map((frame) => frame + 1), file.length - 1]) {
      expect(await codeOf(file.slice(0, at))).toBe('corrupt');
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), async (at) => {
        expect(await codeOf(file.slice(0, at))).toBe('corrupt');
      }),
      {
        numRuns: 30,
      },
    );
    expect(await codeOf(file)).toBe('restored');
  });

  it('is refused with parts in another order, left out, twice, or of another file', async () => {
    const [file, other] = [await large(), await large()];
    const header = file.slice(0, file.indexOf(10) + 1);
    const parts = (of: Uint8Array): Uint8Array[] => {
      const body = of.slice(of.indexOf(10) + 1);
      return Array.from({ length: Math.ceil(body.length / SEALED) }, (_, i) => body.slice(i * SEALED, (i + 1) * SEALED));
    };
    const [a, b, ...rest] = parts(file) as [Uint8Array, Uint8Array, ...Uint8Array[]];
    const [, theirs] = parts(other) as [Uint8Array, Uint8Array];
    expect(await codeOf(concat(header, a, b, ...rest))).toBe('restored');
    for (const body of [
      [b, a, ...rest],
      [a, ...rest],
      [a, a, b, ...rest],
      [a, theirs, ...rest],
      [a, b, ...rest, utf8('more')],
    ])
      expect(await codeOf(concat(header, ...body))).toBe('corrupt');
  });

  it('is refused with another passphrase, of a later version, and where it is something else', async () => {
    const file = await fileOf([]);
    expect(await codeOf(file, 'other')).toBe('bad-passphrase');
    expect(await codeOf(file, '')).toBe('bad-argument');
    const later = Buffer.from(file).toString('latin1').replace('parley/backup/1', 'parley/backup/2');
    expect(await codeOf(new Uint8Array(Buffer.from(later, 'latin1')))).toBe('unsupported');
    for (const bytes of [new Uint8Array(), utf8('{"format":"other"}\n'), new Uint8Array(200_000).fill(1), utf8('x'.repeat(200_000))]) {
      expect(await codeOf(bytes)).toBe('corrupt');
    }
  });

  it('may be of an identity alone', async () => {
    const text = await writeBackup(deps, made, 'passphrase', cost);
    const { backup, restored } = await restore(utf8(text));
    expect(backup.identity.keyId).toBe(made.identity.keyId);
    expect(backup.made).toBeUndefined();
    expect(restored.rows).toBe(0);
    expect(await codeOf(utf8(text), 'other')).toBe('bad-passphrase');
  });

  it('leaves out rows of tables that are not known, and says so', async () => {
    const file = await fileOf([put('one', 'a', 'b'), put('words', 'c', 'd')]);
    const { restored } = await restore(file, 'passphrase', [{ name: 'one', backup: {} }, { name: 'words' }, ...restoredTables]);
    expect(restored).toEqual({ rows: 1, ignored: 1 });
  });
});

it('is decided for every table whether it goes into a backup', () => {
  const names = (wanted: boolean): string[] => tables.flatMap(({ name, backup }) => ((backup !== undefined) === wanted ? name : [])).sort();
  expect(names(true)).toEqual([
    'acquaintances',
    'attachment_uses',
    'attachments',
    'certificate_names',
    'certificates',
    'channels',
    'closed_channels',
    'contact_decisions',
    'contacts',
    'conversation_lineage',
    'deliveries',
    'devices',
    'devices_shared',
    'expiries',
    'former_keys',
    'history',
    'history_acts',
    'history_by_seq',
    'history_seqs',
    'invitations',
    'own_messages',
    'pins',
    'settings',
    'unread',
    'waiting_messages',
  ]);
  // Caches; what is under way; what must not be there twice; and what says that this store came out of a backup.
  expect(names(false)).toEqual([
    'custody',
    'custody_progress',
    'devices_told',
    'direct_offers',
    'direct_opened',
    'direct_own_key',
    'direct_sessions',
    'files',
    'files_over',
    'known_nodes',
    'own_numbers',
    'read_marks',
    'registry_contacts',
    'registry_own',
    'registry_records',
    'restored',
    'rotation',
  ]);
  expect(new Set(tables.map(({ name }) => name)).size).toBe(tables.length);
});
