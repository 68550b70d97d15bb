import { deleteIdbStore } from './store/index.ts';

/** Messages belong to an identity: those of another are never taken for its own. */
export function storeNameOf(base: string, nodeId: string): string {
  return `${base} ${nodeId}`;
}

/** Removes the messages of whoever was at home here. Errors: `in-use`, `storage`. */
export async function eraseStores(base: string): Promise<void> {
  for (const { name } of await indexedDB.databases()) if (name?.startsWith(`${base} `) === true) await deleteIdbStore(name);
}
