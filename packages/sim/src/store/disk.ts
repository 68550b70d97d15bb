import { ParleyError, type Range, type StoreRow, type StoreValue, type StoreWrite, searchWords, type TableSpec } from '@parley/core';

import { SortedMap } from './sorted.ts';

export interface DiskRow {
  readonly value: StoreValue;
  /** Present in searchable tables where the row carries text. */
  readonly words: readonly string[] | undefined;
}

interface Table {
  readonly rows: SortedMap<DiskRow>;
  readonly searchable: boolean;
}

const KEY = /^[\x20-\x7e]{1,512}$/;
const TABLE = /^[a-z0-9_]+$/;
const DEFAULT_LIMIT = 1000;
const DEFAULT_SEARCH_LIMIT = 100;
const MAX_QUERY_WORDS = 200;
/** Counted for each row beside its key and value. */
const ROW_BYTES = 16;

/** What is on a simulated disk: it outlives the process that wrote it. */
export class MemoryDisk {
  readonly #tables = new Map<string, Table>();
  #bytes = 0;

  /** Bytes of keys and values. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Makes tables that are not there yet. Errors: `bad-argument`, `unsupported` when one is there and of another kind. */
  declare(specs: readonly TableSpec[]): void {
    for (const spec of specs) {
      if (!TABLE.test(spec.name)) throw new ParleyError('bad-argument', `not a table name: ${spec.name}`);
      const searchable = spec.searchable === true;
      const known = this.#tables.get(spec.name);
      if (known === undefined) this.#tables.set(spec.name, { rows: new SortedMap(), searchable });
      else if (known.searchable !== searchable) throw new ParleyError('unsupported', `table ${spec.name} is of another kind`);
    }
  }

  /** Errors: `bad-argument` for what could never be written. Returns the writes with their values copied. */
  check(writes: readonly StoreWrite[], declared: ReadonlySet<string>): StoreWrite[] {
    return writes.map((write) => {
      if (!declared.has(write.table)) throw new ParleyError('bad-argument', `no table ${write.table}`);
      if (!KEY.test(write.key)) throw new ParleyError('bad-argument', 'a key is 1 to 512 printable ASCII characters');
      if (write.op === 'delete') return write;
      return { ...write, value: typeof write.value === 'string' ? write.value : new Uint8Array(write.value) };
    });
  }

  /** Bytes that there would be more after these writes. */
  growth(writes: readonly StoreWrite[]): number {
    let bytes = 0;
    for (const write of writes) if (write.op === 'put') bytes += rowBytes(write.key, write.value);
    return bytes;
  }

  apply(writes: readonly StoreWrite[]): void {
    for (const write of writes) {
      const { rows, searchable } = this.#table(write.table);
      const old = rows.get(write.key);
      if (old !== undefined) this.#bytes -= rowBytes(write.key, old.value);
      if (write.op === 'delete') {
        rows.delete(write.key);
        continue;
      }
      this.#bytes += rowBytes(write.key, write.value);
      const words = write.text !== undefined && searchable ? searchWords(write.text) : undefined;
      rows.set(write.key, { value: write.value, words });
    }
  }

  get(table: string, key: string): StoreValue | undefined {
    const row = this.#table(table).rows.get(key);
    return row && copy(row.value);
  }

  range(table: string, range: Range): StoreRow[] {
    const rows: StoreRow[] = [];
    const limit = range.limit ?? DEFAULT_LIMIT;
    if (limit <= 0) return rows;
    for (const [key, row] of this.#walk(table, range)) {
      rows.push({ key, value: copy(row.value) });
      if (rows.length >= limit) break;
    }
    return rows;
  }

  count(table: string, range: Range): number {
    let count = 0;
    for (const _ of this.#walk(table, { ...range, reverse: false })) count++;
    return count;
  }

  search(table: string, query: string, options: { prefix?: string; limit?: number }): string[] {
    const wanted = searchWords(query);
    if (wanted.length > MAX_QUERY_WORDS) throw new ParleyError('bad-argument', `a search for more than ${MAX_QUERY_WORDS} words`);
    const last = wanted.pop();
    const { prefix = '', limit = DEFAULT_SEARCH_LIMIT } = options;
    const found: string[] = [];
    if (last === undefined || limit <= 0) return found;
    for (const [key, { words }] of this.#table(table).rows.descending(prefix === '' ? undefined : `${prefix}\u007f`)) {
      if (!key.startsWith(prefix)) break;
      if (words === undefined) continue;
      if (!wanted.every((word) => words.includes(word)) || !words.some((word) => word.startsWith(last))) continue;
      found.push(key);
      if (found.length >= limit) break;
    }
    return found;
  }

  *#walk(table: string, range: Range): IterableIterator<[string, DiskRow]> {
    const { rows } = this.#table(table);
    const low = highest(range.gt, range.gte);
    const high = lowest(range.lt, range.lte);
    if (range.reverse === true) {
      for (const entry of rows.descending(high)) {
        if (entry[0] === range.lt) continue;
        if (low !== undefined && (entry[0] < low || entry[0] === range.gt)) return;
        yield entry;
      }
    } else {
      for (const entry of rows.ascending(low)) {
        if (entry[0] === range.gt) continue;
        if (high !== undefined && (entry[0] > high || entry[0] === range.lt)) return;
        yield entry;
      }
    }
  }

  #table(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw new ParleyError('bad-argument', `no table ${name}`);
    return table;
  }
}

function highest(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}

function lowest(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

function copy(value: StoreValue): StoreValue {
  return typeof value === 'string' ? value : new Uint8Array(value);
}

function rowBytes(key: string, value: StoreValue): number {
  return ROW_BYTES + key.length + (typeof value === 'string' ? Buffer.byteLength(value) : value.length);
}
