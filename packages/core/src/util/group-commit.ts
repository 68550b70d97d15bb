import type { StoreWrite } from '../ports/store.ts';
import { type ErrorCode, ParleyError } from './errors.ts';

/** Makes writes durable in one transaction. Rejects with `ParleyError`, having changed nothing. */
export type Transact = (writes: readonly StoreWrite[]) => Promise<void>;

/** A long transaction holds up every commit behind it: of more writes than this, the rest goes into the next one. */
const MAX_GROUP_WRITES = 2_000;

interface Commit {
  readonly writes: readonly StoreWrite[];
  readonly resolve: () => void;
  readonly reject: (error: ParleyError) => void;
}

export interface GroupCommitOptions {
  /** Resolves when the first transaction after a rest may begin: the commits that are added until then go into it. */
  readonly gather: () => Promise<void>;
  /** Codes of failures that would meet every commit alike: after these a group is not tried again commit by commit. */
  readonly general: readonly ErrorCode[];
}

/**
 * Puts the commits that are made together, and those that come while a transaction is under way, into one transaction, since the disk's
 * confirmation is what costs. Of several writes to one key only the last is made. When a group fails, its commits are tried one by one,
 * so that a commit that cannot be written takes no other with it.
 */
export class GroupCommit {
  readonly #transact: Transact;
  readonly #options: GroupCommitOptions;
  #waiting: Commit[] = [];
  #running: Promise<void> | undefined;

  constructor(transact: Transact, options: GroupCommitOptions) {
    this.#transact = transact;
    this.#options = options;
  }

  /** Resolves when the writes are durable. Errors: those of `transact`. */
  add(writes: readonly StoreWrite[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ writes, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when everything that was added is settled. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    await this.#options.gather();
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
    } else if (group.length === 1 || this.#options.general.includes(failure.code)) {
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
  const tables = new Map<string, Map<string, StoreWrite>>();
  for (const { writes } of group) {
    for (const write of writes) {
      let last = tables.get(write.table);
      if (!last) {
        last = new Map();
        tables.set(write.table, last);
      }
      last.set(write.key, write);
    }
  }
  return [...tables.values()].flatMap((last) => [...last.values()]);
}
