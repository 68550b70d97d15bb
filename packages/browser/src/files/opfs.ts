import { type Files, type OpenFile, type OutsideFile, ParleyError } from '@parley/core';
import { storageError } from '../store/errors.ts';

/** What a worker has of a file of its origin: its types are not those of a page. */
interface SyncAccess {
  getSize(): number;
  read(into: Uint8Array, options: { readonly at: number }): number;
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  flush(): void;
  close(): void;
}
type WorkerFileHandle = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncAccess> };

const NAME = /^[a-z0-9][a-z0-9.-]{0,100}$/;
/** Of what a page gives, copied at a time. */
const PIECE_BYTES = 1024 * 1024;
/** A worker that has just ended may hold its files for a moment. */
const TRIES = 20;
const RETRY_MS = 100;

const nameOf = (error: unknown): string => (error instanceof DOMException ? error.name : '');

function attempt<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (nameOf(error) === 'InvalidStateError') throw new ParleyError('closed', 'the file is closed', { cause: error });
    throw storageError(error);
  }
}

/** Does what needs a file for itself alone. */
async function alone<T>(run: () => Promise<T>): Promise<T> {
  for (let left = TRIES; ; left--) {
    try {
      return await run();
    } catch (error) {
      if (nameOf(error) !== 'NoModificationAllowedError' || left === 0) throw storageError(error);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

const accessTo = (handle: WorkerFileHandle): Promise<SyncAccess> => alone(() => handle.createSyncAccessHandle());

function writeAll(access: SyncAccess, at: number, bytes: Uint8Array): void {
  attempt(() => {
    for (let written = 0; written < bytes.length; ) {
      const more = access.write(bytes.subarray(written), { at: at + written });
      if (more === 0) throw new DOMException('nothing more can be written', 'QuotaExceededError');
      written += more;
    }
  });
}

/** A file that is open: the browser gives it once, however many read it. */
interface Shared {
  readonly access: Promise<SyncAccess>;
  users: number;
}

/**
 * Files of a node in the private file system of its origin. A page can name no path: what its user sends is copied there, and its `outside` is
 * the name of a copy. For workers, where bytes are written in place.
 */
export class OpfsFiles implements Files {
  readonly #kept: FileSystemDirectoryHandle;
  readonly #sent: FileSystemDirectoryHandle;
  readonly #wanted: () => Promise<readonly string[]>;
  readonly #open = new Map<string, Shared>();

  private constructor(kept: FileSystemDirectoryHandle, sent: FileSystemDirectoryHandle, wanted: () => Promise<readonly string[]>) {
    this.#kept = kept;
    this.#sent = sent;
    this.#wanted = wanted;
  }

  /** Undefined where the browser has nothing of the kind. `wanted`: copies that nothing names yet, and that are to stay. */
  static async in(folder: string, wanted: () => Promise<readonly string[]> = async () => []): Promise<OpfsFiles | undefined> {
    if (!('FileSystemFileHandle' in globalThis) || !('createSyncAccessHandle' in FileSystemFileHandle.prototype)) return undefined;
    try {
      const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
      const [kept, sent] = await Promise.all(['kept', 'sent'].map((name) => root.getDirectoryHandle(name, { create: true })));
      return kept && sent && new OpfsFiles(kept, sent, wanted);
    } catch {
      // A private window may have none; then large files are not for it.
      return undefined;
    }
  }

  async create(name: string): Promise<OpenFile> {
    if (await this.#find(this.#kept, name)) throw new ParleyError('conflict', `${name} is there already`);
    return this.#handle(name, await this.#make(this.#kept, name));
  }

  async open(name: string): Promise<OpenFile> {
    const found = await this.#find(this.#kept, name);
    if (!found) throw new ParleyError('not-found', `there is no file ${name}`);
    return this.#handle(name, found);
  }

  async remove(name: string): Promise<void> {
    const shared = this.#open.get(name);
    this.#open.delete(name);
    // Whoever still reads it is told that it is closed.
    (await shared?.access.catch(() => undefined))?.close();
    await this.#removeFrom(this.#kept, name);
  }

  async list(): Promise<{ name: string; size: number }[]> {
    const all: { name: string; size: number }[] = [];
    try {
      for await (const [name, handle] of this.#kept.entries())
        if (handle.kind === 'file' && NAME.test(name)) all.push({ name, size: (await (handle as FileSystemFileHandle).getFile()).size });
    } catch (error) {
      throw storageError(error);
    }
    return all;
  }

  async free(): Promise<number> {
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    return Math.max(0, quota - usage);
  }

  async outside(path: string): Promise<OutsideFile> {
    const file = await this.sent(path);
    if (!file) throw new ParleyError('not-found', 'this browser does not have the file any more');
    return {
      name: path,
      size: file.size,
      stamp: `${path}-${file.size}-${file.lastModified}`,
      read: async (at, length) => {
        try {
          return new Uint8Array(await file.slice(at, at + length).arrayBuffer());
        } catch (error) {
          throw storageError(error);
        }
      },
      close: async () => {},
    };
  }

  readonly copies = {
    keepOnly: async (paths: readonly string[]): Promise<void> => {
      const needed = new Set([...paths, ...(await this.#wanted())]);
      const names: string[] = [];
      for await (const name of this.#sent.keys()) if (!needed.has(name)) names.push(name);
      for (const name of names) await this.#removeFrom(this.#sent, name);
    },
    remove: (path: string): Promise<void> => this.#removeFrom(this.#sent, path),
  };

  /** Copies what a page gives, so that it can be sent when the page is gone. Errors: `aborted`, `storage`, `storage-full`; then nothing of it stays. */
  async copy(path: string, from: Blob, about: { readonly signal: AbortSignal; readonly progress: (bytes: number) => void }): Promise<void> {
    if ((await this.free()) < from.size) throw storageError(new DOMException(`${from.size} bytes are needed`, 'QuotaExceededError'));
    await this.#removeFrom(this.#sent, path);
    try {
      const access = await accessTo(await this.#make(this.#sent, path));
      try {
        for (let at = 0; at < from.size; at += PIECE_BYTES) {
          about.signal.throwIfAborted();
          writeAll(access, at, new Uint8Array(await from.slice(at, at + PIECE_BYTES).arrayBuffer()));
          about.progress(Math.min(at + PIECE_BYTES, from.size));
        }
        attempt(() => access.flush());
      } finally {
        access.close();
      }
    } catch (error) {
      await this.#removeFrom(this.#sent, path);
      if (about.signal.aborted) throw new ParleyError('aborted', 'the file is not to be sent any more');
      if (nameOf(error) === 'NotReadableError' || nameOf(error) === 'NotFoundError')
        throw new ParleyError('not-found', 'the file was changed or moved while it was read: choose it again', { cause: error });
      throw storageError(error);
    }
  }

  /** A file to be saved or shown; its bytes stay on disk. Undefined where it is not here. */
  async kept(name: string): Promise<File | undefined> {
    return (await this.#find(this.#kept, name))?.getFile();
  }

  async sent(path: string): Promise<File | undefined> {
    return (await this.#find(this.#sent, path))?.getFile();
  }

  async #find(folder: FileSystemDirectoryHandle, name: string): Promise<WorkerFileHandle | undefined> {
    if (!NAME.test(name)) throw new ParleyError('bad-argument', `not a name of a file: ${name}`);
    try {
      return (await folder.getFileHandle(name)) as WorkerFileHandle;
    } catch (error) {
      if (nameOf(error) === 'NotFoundError') return undefined;
      throw storageError(error);
    }
  }

  async #make(folder: FileSystemDirectoryHandle, name: string): Promise<WorkerFileHandle> {
    if (!NAME.test(name)) throw new ParleyError('bad-argument', `not a name of a file: ${name}`);
    try {
      return (await folder.getFileHandle(name, { create: true })) as WorkerFileHandle;
    } catch (error) {
      throw storageError(error);
    }
  }

  async #removeFrom(folder: FileSystemDirectoryHandle, name: string): Promise<void> {
    await alone(() =>
      folder.removeEntry(name).catch((error: unknown) => {
        if (nameOf(error) !== 'NotFoundError') throw error;
      }),
    );
  }

  async #handle(name: string, handle: WorkerFileHandle): Promise<OpenFile> {
    const shared = this.#open.get(name) ?? { access: accessTo(handle), users: 0 };
    this.#open.set(name, shared);
    shared.users++;
    let ended = false;
    const close = async (): Promise<void> => {
      if (ended) return;
      ended = true;
      if (--shared.users > 0 || this.#open.get(name) !== shared) return;
      this.#open.delete(name);
      (await shared.access).close();
    };
    let access: SyncAccess;
    try {
      access = await shared.access;
    } catch (error) {
      if (this.#open.get(name) === shared) this.#open.delete(name);
      throw error;
    }
    const using = <T>(run: () => T): T => {
      if (ended) throw new ParleyError('closed', 'the file is closed');
      return attempt(run);
    };
    return {
      size: async () => using(() => access.getSize()),
      read: async (at, length) =>
        using(() => {
          const bytes = new Uint8Array(length);
          return bytes.subarray(0, access.read(bytes, { at }));
        }),
      write: async (at, bytes) => using(() => writeAll(access, at, bytes)),
      sync: async () => using(() => access.flush()),
      close,
    };
  }
}

/** Removes the files of whoever was at home here. */
export async function eraseFiles(base: string): Promise<void> {
  const root = await navigator.storage.getDirectory().catch(() => undefined);
  if (!root) return;
  const names: string[] = [];
  for await (const name of root.keys()) if (name.startsWith(`${base} `)) names.push(name);
  for (const name of names) await root.removeEntry(name, { recursive: true });
}
