import type { Store, StoreWrite, TableSpec } from '../../ports/store.ts';
import { LruMap } from '../../util/bounded.ts';
import type { Scope } from '../../util/scope.ts';

const TABLE = 'own_numbers';
/** Channels in which this node's numbers are certain again since its store came out of a backup. In no backup itself. */
export const ownNumberTables: readonly TableSpec[] = [{ name: TABLE, small: true }];

/** How long the first own message of a channel waits to hear whether there are earlier ones. */
const OWN_WAIT_MS = 3000;
/** Numbers that are left free where they may have been given since a backup was made, and nobody could be asked. */
export const LEFT_FREE = 1000;
const PAGE = 1000;

export interface OwnNumbersDeps {
  readonly store: Store;
  readonly scope: Scope;
  /** The other members of a channel, by node id. */
  readonly others: (channelId: string) => readonly string[];
}

/** That numbers are to be left free before an own message: what writes down that it was done, and what takes it back. */
export interface Leap {
  readonly by: number;
  readonly writes: readonly StoreWrite[];
  readonly undo: () => void;
}

/**
 * An identity may be older than its store: it was restored from a backup, or its disk was lost. Others hold what it wrote before, and a
 * number that it gave twice would hide one message behind another. So before its first message in a channel it asks those who are there; and
 * after a backup was restored, unless every other member has said what it holds, it goes on beyond what may have been given since.
 */
export class OwnNumbers {
  readonly #deps: OwnNumbersDeps;
  /** Channels in which no member holds own messages that are not here. */
  readonly #known = new LruMap<string, true>(2000);
  readonly #waiting = new Map<string, { readonly known: Promise<void>; readonly settle: () => void }>();
  #restored = false;
  readonly #certain = new Set<string>();
  /** Members that hold no more than we do, by channel that is in doubt. */
  readonly #agreed = new Map<string, Set<string>>();

  constructor(deps: OwnNumbersDeps) {
    this.#deps = deps;
  }

  /** `restored`: this store came out of a backup. Errors: those of the store. */
  async open(restored: boolean): Promise<void> {
    this.#restored = restored;
    for (let after = ''; restored; ) {
      const page = await this.#deps.store.range(TABLE, { gt: after, limit: PAGE });
      for (const { key } of page) {
        after = key;
        this.#certain.add(key);
      }
      if (page.length < PAGE) return;
    }
  }

  /** Whether numbers of this channel may have been given that are not known here. */
  inDoubt(channelId: string): boolean {
    return this.#restored && !this.#certain.has(channelId);
  }

  isKnown(channelId: string): boolean {
    return !this.inDoubt(channelId) && this.#known.get(channelId) === true;
  }

  /** Nobody can hold anything: the channel is new. */
  made(channelId: string): void {
    this.#know(channelId);
  }

  /** A member holds no more than we do. */
  agrees(channelId: string, nodeId: string): void {
    if (this.inDoubt(channelId)) {
      const agreed = this.#agreed.get(channelId) ?? new Set();
      const others = this.#deps.others(channelId);
      if (others.includes(nodeId)) agreed.add(nodeId);
      this.#agreed.set(channelId, agreed);
      if (!others.every((id) => agreed.has(id))) return;
    }
    this.#know(channelId);
  }

  /** Resolves when it is known, or when nobody says so. */
  wait(channelId: string, ask: () => void): Promise<void> {
    const running = this.#waiting.get(channelId);
    if (running) return running.known;
    let settle: () => void = () => {};
    const known = new Promise<void>((resolve) => {
      settle = resolve;
    });
    this.#waiting.set(channelId, { known, settle });
    ask();
    this.#deps.scope.after(OWN_WAIT_MS, () => this.#settle(channelId));
    return known;
  }

  /** What the next own message has to leave free; undefined where nothing. From then on the numbers are certain. */
  leap(channelId: string): Leap | undefined {
    if (!this.inDoubt(channelId)) return undefined;
    this.#certain.add(channelId);
    return { by: LEFT_FREE, writes: [certain(channelId)], undo: () => this.#certain.delete(channelId) };
  }

  close(): void {
    for (const channelId of [...this.#waiting.keys()]) this.#settle(channelId);
  }

  #know(channelId: string): void {
    this.#known.set(channelId, true);
    if (this.inDoubt(channelId)) {
      this.#certain.add(channelId);
      this.#agreed.delete(channelId);
      // Where it cannot be written, it is asked for again after the next start.
      this.#deps.scope.run(this.#deps.store.commit([certain(channelId)]), () => {});
    }
    this.#settle(channelId);
  }

  #settle(channelId: string): void {
    const waiting = this.#waiting.get(channelId);
    this.#waiting.delete(channelId);
    waiting?.settle();
  }
}

const certain = (channelId: string): StoreWrite => ({ op: 'put', table: TABLE, key: channelId, value: '' });
