/** Text, or bytes. What it means is the business of whoever owns the table. */
export type StoreValue = string | Uint8Array;

/** A table is declared before the store is opened. Keys are printable ASCII, ordered by code; at most 512 characters. */
export interface TableSpec {
  /** Lower-case letters, digits and `_`. */
  readonly name: string;
  /** Whether rows carry text for full-text search. */
  readonly searchable?: boolean;
  /** Values are short, at most some hundred bytes: a hint for how to lay them out. */
  readonly small?: boolean;
  /**
   * Its rows go into a backup, in the order in which tables are declared: what points to rows of another table comes before that, since the
   * node may go on writing meanwhile. Without it they are a cache, or nothing that may be there twice.
   */
  readonly backup?: BackupRule;
}

/** What a restored table needs beside its rows. */
export interface BackupRule {
  /** Whether a row is one that this version could read again: a node does not start on others. */
  readonly fits?: (row: StoreRow) => boolean;
  /** The text of a row of a searchable table: only its words are on disk. */
  readonly textOf?: (row: StoreRow) => string | undefined;
  /** Runs once the rows of all tables are back. */
  readonly restored?: (store: Store) => Promise<void>;
}

export type StoreWrite =
  | { readonly op: 'put'; readonly table: string; readonly key: string; readonly value: StoreValue; readonly text?: string }
  | { readonly op: 'delete'; readonly table: string; readonly key: string };

/** Bounds are by key, each of them optional. */
export interface Range {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly reverse?: boolean;
  /** Default 1,000. */
  readonly limit?: number;
}

export interface StoreRow {
  readonly key: string;
  readonly value: StoreValue;
}

/**
 * A durable, ordered table store: SQLite on Node.js, IndexedDB in a browser, memory in a simulated world.
 * Errors: `storage-full`, `corrupt`, `in-use`, `storage`, `closed`.
 */
export interface Store {
  get(table: string, key: string): Promise<StoreValue | undefined>;
  range(table: string, range?: Range): Promise<StoreRow[]>;
  /** Number of rows in the range (limit and order do not count). */
  count(table: string, range?: Range): Promise<number>;
  /**
   * All of it or nothing, on disk when it resolves. Calls made together are committed together; a later write to
   * the same key wins.
   */
  commit(writes: readonly StoreWrite[]): Promise<void>;
  /**
   * Keys of rows whose text holds every word of the query (words split at non-letters, case and accents folded; the
   * last word may be a beginning), latest key first.
   */
  search(table: string, query: string, options?: { prefix?: string; limit?: number }): Promise<string[]>;
  /**
   * Keys of rows with all words of the query, those first that were made last: so many of them are found in a moment, however many there are.
   * Missing where a store does not know in which order rows were made.
   */
  searchLatest?(table: string, query: string, limit: number): Promise<string[]>;
  /** Bytes used on disk, or an estimate. */
  size(): number;
  close(): Promise<void>;
}
