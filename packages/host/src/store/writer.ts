import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '@parley/core';
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

const BEGIN = 'BEGIN IMMEDIATE';
/** How long to wait for another process that has locked the file, such as a backup. */
export const LOCK_TIMEOUT_MS = 1_000;
/** How often the writer looks. */
const LOCK_RETRY_MS = 10;

/**
 * The connection that writes. Transactions begin, and rows are written, within the turn: there is no other writer to wait for, as a rule. What
 * waits for the disk, the end of a transaction, is done on a thread of the driver: meanwhile the node goes on.
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
      // The driver would wait within the turn.
      for (const sql of ['PRAGMA busy_timeout = 0', ...settings]) await writer.#exec(sql);
      await writer.prepare([BEGIN]);
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
    await this.#begin();
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

  /** Whoever has locked the file is waited for without holding up the node. Errors: `in-use` when that takes too long. */
  async #begin(): Promise<void> {
    const begin = this.statement(BEGIN);
    for (let waitedMs = 0; ; waitedMs += LOCK_RETRY_MS) {
      try {
        begin.run();
        return;
      } catch (error) {
        if (errorCode(error) !== 'in-use' || waitedMs >= LOCK_TIMEOUT_MS) throw error;
      }
      await sleep(LOCK_RETRY_MS);
    }
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
