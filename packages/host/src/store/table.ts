import type { Range, StoreRow, StoreValue, StoreWrite } from '@parley/core';
import type { Bound, Database, Statements } from './database.ts';
import { fromColumns, fromTextColumn, textColumn, toColumn, VALUE_COLUMNS } from './value.ts';

export const DEFAULT_RANGE_LIMIT = 1000;

export type Put = Extract<StoreWrite, { op: 'put' }>;

/** Rows that one statement writes or deletes, where there are as many: a call of the driver costs as much as a row by itself. */
const AT_ONCE = 16;

/** One table of the store. Writes belong in a transaction of the caller, and name each key once. */
export interface Table {
  /** Its rows, as they are named in the database. */
  readonly rows: string;
  /** The statements by which it writes. */
  readonly writing: readonly string[];
  put(writer: Statements, writes: readonly Put[]): void;
  delete(writer: Statements, keys: readonly string[]): void;
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
  readonly #put: Readonly<Record<'one' | 'many', string>>;
  readonly #delete: Readonly<Record<'one' | 'many', string>>;

  constructor(name: string) {
    this.rows = `"t_${name}"`;
    const put = (rows: number): string =>
      `INSERT INTO ${this.rows} (key, value) VALUES ${Array(rows).fill('(?, ?)').join()} ON CONFLICT (key) DO UPDATE SET value = excluded.value`;
    const remove = (rows: number): string => `DELETE FROM ${this.rows} WHERE key IN (${Array(rows).fill('?').join()})`;
    this.#put = { one: put(1), many: put(AT_ONCE) };
    this.#delete = { one: remove(1), many: remove(AT_ONCE) };
    this.writing = [...Object.values(this.#put), ...Object.values(this.#delete)];
  }

  /** Makes the table. The column has no type, so that text and bytes both stay what they are. */
  static create(database: Database, name: string, small: boolean): void {
    const columns = small
      ? '(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID'
      : '(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value BLOB NOT NULL)';
    database.exec(`CREATE TABLE "t_${name}" ${columns}`);
  }

  put(writer: Statements, writes: readonly Put[]): void {
    inPieces(writer, this.#put, writes, ({ key, value }) => [key, toColumn(value)]);
  }

  delete(writer: Statements, keys: readonly string[]): void {
    inPieces(writer, this.#delete, keys, (key) => [key]);
  }
}

/** Runs a statement for many rows as often as there are as many, and the one for a single row for what is left. */
function inPieces<T>(
  writer: Statements,
  sql: Readonly<Record<'one' | 'many', string>>,
  rows: readonly T[],
  bound: (row: T) => Bound[],
): void {
  let at = 0;
  for (; at + AT_ONCE <= rows.length; at += AT_ONCE) writer.statement(sql.many).run(...rows.slice(at, at + AT_ONCE).flatMap(bound));
  for (; at < rows.length; at++) writer.statement(sql.one).run(...bound(rows[at] as T));
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
