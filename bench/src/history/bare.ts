import { join } from 'node:path';
import Database from 'libsql';
import type { Subject } from '../lib/bench.ts';
import { temporaryFolder } from '../lib/folder.ts';
import { type HistoryRoles, pageSize, type Reader, textOf, timed, type Writer } from './roles.ts';

function createWriter(): Writer {
  return {
    async write(conversations, messages) {
      const path = join(temporaryFolder(), 'history.db');
      const database = new Database(path);
      database.exec('PRAGMA journal_mode = WAL');
      database.exec('CREATE TABLE message (id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, text TEXT NOT NULL)');
      database.exec('CREATE INDEX by_conversation ON message (conversation, id)');
      database.exec("CREATE VIRTUAL TABLE words USING fts5 (text, content = '', detail = none, tokenize = 'ascii')");
      const insert = database.prepare('INSERT INTO message VALUES (?, ?, ?)');
      const index = database.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)');
      database.exec('BEGIN');
      for (let id = 0; id < conversations * messages; id++) {
        insert.run(id, Math.floor(id / messages), textOf(id));
        index.run(id, textOf(id));
      }
      database.exec('COMMIT');
      database.close();
      return path;
    },
  };
}

/** Two tables, and no more: no node, no signature, no way from one process to another. */
function createReader(): Reader {
  let database: Database.Database | undefined;
  const opened = (): Database.Database => {
    if (!database) throw new Error('not open');
    return database;
  };
  return {
    async open(place) {
      database = new Database(place);
    },
    latest(conversations) {
      const page = opened().prepare('SELECT id, text FROM message WHERE conversation = ? ORDER BY id DESC LIMIT ?');
      return timed(Array.from({ length: conversations }, (_, i) => () => page.all(i, pageSize)));
    },
    search(queries) {
      const find = opened().prepare(
        'SELECT id, message.text FROM words JOIN message ON id = words.rowid WHERE words MATCH ? ORDER BY words.rowid DESC LIMIT ?',
      );
      const match = (query: string): string => query.replace(/\w+/g, '"$&"*');
      return timed(queries.map((query) => () => find.all(match(query), pageSize)));
    },
    async close() {
      opened().close();
    },
  };
}

export const bareHistory: Subject<HistoryRoles> = { roles: { writer: createWriter, reader: createReader } };
