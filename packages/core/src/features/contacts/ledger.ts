import type { Store, StoreWrite } from '../../ports/store.ts';
import { LruMap } from '../../util/bounded.ts';
import { Turns } from '../../util/turns.ts';
import type { Change, ContactBook } from './book.ts';
import { changeWrites, decisionGone, decisionWrite, readContacts, readDecisions } from './store.ts';

/** Decisions that are remembered about keys that are in the book no more. */
const MAX_DECISIONS = 2000;

/** A change that was worked out, and what is written together with it. */
export interface Entry<T> {
  readonly change?: Change;
  readonly writes?: readonly StoreWrite[];
  readonly result: T;
}

/** The book of contacts and its disk: one change after another, each on disk before it counts. */
export class Ledger {
  readonly #store: Store;
  readonly #book: ContactBook;
  readonly #decisions = new LruMap<string, number>(2 * MAX_DECISIONS);
  readonly #turns = new Turns();

  constructor(store: Store, book: ContactBook) {
    this.#store = store;
    this.#book = book;
  }

  async start(): Promise<void> {
    this.#book.apply({ put: await readContacts(this.#store) });
    const decisions = await readDecisions(this.#store);
    const gone = decisions.splice(0, Math.max(0, decisions.length - MAX_DECISIONS));
    if (gone.length > 0) await this.#store.commit(gone.map(([keyId]) => decisionGone(keyId)));
    for (const [keyId, time] of decisions) this.#decisions.set(keyId, time);
  }

  /** Works out a change when all before it are on disk, and makes it. Errors: those of `decide` and of the store. */
  change<T>(decide: () => Entry<T> | Promise<Entry<T>>): Promise<T> {
    return this.#turns.take(async () => {
      const { change, writes = [], result } = await decide();
      const all = [...(change ? changeWrites(change) : []), ...writes];
      if (all.length > 0) await this.#store.commit(all);
      if (change) this.#book.apply(change);
      return result;
    });
  }

  /** What the user has decided about a key holds against all that it wrote before. */
  decided(keyId: string, time: number): StoreWrite {
    this.#decisions.set(keyId, time);
    return decisionWrite(keyId, time);
  }

  /** Whether something that a key wrote at a time was decided already. */
  isDecided(keyId: string, time: number): boolean {
    return time <= (this.#decisions.get(keyId) ?? Number.NEGATIVE_INFINITY);
  }

  close(): Promise<unknown> {
    return this.#turns.over;
  }
}
