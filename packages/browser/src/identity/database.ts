import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from 'idb';
import { storageError } from '../store/errors.ts';

interface Schema extends DBSchema {
  /**
   * `self`: a record as `vault.ts` has it, or whatever became of it. `next`: one that is to take its place, as `next-identity.ts` has it.
   * `former KEY ID`: one whose place was taken; nothing reads it.
   */
  identity: { key: string; value: unknown };
  settings: { key: string; value: unknown };
}

const SELF = 'self';
const NEXT = 'next';

/** The small database with who this browser is and what it is to remember; opened for each use, so that no tab keeps it from another. */
export class IdentityDatabase {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  read(): Promise<unknown> {
    return this.#with((database) => database.get('identity', SELF));
  }

  /** Replaces what is there; and with it the next one, if one is given. */
  async write(record: object, next?: object): Promise<void> {
    await this.#with((database) =>
      strictly(database, 'identity', (store) => Promise.all([store.put(record, SELF), ...(next ? [store.put(next, NEXT)] : [])])),
    );
  }

  next(): Promise<unknown> {
    return this.#with((database) => database.get('identity', NEXT));
  }

  async writeNext(record: object): Promise<void> {
    await this.#with((database) => strictly(database, 'identity', (store) => store.put(record, NEXT)));
  }

  async discardNext(): Promise<void> {
    await this.#with((database) => strictly(database, 'identity', (store) => store.delete(NEXT)));
  }

  /** All of it at once, or nothing: `record` is at home from now on, and who was stays as a former one. */
  async replace(record: object, formerKeyId: string): Promise<void> {
    await this.#with((database) =>
      strictly(database, 'identity', async (store) => {
        const former = await store.get(SELF);
        await Promise.all([store.put(former, `former ${formerKeyId}`), store.put(record, SELF), store.delete(NEXT)]);
      }),
    );
  }

  /** False when there is a record already. */
  add(record: object): Promise<boolean> {
    return this.#with((database) =>
      strictly(database, 'identity', async (store) => {
        if ((await store.count(SELF)) > 0) return false;
        await store.put(record, SELF);
        return true;
      }),
    );
  }

  setting(name: string): Promise<unknown> {
    return this.#with((database) => database.get('settings', name));
  }

  async set(name: string, value: unknown): Promise<void> {
    await this.#with((database) => strictly(database, 'settings', (store) => store.put(value, name)));
  }

  async erase(): Promise<void> {
    try {
      await deleteDB(this.#name);
    } catch (error) {
      throw storageError(error);
    }
  }

  async #with<T>(use: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    let database: IDBPDatabase<Schema> | undefined;
    try {
      database = await openDB<Schema>(this.#name, 1, {
        upgrade(made) {
          made.createObjectStore('identity');
          made.createObjectStore('settings');
        },
      });
      return await use(database);
    } catch (error) {
      throw storageError(error);
    } finally {
      database?.close();
    }
  }
}

type Name = 'identity' | 'settings';
interface Rows {
  count(key: string): Promise<number>;
  delete(key: string): Promise<unknown>;
  get(key: string): Promise<unknown>;
  put(value: unknown, key: string): Promise<unknown>;
}

/** On disk when it resolves. */
async function strictly<T>(database: IDBPDatabase<Schema>, name: Name, run: (store: Rows) => Promise<T>): Promise<T> {
  const transaction = database.transaction(name, 'readwrite', { durability: 'strict' });
  const [result] = await Promise.all([run(transaction.objectStore(name)), transaction.done]);
  return result;
}
