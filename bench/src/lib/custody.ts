import { join } from 'node:path';
import Database from 'libsql';
import { temporaryFolder } from './folder.ts';

/** Rows of messages on disk, in SQLite: what custody costs at the very least. */
export interface Custody {
  /** One transaction (group commit): rows to keep, and the greatest sequence number up to which rows go. */
  commit(kept: readonly CustodyRow[], deleteUpTo?: number): void;
}

export interface CustodyRow {
  readonly sequence: number;
  readonly body: Uint8Array;
}

/**
 * A database in a folder of its own, which goes with the process. A write-ahead log with a sync at every commit: what
 * was acknowledged is on disk.
 */
export function openCustody(): Custody {
  const database = new Database(join(temporaryFolder(), 'custody.db'));
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE message (sequence INTEGER PRIMARY KEY, body BLOB NOT NULL)');
  const insert = database.prepare('INSERT INTO message VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM message WHERE sequence <= ?');
  const begin = database.prepare('BEGIN');
  const end = database.prepare('COMMIT');
  return {
    commit(kept, deleteUpTo) {
      begin.run();
      for (const { sequence, body } of kept) insert.run(sequence, body);
      if (deleteUpTo !== undefined) remove.run(deleteUpTo);
      end.run();
    },
  };
}
