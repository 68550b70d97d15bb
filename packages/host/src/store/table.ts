import type { Range, StoreRow, StoreValue, StoreWrite } from '@parley/core';
import type { Bound, Database, Statements } from './database.ts';
import { fromColumns, fromTextColumn, textColumn, toColumn, VALUE_COLUMNS } from './value.ts';

export const DEFAULT_RANGE_LIMIT = 1000;

export type Put = Extract<StoreWrite, { op: 'put' }>;

/** One table of the store. Writes belong in a transaction of the caller. */
export interface Table {
  /** Its rows, as they are named in the database. */
  readonly rows: string;
  /** The statements by which it writes. */
  readonly writing: readonly string[];
  put(writer: Statements, write: Put): void;
  delete(writer: Statements, key: string): void;
}

/** A limit as SQLite takes it. */
export function limitOf(limit: number): number {
  return Math.floor(Math.min(Math.max(limit, 0), 2 ** 31 - 1));
}

/**
 * Rows by key alone. They lie in the order in which they came, and an index of the keys leads to them: a tree by key that held the values
 * too would give each value above a quarter of a page a page more of its own. Short values do lie in the tree of the keys.
 */
export class PlainTable implements Table {
  readonly rows: string;
  readonly writing: readonly string[];
  readonly #put: string;
  readonly #delete: string;

  constructor(name: string) {
    this.rows = `"t_${name}"`;
    this.#put = `INSERT INTO ${this.rows} (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`;
    this.#delete = `DELETE FROM ${this.rows} WHERE key = ?`;
    this.writing = [this.#put, this.#delete];
  }

  /** Makes the table. The column has no type, so that text and bytes both stay what they are. */
  static create(database: Database, name: string, small: boolean): void {
    const columns = small
      ? '(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID'
      : '(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value BLOB NOT NULL)';
    database.exec(`CREATE TABLE "t_${name}" ${columns}`);
  }

  put(writer: Statements, write: Put): void {
    writer.statement(this.#put).run(write.key, toColumn(write.value));
  }

  delete(writer: Statements, key: string): void {
    writer.statement(this.#delete).run(key);
  }
}

/** The part of a query that a range stands for, and its values. */
function boundsOf(range: Range): { where: string; values: Bound[] } {
  const conditions: string[] = [];
  const values: Bound[] = [];
  const bound = (operator: string, value: string | undefined): void => {
    if (value === undefined) return;
    conditions.push(`key ${operator} ?`);
    values.push(value);
  };
  bound('>', range.gt);
  bound('>=', range.gte);
  bound('<', range.lt);
  bound('<=', range.lte);
  return { where: conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`, values };
}

export function readValue(database: Database, table: Table, key: string): StoreValue | undefined {
  const row = database.statement(`SELECT ${VALUE_COLUMNS} FROM ${table.rows} WHERE key = ?`).first(key);
  return row && fromColumns(row[0], row[1]);
}

export function readRange(database: Database, table: Table, range: Range): StoreRow[] {
  const limit = limitOf(range.limit ?? DEFAULT_RANGE_LIMIT);
  const { where, values } = boundsOf(range);
  const sql = `SELECT ${textColumn('key')}, ${VALUE_COLUMNS} FROM ${table.rows}${where} ORDER BY key${range.reverse ? ' DESC' : ''} LIMIT ?`;
  const rows = database.statement(sql).all(...values, limit);
  return rows.map(([key, isText, bytes]) => ({ key: fromTextColumn(key), value: fromColumns(isText, bytes) }));
}

export function countRange(database: Database, table: Table, range: Range): number {
  const { where, values } = boundsOf(range);
  return Number(database.statement(`SELECT count(*) FROM ${table.rows}${where}`).first(...values)?.[0]);
}
