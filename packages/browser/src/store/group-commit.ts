import { ParleyError, type StoreWrite } from '@parley/core';

/** Makes writes durable in one transaction. Rejects with `ParleyError`, having changed nothing. */
export type Transact = (writes: Iterable<StoreWrite>) => Promise<void>;

/** A transaction holds up all others of its tables: of more writes than this, the rest goes into the next. */
const MAX_GROUP_WRITES = 2_000;

interface Commit {
  readonly writes: readonly StoreWrite[];
  readonly resolve: () => void;
  readonly reject: (error: ParleyError) => void;
}

/** Failures that would meet every commit alike. */
const GENERAL = new Set(['closed', 'storage']);

/**
 * Gathers the commits that are made together, and those that come while the disk is busy, into one transaction: it is the disk's
 * confirmation that costs. When a group fails, its commits are tried one by one, so that one which finds no room takes no other with it.
 */
export class GroupCommit {
  readonly #transact: Transact;
  #waiting: Commit[] = [];
  #running: Promise<void> | undefined;

  constructor(transact: Transact) {
    this.#transact = transact;
  }

  add(writes: readonly StoreWrite[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ writes, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Until everything that was added is settled. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // What is called in the same turn belongs together.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#write(this.#next());
    this.#running = undefined;
  }

  /** Whole commits from the front, as many as one transaction should hold, and at least one. */
  #next(): Commit[] {
    let writes = 0;
    const end = this.#waiting.findIndex((commit) => {
      writes += commit.writes.length;
      return writes > MAX_GROUP_WRITES;
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : Math.max(1, end));
  }

  async #write(group: readonly Commit[]): Promise<void> {
    const failure = await this.#attempt(group);
    if (!failure) {
      for (const commit of group) commit.resolve();
    } else if (group.length === 1 || GENERAL.has(failure.code)) {
      for (const commit of group) commit.reject(failure);
    } else {
      for (const commit of group) await this.#write([commit]);
    }
  }

  async #attempt(group: readonly Commit[]): Promise<ParleyError | undefined> {
    try {
      await this.#transact(lastWrites(group));
      return undefined;
    } catch (error) {
      return ParleyError.from(error, 'storage');
    }
  }
}

/** The last write to each key. */
function lastWrites(group: readonly Commit[]): Iterable<StoreWrite> {
  const last = new Map<string, StoreWrite>();
  // Table names hold no space.
  for (const { writes } of group) for (const write of writes) last.set(`${write.table} ${write.key}`, write);
  return last.values();
}
