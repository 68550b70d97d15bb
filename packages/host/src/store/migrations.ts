import { ParleyError } from '@parley/core';
import type { Database } from './database.ts';

/** `PRLY`: says in the file's header whose it is (shown by the `file` command). */
const APPLICATION_ID = 0x50524c59;

/** A step from one version of the file's layout to the next; runs within a transaction. */
type Migration = (database: Database) => void;

/** The layout's version is how many of these a file has gone through (`user_version`). Never change one: append. */
const MIGRATIONS: readonly Migration[] = [
  (database) => {
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    // Which tables there are, and of which kind; their rows live in tables of their own.
    database.exec('CREATE TABLE catalogue (name TEXT PRIMARY KEY, searchable INTEGER NOT NULL) WITHOUT ROWID');
  },
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * The version of the file's layout; 0 for an empty file. Writes nothing. Throws `unsupported` for a file of a later
 * version or of another program.
 */
export function readVersion(database: Database): number {
  const version = Number(database.value('PRAGMA user_version'));
  const owner = Number(database.value('PRAGMA application_id'));
  const isEmpty = Number(database.value('SELECT count(*) FROM sqlite_schema')) === 0;
  if (!isEmpty && owner !== APPLICATION_ID) {
    throw new ParleyError('unsupported', `${database.path} is a database of another program, and was left as it is`);
  }
  if (version > SCHEMA_VERSION) {
    const versions = `version ${version}, and this program knows up to ${SCHEMA_VERSION}`;
    throw new ParleyError('unsupported', `${database.path} was written by a later program (${versions}); it was left as it is`);
  }
  return version;
}

/** Brings a file of an earlier version up to date, in the caller's transaction. */
export function migrate(database: Database, version: number): void {
  for (const migration of MIGRATIONS.slice(version)) migration(database);
  if (version < SCHEMA_VERSION) database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}
