import {
  type ErrorCode,
  ParleyError,
  type Range,
  type Store,
  type StoreRow,
  type StoreValue,
  type StoreWrite,
  type TableSpec,
} from '@parley/core';
import type { VirtualClock } from '../clock.ts';
import { MemoryDisk } from './disk.ts';

export interface MemoryStoreOptions {
  /** Without one a commit takes the time of a promise job. */
  readonly clock?: VirtualClock;
  /** Time that the disk takes for a group of commits. Default 1. */
  readonly commitMs?: number;
  /** The disk is full above that. Default: no limit. */
  readonly capacityBytes?: number;
}

interface Commit {
  readonly writes: StoreWrite[];
  readonly resolve: () => void;
  readonly reject: (error: ParleyError) => void;
}

/**
 * A disk and at most one open store on it. A group of commits takes `commitMs`; calls made in one instant are a group,
 * and so are those made while the disk was busy with another. Each commit is written whole or not at all.
 */
export class MemoryDrive {
  disk = new MemoryDisk();
  readonly #clock: VirtualClock | undefined;
  readonly #commitMs: number;
  #open: MemoryStore | undefined;
  #fault: { code: ErrorCode; times: number } | undefined;
  #groups = 0;
  #slowMs = 0;
  capacityBytes: number;

  constructor(options: MemoryStoreOptions = {}) {
    this.#clock = options.clock;
    this.#commitMs = options.commitMs ?? 1;
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Groups of commits that were written. */
  get groups(): number {
    return this.#groups;
  }

  /** Errors: `in-use` while another store is open on it, `bad-argument`. */
  open(tables: readonly TableSpec[]): MemoryStore {
    if (this.#open !== undefined) throw new ParleyError('in-use', 'the store is open already');
    this.disk.declare(tables);
    this.#open = new MemoryStore(this, new Set(tables.map((table) => table.name)));
    return this.#open;
  }

  /**
   * The process ends without warning: what was not committed is lost and its calls never settle. `written`: the disk
   * had just finished the group that it was busy with, and only the answer is lost.
   */
  crash(options: { written?: boolean } = {}): void {
    this.#open?.crash(options.written === true);
  }

  /** Another disk is put in, with nothing on it. Errors: `in-use`. */
  replace(): void {
    if (this.#open !== undefined) throw new ParleyError('in-use', 'a store is open on it');
    this.disk = new MemoryDisk();
  }

  /** The next `times` groups of commits fail, each as a whole; `Infinity` for all. */
  fail(code: ErrorCode = 'storage-full', times = 1): void {
    this.#fault = { code, times };
  }

  /** Ends what `fail` and `slow` began. */
  mend(): void {
    this.#fault = undefined;
    this.#slowMs = 0;
  }

  /** Each group takes so much longer. */
  slow(ms: number): void {
    this.#slowMs = ms;
  }

  released(store: MemoryStore): void {
    if (this.#open === store) this.#open = undefined;
  }

  /** Lets the time go by that the disk takes to begin (0) or to write a group. */
  wait(writing: boolean, then: () => void): void {
    if (this.#clock === undefined) queueMicrotask(then);
    else this.#clock.schedule(writing ? this.#commitMs + this.#slowMs : 0, then);
  }

  /** Writes a group. Returns for each commit why it failed, if it did: one that finds no room takes no other with it. */
  write(group: readonly (readonly StoreWrite[])[]): (ParleyError | undefined)[] {
    if (this.#fault !== undefined && this.#fault.times > 0) {
      this.#fault.times--;
      const error = new ParleyError(this.#fault.code, 'the disk refused');
      return group.map(() => error);
    }
    this.#groups++;
    return group.map((writes) => {
      if (this.disk.bytes + this.disk.growth(writes) > this.capacityBytes) return new ParleyError('storage-full', 'the disk is full');
      this.disk.apply(writes);
      return undefined;
    });
  }
}

/** The store port on a simulated disk. Made by `MemoryDrive.open`. */
export class MemoryStore implements Store {
  readonly #drive: MemoryDrive;
  readonly #declared: ReadonlySet<string>;
  #waiting: Commit[] = [];
  #writing: Commit[] = [];
  #busy = false;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #flushed: (() => void)[] = [];

  constructor(drive: MemoryDrive, declared: ReadonlySet<string>) {
    this.#drive = drive;
    this.#declared = declared;
  }

  async get(table: string, key: string): Promise<StoreValue | undefined> {
    this.#check(table);
    return this.#drive.disk.get(table, key);
  }

  async range(table: string, range: Range = {}): Promise<StoreRow[]> {
    this.#check(table);
    return this.#drive.disk.range(table, range);
  }

  async count(table: string, range: Range = {}): Promise<number> {
    this.#check(table);
    return this.#drive.disk.count(table, range);
  }

  async search(table: string, query: string, options: { prefix?: string; limit?: number } = {}): Promise<string[]> {
    this.#check(table);
    return this.#drive.disk.search(table, query, options);
  }

  async commit(writes: readonly StoreWrite[]): Promise<void> {
    if (this.#state !== 'open') throw new ParleyError('closed', 'the store is closed');
    const checked = this.#drive.disk.check(writes, this.#declared);
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ writes: checked, resolve, reject });
      if (!this.#busy) this.#begin();
    });
  }

  size(): number {
    return this.#drive.disk.bytes;
  }

  /** Commits that were made before are written first. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closing';
    if (this.#busy) await new Promise<void>((resolve) => this.#flushed.push(resolve));
    this.#state = 'closed';
    this.#drive.released(this);
  }

  crash(written: boolean): void {
    if (written && this.#writing.length > 0) this.#drive.write(this.#writing.map((commit) => commit.writes));
    this.#state = 'closed';
    this.#waiting = [];
    this.#writing = [];
    this.#flushed = [];
    this.#drive.released(this);
  }

  #check(table: string): void {
    if (this.#state === 'closed') throw new ParleyError('closed', 'the store is closed');
    if (!this.#declared.has(table)) throw new ParleyError('bad-argument', `no table ${table}`);
  }

  #begin(): void {
    this.#busy = true;
    this.#drive.wait(false, () => {
      this.#writing = this.#waiting;
      this.#waiting = [];
      this.#drive.wait(true, () => this.#finish());
    });
  }

  #finish(): void {
    if (this.#state === 'closed') return;
    const group = this.#writing;
    this.#writing = [];
    const failures = this.#drive.write(group.map((commit) => commit.writes));
    for (const [index, commit] of group.entries()) {
      const failure = failures[index];
      if (failure === undefined) commit.resolve();
      else commit.reject(failure);
    }
    if (this.#waiting.length > 0) {
      this.#begin();
      return;
    }
    this.#busy = false;
    for (const resolve of this.#flushed.splice(0)) resolve();
  }
}
