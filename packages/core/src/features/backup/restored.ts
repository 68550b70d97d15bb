import type { Store, StoreWrite, TableSpec } from '../../ports/store.ts';

const TABLE = 'restored';
const ROW = 'mark';
/** That this store came out of a backup: it is in none itself. */
export const restoredTables: readonly TableSpec[] = [{ name: TABLE, small: true }];

/** When a backup was made, where that is known, and when it was restored: in milliseconds since 1970. */
export interface RestoredMark {
  readonly made: number | undefined;
  readonly at: number;
}

export const restoredWrite = (mark: RestoredMark): StoreWrite => ({ op: 'put', table: TABLE, key: ROW, value: JSON.stringify(mark) });

/** Undefined of a store that began empty. Errors: those of the store. */
export async function readRestored(store: Store): Promise<RestoredMark | undefined> {
  const value = await store.get(TABLE, ROW);
  return typeof value === 'string' ? (JSON.parse(value) as RestoredMark) : undefined;
}
