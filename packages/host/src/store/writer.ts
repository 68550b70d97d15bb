import Libsql from 'libsql/promise';
import { type Prepared, type Statement, type Statements, wrapStatement } from './database.ts';
import { storageError } from './errors.ts';

/** What is used of the driver, whose own types say `any`, or nothing. */
interface Driver {
  readonly inTransaction: boolean;
  exec(sql: string): Promise<void>;
  prepare(sql: string): Promise<Prepared>;
  close(): void;
}

/**
 * The connection that writes. Rows are written within the turn, and what waits for the disk, the beginning and the end of a transaction,
 * on a thread of the driver: meanwhile the node goes on.
 */
export class Writer implements Statements {
  readonly #path: string;
  #driver: Driver | undefined;
  #statements = new Map<string, Statement>();

  private constructor(path: string, driver: Driver) {
    this.#path = path;
    this.#driver = driver;
  }

  /** Opens the file, and executes `settings`. */
  static async open(path: string, settings: readonly string[]): Promise<Writer> {
    const driver = await translated(path, async () => new Libsql(path, {}) as unknown as Driver);
    const writer = new Writer(path, driver);
    try {
      for (const sql of settings) await writer.#exec(sql);
      return writer;
    } catch (error) {
      writer.close();
      throw error;
    }
  }

  /** Has statements at hand for `statement`. */
  async prepare(texts: readonly string[]): Promise<void> {
    for (const sql of texts) {
      if (this.#statements.has(sql)) continue;
      const made = await translated(this.#path, () => this.#open().prepare(sql));
      this.#statements.set(sql, wrapStatement(made, this.#path));
    }
  }

  /** One of the statements that were prepared. */
  statement(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (!known) throw new Error(`not prepared: ${sql}`);
    return known;
  }

  /** Runs `work` in a transaction that keeps other writers out from its start; on disk when it resolves. When it rejects, nothing has changed. */
  async transaction(work: () => void): Promise<void> {
    await this.#exec('BEGIN IMMEDIATE');
    try {
      work();
      await this.#exec('COMMIT');
    } catch (error) {
      // Some failures, a full disk among them, have ended the transaction already.
      if (this.#open().inTransaction) await this.#exec('ROLLBACK');
      throw error;
    }
  }

  /** See `Database.close`. */
  close(): void {
    const driver = this.#driver;
    this.#driver = undefined;
    this.#statements = new Map();
    driver?.close();
  }

  #exec(sql: string): Promise<void> {
    return translated(this.#path, () => this.#open().exec(sql));
  }

  #open(): Driver {
    if (!this.#driver) throw new Error('the database is closed');
    return this.#driver;
  }
}

/** Errors of the driver as `ParleyError`. */
async function translated<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw storageError(error, path);
  }
}
