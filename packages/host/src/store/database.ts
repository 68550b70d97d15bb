import Libsql from 'libsql';
import { storageError } from './errors.ts';

/** What can be bound: NULL is not used. */
export type Bound = string | number | Uint8Array;
export type Row = readonly unknown[];

/** A prepared statement whose rows are arrays, in the order of its columns. */
export interface Statement {
  /** How many rows it inserted, changed or deleted. */
  run(...values: Bound[]): number;
  first(...values: Bound[]): Row | undefined;
  all(...values: Bound[]): Row[];
}

/** Where statements are found by their text. */
export interface Statements {
  statement(sql: string): Statement;
}

/** A statement as the driver makes it. */
export type Prepared = Libsql.Statement<[values: Bound[]]>;

/** Rows as arrays, and errors as `ParleyError`. */
export function wrapStatement(made: Prepared, path: string): Statement {
  const translate = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw storageError(error, path);
    }
  };
  const prepared = made.reader ? made.raw() : made;
  return {
    run: (...values) => translate(() => Number(prepared.run(values).changes)),
    first: (...values) => translate(() => prepared.get(values) as Row | undefined),
    all: (...values) => translate(() => prepared.all(values) as Row[]),
  };
}

/**
 * The few things that the store needs of the database driver, with errors as `ParleyError`. Statements are prepared once
 * for each text.
 */
export class Database implements Statements {
  readonly path: string;
  #driver: Libsql.Database | undefined;
  #statements = new Map<string, Statement>();

  constructor(path: string) {
    this.path = path;
    this.#driver = this.#translate(() => new Libsql(path));
  }

  get inTransaction(): boolean {
    return this.#open().inTransaction;
  }

  /** Executes statements without values, keeping nothing. */
  exec(sql: string): void {
    this.#translate(() => this.#open().exec(sql));
  }

  statement(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** A statement for one use. */
  prepare(sql: string): Statement {
    return this.#translate(() => wrapStatement(this.#open().prepare<[values: Bound[]]>(sql), this.path));
  }

  /** The first column of the first row of a PRAGMA or another query without values. */
  value(sql: string): unknown {
    return this.prepare(sql).first()?.[0];
  }

  /**
   * The driver closes the file when the last statement is gone, which is up to the garbage collector: nothing here
   * keeps one. Until then the file is open and idle, which locks nobody out.
   */
  close(): void {
    const driver = this.#driver;
    this.#driver = undefined;
    this.#statements = new Map();
    if (driver) this.#translate(() => driver.close());
  }

  #open(): Libsql.Database {
    if (!this.#driver) throw new Error('the database is closed');
    return this.#driver;
  }

  #translate<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw storageError(error, this.path);
    }
  }
}

/** Runs `work` in a transaction that keeps other writers out from its start. When it throws, nothing has changed. */
export function inTransaction(database: Database, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    // Some failures, a full disk among them, have ended the transaction already.
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
