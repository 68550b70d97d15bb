import { setImmediate as nextTurn } from 'node:timers/promises';
import { ParleyError, type StoreWrite } from '@parley/core';

/** Makes writes durable in one transaction. Rejects with `ParleyError`, having changed nothing. */
export type Transact = (writes: readonly StoreWrite[]) => Promise<void>;

/** Writing rows holds up everything else: of more writes than this, the rest goes in the next transaction. */
const MAX_GROUP_WRITES = 2_000;

interface Commit {
  readonly writes: readonly StoreWrite[];
  readonly resolve: () => void;
  readonly reject: (error: ParleyError) => void;
}

/** Failures that would meet every commit alike. */
const GENERAL = new Set(['corrupt', 'in-use']);

/**
 * Gathers the commits of a turn or two, and those that come while the one before is under way, into one transaction, because it is the
 * disk's confirmation that costs: of several writes to one key only the last is made. When a group fails, its commits are tried one by one, so that one which cannot be
 * written takes no other with it.
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

  /** Resolves when nothing is to be written any more. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // The first in the turn after this one: what this one sends goes out before.
    await nextTurn();
    await nextTurn();
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
    if (end === -1) return this.#waiting.splice(0);
    return this.#waiting.splice(0, Math.max(1, end));
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
function lastWrites(group: readonly Commit[]): readonly StoreWrite[] {
  const first = group[0];
  if (group.length === 1 && first && first.writes.length <= 1) return first.writes;
  const last = new Map<string, StoreWrite>();
  // Table names hold no space.
  for (const { writes } of group) for (const write of writes) last.set(`${write.table} ${write.key}`, write);
  return [...last.values()];
}
