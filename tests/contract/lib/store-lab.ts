import type { Range, Store, StoreValue, StoreWrite, TableSpec } from '@parley/core';
import type { Time } from './time.ts';

/** One implementation of the Store port, with data that outlives a store. */
export interface StoreSetup {
  /** Opens what is there, or something new. */
  open(tables: readonly TableSpec[]): Promise<Store>;
  readonly time: Time;
  teardown(): Promise<void>;
}

export const TABLES: readonly TableSpec[] = [{ name: 'plain' }, { name: 'other' }, { name: 'texts', searchable: true }];

export function put(key: string, value: StoreValue = key, table = 'plain'): StoreWrite {
  return { op: 'put', table, key, value };
}

export function remove(key: string, table = 'plain'): StoreWrite {
  return { op: 'delete', table, key };
}

/** Makes commits and closes stores, letting time pass. */
export class StoreLab {
  readonly setup: StoreSetup;
  store: Store;

  constructor(setup: StoreSetup, store: Store) {
    this.setup = setup;
    this.store = store;
  }

  commit(...writes: StoreWrite[]): Promise<void> {
    return this.setup.time.until(this.store.commit(writes));
  }

  async reopen(tables: readonly TableSpec[] = TABLES): Promise<void> {
    await this.setup.time.until(this.store.close());
    this.store = await this.setup.open(tables);
  }

  async keys(range: Range = {}, table = 'plain'): Promise<string[]> {
    return (await this.store.range(table, range)).map((row) => row.key);
  }
}
