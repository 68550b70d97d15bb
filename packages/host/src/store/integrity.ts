import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { ParleyError } from '@parley/core';
import type { Database } from './database.ts';
import { fromTextColumn, textColumn } from './value.ts';

/** Files up to this are checked whole when opened: about 4 ms a MiB. */
export const CHECKED_WHOLE_BYTES = 32 * 1024 * 1024;

const PRINTABLE = /^[\x20-\x7e]*$/;

/** What every SQLite file begins with. */
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

function corrupt(path: string, detail: string): ParleyError {
  return new ParleyError('corrupt', `${path} is damaged, and was left as it is: ${detail}`, { data: { path } });
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

/**
 * Refuses what is no database at all. SQLite itself would take a file of a few bytes for an empty one, and overwrite it.
 */
export function checkHeader(path: string): void {
  if (!statSync(path).isFile()) throw new ParleyError('storage', `${path} is not a file`, { data: { path } });
  const header = Buffer.alloc(MAGIC.length);
  const file = openSync(path, 'r');
  try {
    const bytes = readSync(file, header);
    if (bytes !== 0 && !header.equals(MAGIC)) throw corrupt(path, 'it is no database');
  } finally {
    closeSync(file);
  }
}

/** The schema is ours, and so in ASCII. Where it holds no UTF-8 the driver would end the process at the next statement. */
function checkSchema(database: Database): void {
  const texts = database.prepare("SELECT CAST(name AS BLOB), CAST(tbl_name AS BLOB), CAST(coalesce(sql, '') AS BLOB) FROM sqlite_schema");
  for (const row of texts.all()) {
    if (!row.every((text) => PRINTABLE.test(fromTextColumn(text)))) throw corrupt(database.path, 'its schema cannot be read');
  }
}

/**
 * Looks whether a file is sound, without writing. A small one is read whole; of a large one the length, and both ends of
 * every tree, since a start must not take minutes. Damage elsewhere shows when its page is read, as `corrupt`.
 */
export function checkIntegrity(database: Database): void {
  const { path } = database;
  const bytes = sizeOf(path);
  if (bytes === 0) return;
  checkSchema(database);
  const pageBytes = Number(database.value('PRAGMA page_size'));
  const pages = Number(database.value('PRAGMA page_count'));
  // With a journal, pages may not have reached the file yet.
  if (sizeOf(`${path}-wal`) === 0 && pages * pageBytes > bytes) throw corrupt(path, `${bytes} bytes where ${pages} pages should be`);
  if (bytes <= CHECKED_WHOLE_BYTES) {
    const verdict = fromTextColumn(database.value(`SELECT ${textColumn('quick_check')} FROM pragma_quick_check(1)`));
    if (verdict !== 'ok') throw corrupt(path, verdict);
    return;
  }
  const tables = "SELECT CAST(name AS BLOB) FROM sqlite_schema WHERE type = 'table' AND name LIKE 't\\_%' ESCAPE '\\'";
  for (const [column] of database.prepare(tables).all()) {
    const name = fromTextColumn(column);
    for (const order of ['ASC', 'DESC']) database.value(`SELECT length(value) FROM "${name}" ORDER BY key ${order} LIMIT 1`);
  }
}
