import { backUp, hex, openBackup } from '@parley/core';
import { crypto, random } from './cast.mjs';
import { TIME } from './examples.mjs';

const PASSPHRASE = 'pässphrase';
/** Cheap: it is no secret. */
const COST = { n: 16, r: 1, p: 1 };
const TABLES = [
  { name: 'words', backup: {} },
  { name: 'bytes', backup: {} },
];
const ROWS = [
  { key: 'a', value: 'tèxt' },
  { key: 'b', value: Uint8Array.of(0, 1, 254, 255) },
];

/** A backup with two rows, made with fixed randomness. @param {Awaited<ReturnType<typeof import('./cast.mjs').cast>>} people */
export async function backupVector({ ann }) {
  const clock = { now: () => Date.parse(TIME), monotonic: () => 0, after: () => ({ cancel() {} }) };
  const deps = { crypto, random, clock };
  const store = {
    /** @param {string} table @param {{ gt?: string }} range */
    range: async (table, { gt } = {}) => (gt === '' ? ROWS.slice(table === 'words' ? 0 : 1, table === 'words' ? 1 : 2) : []),
    count: async () => 1,
  };
  const secret = Uint8Array.from([...ann.seed, ...ann.sealingSecret]);
  /** @type {Uint8Array[]} */
  const pieces = [];
  const source = { identity: ann.identity, secret, store, tables: TABLES };
  for await (const piece of backUp(deps, source, PASSPHRASE, { cost: COST })) pieces.push(piece);
  const file = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
  const { rows } = await openBackup(
    deps,
    (async function* () {
      yield file;
    })(),
    PASSPHRASE,
  );
  const found = [];
  for await (const { table, key, value } of rows)
    found.push(typeof value === 'string' ? { table, key, text: value } : { table, key, hex: hex(value) });
  return { passphrase: PASSPHRASE, identity: ann.name, made: TIME, rows: found, file: hex(file) };
}
