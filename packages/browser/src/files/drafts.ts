import { type NewAttachment, type NewFile, ParleyError } from '@parley/core';
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { storageError } from '../store/errors.ts';

/** A file that was chosen for the next message of a channel. */
export interface DraftFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  /** What the message will name. Missing while the file is being read, or after that was cut off. */
  readonly attachment?: NewAttachment | NewFile;
  /** All of it is copied: it can be read on without the page that gave it. */
  readonly copied?: boolean;
}

/** `reading`: what the message is to name is on its way; without it and without an attachment, it has to be chosen again. */
export interface DraftView extends DraftFile {
  readonly reading: boolean;
}

interface Kept extends DraftFile {
  readonly channel: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

interface Schema extends DBSchema {
  files: { key: string; value: Kept; indexes: { channel: string } };
}

/** A message has no more. */
const MAX_FILES = 16;
/** Of all channels together: who leaves that many behind is told. */
const MAX_KEPT = 500;
/** What a message carries inside, all its attachments together. */
const MAX_BYTES = 256 * 1024;

/** Files that were chosen and are not sent yet, over reloads; in a small database that is opened for each use. */
export class Drafts {
  readonly #name: string;

  /** `base`: of the databases of this browser. */
  constructor(base: string) {
    this.#name = `${base} drafts`;
  }

  /** In the order in which they were chosen. Errors: those of the store. */
  async of(channel: string): Promise<DraftFile[]> {
    const found = await this.#with((database) => database.getAllFromIndex('files', 'channel', channel));
    return found.sort((a, b) => a.at - b.at).map(({ channel: _, at: __, ...file }) => file);
  }

  /** Errors: those of the store. */
  all(): Promise<(DraftFile & { readonly channel: string })[]> {
    return this.#with((database) => database.getAll('files'));
  }

  /** Ids of those of which all is copied. Errors: those of the store. */
  async copied(): Promise<string[]> {
    return (await this.all()).flatMap(({ id, copied }) => (copied ? id : []));
  }

  /** Keeps a file, or how far it is by now. Errors: `quota`, those of the store. */
  async put(channel: string, file: DraftFile, now: number): Promise<void> {
    await this.#with(async (database) => {
      const transaction = database.transaction('files', 'readwrite');
      const { store } = transaction;
      const [known, others, count] = await Promise.all([store.get(file.id), store.index('channel').getAll(channel), store.count()]);
      if (!known && (others.length >= MAX_FILES || count >= MAX_KEPT))
        throw new ParleyError('quota', `at most ${MAX_FILES} files wait to be sent in a channel, and ${MAX_KEPT} in all`);
      const inside = [...others.filter(({ id }) => id !== file.id), file].map(({ attachment }) =>
        attachment && 'bytes' in attachment ? attachment.bytes.length : 0,
      );
      if (inside.reduce((sum, bytes) => sum + bytes, 0) > MAX_BYTES)
        throw new ParleyError('too-large', 'what travels inside a message has at most 256 KiB');
      await Promise.all([store.put({ ...file, channel, at: known?.at ?? now }, file.id), transaction.done]);
    });
  }

  /** Resolves with the file as it was, if it was there. Errors: those of the store. */
  take(id: string): Promise<(DraftFile & { readonly channel: string }) | undefined> {
    return this.#with(async (database) => {
      const transaction = database.transaction('files', 'readwrite');
      const found = await transaction.store.get(id);
      await Promise.all([transaction.store.delete(id), transaction.done]);
      return found;
    });
  }

  async #with<T>(use: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    let database: IDBPDatabase<Schema> | undefined;
    try {
      database = await openDB<Schema>(this.#name, 1, {
        upgrade(made) {
          made.createObjectStore('files').createIndex('channel', 'channel');
        },
      });
      return await use(database);
    } catch (error) {
      throw error instanceof ParleyError ? error : storageError(error);
    } finally {
      database?.close();
    }
  }
}
