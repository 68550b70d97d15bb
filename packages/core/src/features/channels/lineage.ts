import type { Store, StoreWrite, TableSpec } from '../../ports/store.ts';

const TABLE = 'conversation_lineage';
export const lineageTables: readonly TableSpec[] = [{ name: TABLE, small: true, backup: {} }];

const PAGE = 500;
/** Keys that one conversation has outlived: more are not looked through. */
const MAX_GENERATIONS = 50;

/** Which conversation goes on in which: where a key of one of the two was replaced, another begins, and what was said before belongs to it. */
export class Lineage {
  readonly #store: Store;
  readonly #before = new Map<string, string>();
  readonly #after = new Map<string, string>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Errors: those of the store. */
  async start(): Promise<void> {
    for (let after = ''; ; ) {
      const rows = await this.#store.range(TABLE, { gt: after, limit: PAGE });
      for (const { key, value } of rows) {
        after = key;
        this.#note(key, value as string);
      }
      if (rows.length < PAGE) return;
    }
  }

  /** A conversation and those that it goes on from, the latest first. */
  line(id: string): string[] {
    const line = [id];
    for (let before = this.#before.get(id); before !== undefined && line.length < MAX_GENERATIONS; before = this.#before.get(before)) {
      if (line.includes(before)) break;
      line.push(before);
    }
    return line;
  }

  /** Where what was said in a conversation is shown now. */
  home(id: string): string {
    let home = id;
    for (let i = 0; i < MAX_GENERATIONS; i++) {
      const after = this.#after.get(home);
      if (after === undefined) break;
      home = after;
    }
    return home;
  }

  /** One goes on from another, once and for all. Errors: those of the store. */
  async follow(id: string, before: string): Promise<void> {
    // Nothing is said twice, and nothing goes in a circle.
    if (this.#before.has(id) || this.#after.has(before) || this.line(before).includes(id)) return;
    const write: StoreWrite = { op: 'put', table: TABLE, key: id, value: before };
    await this.#store.commit([write]);
    this.#note(id, before);
  }

  #note(id: string, before: string): void {
    this.#before.set(id, before);
    this.#after.set(before, id);
  }
}
