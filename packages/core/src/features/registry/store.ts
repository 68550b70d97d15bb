import type { Store, StoreWrite } from '../../ports/store.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import type { RegistryRecord } from './record.ts';

const TABLE = 'registry_records';
const CONTACTS = 'registry_contacts';
export const shelfTables = [{ name: TABLE }, { name: CONTACTS, small: true }] as const;

interface Row {
  /** base64 */
  readonly record: string;
  readonly source?: string;
}

/** Rows read, and written, at a time. */
const PAGE = 500;
const MAX_CONTACTS = 200;

/** What the registry keeps on disk: the shelf, and whom to ask first after a start. */
export class RegistryStore {
  readonly #store: Store;
  readonly #dirty = new Set<string>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Records that were checked when they were written, and from whom they came. */
  async *records(): AsyncIterableIterator<{ readonly bytes: Uint8Array; readonly source: string | undefined; readonly nodeId: string }> {
    for (let after = ''; ; ) {
      const rows = await this.#store.range(TABLE, { gt: after, limit: PAGE });
      for (const { key: nodeId, value } of rows) {
        after = nodeId;
        const { record, source } = JSON.parse(value as string) as Row;
        yield { bytes: fromBase64(record) ?? new Uint8Array(0), source, nodeId };
      }
      if (rows.length < PAGE) return;
    }
  }

  /** The record of a node has changed, or is gone. */
  touch(nodeId: string): void {
    this.#dirty.add(nodeId);
  }

  /** Whether anything has changed that is not written. */
  get dirty(): boolean {
    return this.#dirty.size > 0;
  }

  /** Writes what changed. `held`: what there is of a node now. */
  async save(
    held: (nodeId: string) => { readonly record: RegistryRecord; readonly source: string | undefined } | undefined,
  ): Promise<void> {
    const ids = [...this.#dirty];
    this.#dirty.clear();
    while (ids.length > 0) {
      const writes = ids.splice(0, PAGE).map((nodeId): StoreWrite => {
        const now = held(nodeId);
        if (!now) return { op: 'delete', table: TABLE, key: nodeId };
        const row: Row = { record: base64(now.record.bytes), ...(now.source === undefined ? {} : { source: now.source }) };
        return { op: 'put', table: TABLE, key: nodeId, value: JSON.stringify(row) };
      });
      await this.#store.commit(writes);
    }
  }

  /** Addresses by key id. */
  async contacts(): Promise<{ readonly keyId: string; readonly address: string }[]> {
    const rows = await this.#store.range(CONTACTS, { limit: MAX_CONTACTS });
    return rows.map(({ key, value }) => ({ keyId: key, address: String(value) }));
  }

  async saveContacts(contacts: readonly { readonly keyId: string; readonly address: string }[]): Promise<void> {
    const kept = new Map(contacts.slice(0, MAX_CONTACTS).map(({ keyId, address }) => [keyId, address]));
    const writes: StoreWrite[] = [];
    for (const { keyId, address } of await this.contacts()) {
      if (kept.get(keyId) === address) kept.delete(keyId);
      else if (!kept.has(keyId)) writes.push({ op: 'delete', table: CONTACTS, key: keyId });
    }
    for (const [keyId, address] of kept) writes.push({ op: 'put', table: CONTACTS, key: keyId, value: address });
    if (writes.length > 0) await this.#store.commit(writes);
  }
}
