import {
  backUp,
  type IdentityBackup,
  type IdentityDeps,
  type JsonObject,
  openBackup,
  ParleyError,
  restoreRows,
  type ScryptCost,
  type Store,
  tables,
} from '@parley/core';
import type { Vault } from '../identity/vault.ts';
import { deleteIdbStore, openIdbStore } from '../store/index.ts';

/** Bytes that are put into one part of the file, and read of it, at a time: the browser keeps the parts, on disk where they are many. */
const PART_BYTES = 4 * 1024 * 1024;
const TYPE = 'application/octet-stream';

type Progress = (done: number, all: number) => void;

/** An identity and its store, which may be in use, as one encrypted file. Errors: those of `backUp`. */
export async function saveBackup(
  deps: IdentityDeps,
  from: IdentityBackup & { readonly store: Store; readonly settings: JsonObject },
  passphrase: string,
  { cost, progress }: { readonly cost: ScryptCost | undefined; readonly progress: Progress },
): Promise<Blob> {
  const parts: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const flush = (): void => {
    parts.push(new Blob(pieces, { type: TYPE }));
    pieces = [];
    bytes = 0;
  };
  for await (const piece of backUp(deps, { ...from, tables }, passphrase, { cost, progress })) {
    pieces.push(new Uint8Array(piece));
    bytes += piece.length;
    if (bytes >= PART_BYTES) flush();
  }
  flush();
  return new Blob(parts, { type: TYPE });
}

async function* piecesOf(file: Blob, progress: Progress): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += PART_BYTES) {
    let bytes: ArrayBuffer;
    try {
      bytes = await file.slice(at, at + PART_BYTES).arrayBuffer();
    } catch (cause) {
      throw new ParleyError('storage', 'the file cannot be read: was it moved or changed?', { cause });
    }
    progress(Math.min(file.size, at + PART_BYTES), file.size);
    yield new Uint8Array(bytes);
  }
}

/** Reads a backup to its end, and keeps nothing of it. Errors: those of `openBackup`, `corrupt`. */
export async function checkBackup(deps: IdentityDeps, file: Blob, passphrase: string, progress: Progress): Promise<void> {
  const { rows } = await openBackup(deps, piecesOf(file, progress), passphrase);
  for await (const _ of rows);
}

/**
 * Makes the store of a backup, and the identity once the store is whole: until then nobody is at home here, and a store that is not whole is
 * removed, or replaced by the next that is restored. Errors: those of `openBackup` and of the store, `conflict` where somebody is at home.
 */
export async function restoreBackup(
  deps: IdentityDeps,
  to: { readonly vault: Vault; readonly storeNameOf: (nodeId: string) => string },
  file: Blob,
  passphrase: string,
  progress: Progress,
): Promise<{ readonly open: Awaited<ReturnType<Vault['keep']>>; readonly settings: JsonObject | undefined }> {
  if (await to.vault.resident()) throw new ParleyError('conflict', 'there is an identity in this browser already');
  const backup = await openBackup(deps, piecesOf(file, progress), passphrase);
  const name = to.storeNameOf(backup.identity.nodeId);
  await deleteIdbStore(name);
  try {
    const store = await openIdbStore(name, tables);
    try {
      await restoreRows(backup, { store, tables, now: deps.clock.now() });
    } finally {
      await store.close();
    }
    return { open: await to.vault.keep(backup), settings: backup.settings };
  } catch (error) {
    await deleteIdbStore(name).catch(() => {
      // What went wrong first says more; the next restore tries again.
    });
    throw error;
  }
}
