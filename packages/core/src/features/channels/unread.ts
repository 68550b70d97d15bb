import type { Store, StoreWrite, TableSpec } from '../../ports/store.ts';
import { Turns } from '../../util/turns.ts';

const TABLE = 'unread';
export const unreadTables: readonly TableSpec[] = [{ name: TABLE, small: true, backup: {} }];

/** Messages of a channel, by their places, count as seen: what is to be written together with that, and done once it is on disk. */
export type Seen = (channelId: string, cursors: readonly string[]) => Promise<{ writes: readonly StoreWrite[]; done: () => void }>;

/** Above this many unread messages of a channel no more are counted: nobody counts that far, and a node whose user never looks keeps no list. */
const MAX_UNREAD = 10_000;
const PAGE = 1000;

/**
 * Which messages of others the user has not seen, one row each, written together with the message. So one that comes late is unread too,
 * though its place lies before what was read; and a crash forgets none.
 */
export class Unread {
  readonly #store: Store;
  readonly #seen: Seen;
  readonly #counts = new Map<string, number>();
  /** Marks are set one after another: two at once would each count the same rows. */
  readonly #turns = new Turns();

  constructor(store: Store, seen: Seen) {
    this.#store = store;
    this.#seen = seen;
  }

  async open(channelId: string): Promise<void> {
    if (this.#counts.has(channelId)) return;
    const count = await this.#store.count(TABLE, within(channelId));
    if (!this.#counts.has(channelId)) this.#counts.set(channelId, count);
  }

  count(channelId: string): number {
    // A mark may have been set before what it covers was announced: then the number is right a moment later.
    return Math.max(0, this.#counts.get(channelId) ?? 0);
  }

  /** What keeps a message as unread; nothing when there are too many. `arrived` follows once that is on disk. */
  writes(channelId: string, cursor: string): StoreWrite[] {
    return this.count(channelId) < MAX_UNREAD ? [{ op: 'put', table: TABLE, key: cursor, value: '' }] : [];
  }

  arrived(channelId: string): void {
    this.#counts.set(channelId, (this.#counts.get(channelId) ?? 0) + 1);
  }

  /** What takes away that messages are unread, and what is counted anew once that is on disk. */
  async removal(messages: readonly { readonly channelId: string; readonly cursor: string }[]) {
    const rows = await Promise.all(messages.map(({ cursor }) => this.#store.get(TABLE, cursor)));
    const unseen = messages.filter((_, index) => rows[index] !== undefined);
    const writes = unseen.map(({ cursor: key }): StoreWrite => ({ op: 'delete', table: TABLE, key }));
    const done = (): void => {
      for (const { channelId } of unseen) {
        const known = this.#counts.get(channelId);
        if (known !== undefined) this.#counts.set(channelId, known - 1);
      }
    };
    return { writes, done };
  }

  /** Everything up to a place has been seen. Resolves, when that is on disk, with whether it changes anything. Errors: those of the store. */
  read(channelId: string, cursor: string): Promise<boolean> {
    return this.#turns.take(() => this.#read(channelId, cursor));
  }

  async #read(channelId: string, cursor: string): Promise<boolean> {
    let changed = false;
    for (;;) {
      const rows = await this.#store.range(TABLE, { gt: `${channelId}/`, lte: cursor, limit: PAGE });
      if (rows.length === 0) return changed;
      const cursors = rows.map(({ key }) => key);
      const { writes, done } = await this.#seen(channelId, cursors);
      await this.#store.commit([...cursors.map((key): StoreWrite => ({ op: 'delete', table: TABLE, key })), ...writes]);
      done();
      const known = this.#counts.get(channelId);
      if (known !== undefined) this.#counts.set(channelId, known - rows.length);
      changed = true;
      if (rows.length < PAGE) return changed;
    }
  }
}

const within = (channelId: string) => ({ gt: `${channelId}/`, lt: `${channelId}0` });
