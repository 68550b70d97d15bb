import { type Files, type OpenFile, type OutsideFile, ParleyError } from '@parley/core';

interface Content {
  bytes: Uint8Array;
  size: number;
}

/** The files of a simulated machine: in memory, and there after a crash as far as they were written. */
export class MemoryFiles implements Files {
  /** The disk is full above that. */
  capacityBytes = Number.POSITIVE_INFINITY;
  /** What is written is on disk when this is done. */
  syncing: () => Promise<void> = async () => {};
  /** What is removed is gone when this is done. */
  removing: () => Promise<void> = async () => {};
  readonly #files = new Map<string, Content>();
  readonly #outside = new Map<string, { readonly bytes: Uint8Array; readonly stamp: string }>();
  #stamps = 0;

  /** Puts a file of the user's where a node may read it, or changes the one that is there. */
  place(path: string, bytes: Uint8Array): void {
    this.#outside.set(path, { bytes, stamp: String(++this.#stamps) });
  }

  /** Changes a file of the user's so that it looks as before. */
  alter(path: string, bytes: Uint8Array): void {
    const { stamp = '' } = this.#outside.get(path) ?? {};
    this.#outside.set(path, { bytes, stamp });
  }

  /** Takes a file of the user's away. Returns what puts it back as it was. */
  takeAway(path: string): () => void {
    const file = this.#outside.get(path);
    this.#outside.delete(path);
    return () => {
      if (file) this.#outside.set(path, file);
    };
  }

  /** What is in a file of the node; undefined where there is none. Changing it changes the file. */
  peek(name: string): Uint8Array | undefined {
    const file = this.#files.get(name);
    return file?.bytes.subarray(0, file.size);
  }

  async create(name: string): Promise<OpenFile> {
    if (this.#files.has(name)) throw new ParleyError('conflict', `${name} is there already`);
    const file: Content = { bytes: new Uint8Array(), size: 0 };
    this.#files.set(name, file);
    return this.#handle(file);
  }

  async open(name: string): Promise<OpenFile> {
    const file = this.#files.get(name);
    if (!file) throw new ParleyError('not-found', `there is no file ${name}`);
    return this.#handle(file);
  }

  async remove(name: string): Promise<void> {
    await this.removing();
    this.#files.delete(name);
  }

  async list(): Promise<{ name: string; size: number }[]> {
    return [...this.#files].map(([name, { size }]) => ({ name, size }));
  }

  async free(): Promise<number> {
    return this.capacityBytes - this.#used();
  }

  async outside(path: string): Promise<OutsideFile> {
    const found = this.#outside.get(path);
    if (!found) throw new ParleyError('not-found', `there is no file ${path}`);
    const { bytes, stamp } = found;
    const name = path.slice(path.lastIndexOf('/') + 1);
    return { name, size: bytes.length, stamp, read: async (at, length) => bytes.slice(at, at + length), close: async () => {} };
  }

  #used(): number {
    return [...this.#files.values()].reduce((sum, { size }) => sum + size, 0);
  }

  #handle(file: Content): OpenFile {
    let closed = false;
    const check = (): void => {
      if (closed) throw new ParleyError('closed', 'the file is closed');
    };
    return {
      size: async () => file.size,
      read: async (at, length) => {
        check();
        return file.bytes.slice(at, Math.min(at + length, file.size));
      },
      write: async (at, bytes) => {
        check();
        const end = at + bytes.length;
        if (this.#used() + Math.max(0, end - file.size) > this.capacityBytes) throw new ParleyError('storage-full', 'the disk is full');
        if (end > file.bytes.length) {
          const grown = new Uint8Array(Math.max(end, 2 * file.bytes.length));
          grown.set(file.bytes.subarray(0, file.size));
          file.bytes = grown;
        }
        file.bytes.set(bytes, at);
        file.size = Math.max(file.size, end);
      },
      sync: () => {
        check();
        return this.syncing();
      },
      close: async () => {
        closed = true;
      },
    };
  }
}
