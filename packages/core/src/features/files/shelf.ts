import type { Files, OpenFile, OutsideFile } from '../../ports/files.ts';
import type { Ports } from '../../ports/index.ts';
import type { Store, TableSpec } from '../../ports/store.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import { errorCode, ParleyError } from '../../util/errors.ts';
import type { FileConfig } from './config.ts';
import { addressAt, CHUNK_BYTES, chunkLength, type FileKey, levelsOf, listOf } from './layout.ts';

const TABLE = 'files';
export const fileTables: readonly TableSpec[] = [{ name: TABLE }];

/**
 * `source`: the user's own file, where it stands. `fetching`: asked for, and not all of it is here. `failed`: it could not be had as it was
 * signed; asked for again, it begins anew.
 */
export type FileState = 'source' | 'fetching' | 'here' | 'failed';

/** A file that a message named, as its sender signed it. */
export interface FileAbout extends FileKey {
  /** Of the content, hexadecimal. */
  readonly sha256: string;
}

/** The file that an attachment names; undefined where it is inside its message. */
export function aboutFile(attachment: {
  readonly root?: string | undefined;
  readonly key?: string | undefined;
  readonly size: number;
  readonly sha256: string;
}): FileAbout | undefined {
  const { root, size, sha256 } = attachment;
  const key = attachment.key === undefined ? undefined : fromBase64(attachment.key);
  return root === undefined || key?.length !== 32 || size < 1 ? undefined : { root, key, size, sha256 };
}

/** A file that this node holds, or wants. */
export interface FileRecord extends FileAbout {
  /** Where it was sent, and by whom (node id). */
  readonly channelId: string;
  readonly sender: string;
  readonly state: FileState;
  /** False where it came without its user asking for it. */
  readonly asked?: boolean;
  /** When that was begun, in milliseconds since 1970. */
  readonly since?: number;
  /** Of the user's own file. */
  readonly path?: string;
  readonly stamp?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Reads plain chunks, of any level. */
export interface ChunkReader {
  chunk(level: number, index: number): Promise<Uint8Array>;
  /** The address that a chunk of the content has. */
  address(index: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

type Row = Omit<FileRecord, 'key'> & { readonly key: string };

const listName = (root: string): string => `${root}.list`;

/** The files of this node: what is known of them in the store, their bytes in the port for files. */
export class Shelf {
  readonly files: Files;
  readonly #store: Store;
  readonly #config: FileConfig;
  readonly #records = new Map<string, FileRecord>();

  constructor(ports: Ports, files: Files, config: FileConfig) {
    this.files = files;
    this.#store = ports.store;
    this.#config = config;
  }

  /** Reads back what is known, and removes what nothing is known of. */
  async start(): Promise<void> {
    for (const { value } of await this.#store.range(TABLE, { limit: this.#config.maxFiles })) {
      const row = JSON.parse(value as string) as Row;
      const key = fromBase64(row.key);
      if (key) this.#records.set(row.root, { ...row, key });
    }
    for (const { name } of await this.files.list()) {
      if (!this.#records.has(name.replace(/\.list$/, ''))) await this.files.remove(name);
    }
    await this.files.copies?.keepOnly(this.all().flatMap(({ path }) => path ?? []));
  }

  all(): FileRecord[] {
    return [...this.#records.values()];
  }

  get(root: string): FileRecord | undefined {
    return this.#records.get(root);
  }

  /** Whether what is held under a root is what a message means: another may name the root with another key. */
  fits(about: FileAbout): FileRecord | undefined {
    const record = this.#records.get(about.root);
    const same = record && record.sha256 === about.sha256 && record.size === about.size && base64(record.key) === base64(about.key);
    return same ? record : undefined;
  }

  /** Errors: `quota`, those of the store. */
  async put(record: FileRecord): Promise<FileRecord> {
    if (!this.#records.has(record.root) && this.#records.size >= this.#config.maxFiles)
      throw new ParleyError('quota', `at most ${this.#config.maxFiles} files are kept: remove some`);
    const row: Row = { ...record, key: base64(record.key) };
    await this.#store.commit([{ op: 'put', table: TABLE, key: record.root, value: JSON.stringify(row) }]);
    this.#records.set(record.root, record);
    return record;
  }

  /** What holds as long as this process runs: at the next start it is as it was put. */
  show(record: FileRecord): void {
    if (this.#records.has(record.root)) this.#records.set(record.root, record);
  }

  /** The content and what is known of it. A user's own file stays. */
  async remove(root: string): Promise<void> {
    await this.#store.commit([{ op: 'delete', table: TABLE, key: root }]);
    const { path } = this.#records.get(root) ?? {};
    this.#records.delete(root);
    await this.clear(root);
    if (path !== undefined) await this.files.copies?.remove(path);
  }

  /** What is here of the content. */
  async clear(root: string): Promise<void> {
    await this.files.remove(root);
    await this.files.remove(listName(root));
  }

  /** Bytes that fetched files take, or will. */
  reserved(): number {
    return this.all().reduce((sum, { state, size }) => sum + (state === 'here' || state === 'fetching' ? size : 0), 0);
  }

  async writeLists(root: string, lists: Uint8Array): Promise<void> {
    await this.files.remove(listName(root));
    const file = await this.files.create(listName(root));
    try {
      await file.write(0, lists);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** All lists, if as many bytes are there as there should be. */
  async readLists({ root, size }: FileKey): Promise<Uint8Array | undefined> {
    const bytes = levelsOf(size)
      .slice(1)
      .reduce((sum, level) => sum + level.bytes, 0);
    let file: OpenFile;
    try {
      file = await this.files.open(listName(root));
    } catch (error) {
      if (errorCode(error) === 'not-found') return undefined;
      throw error;
    }
    try {
      const lists = await file.read(0, bytes);
      return lists.length === bytes ? lists : undefined;
    } finally {
      await file.close();
    }
  }

  /** The file of a fetch, made if it is not there. */
  async openForWriting(root: string): Promise<OpenFile> {
    try {
      return await this.files.open(root);
    } catch (error) {
      if (errorCode(error) !== 'not-found') throw error;
      return this.files.create(root);
    }
  }

  /** Errors: `not-found` where it is not here, `conflict` where the user's own file was changed since it was sent. */
  async openContent(record: FileRecord): Promise<Pick<OpenFile, 'read' | 'close'>> {
    if (record.state !== 'source') return this.files.open(record.root);
    let file: OutsideFile;
    try {
      file = await this.files.outside(record.path ?? '');
    } catch (error) {
      if (errorCode(error) !== 'not-found') throw error;
      throw new ParleyError('not-found', `${record.path} is not there any more: it can be given to others when it is back`, {
        cause: error,
      });
    }
    if (file.size === record.size && file.stamp === record.stamp) return file;
    await file.close();
    throw new ParleyError('conflict', `${record.path} was changed since it was sent: it cannot be given to others`);
  }

  /** The content, piece by piece. Errors: those of `openContent`, `corrupt`, those of the files. */
  async *content(record: FileRecord): AsyncGenerator<Uint8Array> {
    const file = await this.openContent(record);
    try {
      for (let at = 0; at < record.size; at += CHUNK_BYTES) {
        const wanted = Math.min(CHUNK_BYTES, record.size - at);
        const bytes = await file.read(at, wanted);
        if (bytes.length !== wanted) throw new ParleyError('corrupt', 'the file is shorter than it was');
        yield bytes;
      }
    } finally {
      await file.close();
    }
  }

  /** For giving. Errors: those of `openContent`. */
  async reader(record: FileRecord): Promise<ChunkReader> {
    const levels = levelsOf(record.size);
    let read: Uint8Array | undefined;
    const lists = async (): Promise<Uint8Array> => {
      read ??= (await this.readLists(record)) ?? new Uint8Array();
      return read;
    };
    const content = await this.openContent(record);
    return {
      address: async (index) => addressAt(listOf(await lists(), record.size, 1), index),
      chunk: async (level, index) => {
        const place = levels[level];
        if (!place || index >= place.chunks) throw new ParleyError('not-found', 'the file has no such chunk');
        const length = chunkLength(place, index);
        const at = index * CHUNK_BYTES;
        const plain = level > 0 ? listOf(await lists(), record.size, level).subarray(at, at + length) : await content.read(at, length);
        if (plain.length !== length) throw new ParleyError('not-found', 'the chunk is not here');
        return plain;
      },
      close: () => content.close(),
    };
  }
}
