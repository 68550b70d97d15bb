import type { Store, StoreWrite, TableSpec } from '../../ports/store.ts';

const TABLE = 'direct_opened';
export const openedTables: readonly TableSpec[] = [{ name: TABLE, small: true }];
const PAGE = 500;

const keyOf = (keyId: string, msgId: string): string => `${keyId}/${msgId}`;

/** Which direct messages were opened: they cannot be again, and a copy that comes later is none that is lost. */
export class OpenedMessages {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async has(keyId: string, msgId: string): Promise<boolean> {
    return (await this.#store.get(TABLE, keyOf(keyId, msgId))) !== undefined;
  }

  write(keyId: string, msgId: string, now: number): StoreWrite {
    return { op: 'put', table: TABLE, key: keyOf(keyId, msgId), value: String(now) };
  }

  /** Forgets those that were opened before a time. Errors: those of the store. */
  async trim(before: number): Promise<void> {
    for (let after = ''; ; ) {
      const rows = await this.#store.range(TABLE, { gt: after, limit: PAGE });
      const gone = rows.filter(({ value }) => Number(value) < before);
      if (gone.length > 0) await this.#store.commit(gone.map(({ key }) => ({ op: 'delete', table: TABLE, key })));
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      after = last.key;
    }
  }
}
