import type { Log } from '../ports/log.ts';
import type { Store, StoreWrite, TableSpec } from '../ports/store.ts';
import { type Held, newHeld } from './held.ts';

const HELD = 'custody';
const PROGRESS = 'custody_progress';

/** Messages of so many bytes are taken off the disk at once: what is deleted is written over, for which the node waits. */
const REMOVED_BYTES = 8 * 1024 * 1024;

/** Rows that are read back at once: with their bodies, each of which strangers may have made as long as a message can be. */
const READ_ROWS = 16;
const READ_PROGRESS = 1000;

export const custodyTables: readonly TableSpec[] = [{ name: HELD }, { name: PROGRESS }];

/** What is kept of a held message before its body, on a line of its own. */
interface HeldRow {
  uid: string;
  type: string;
  origin: string;
  id: string;
  bytes: number;
  at: number;
  own?: true;
  receipts?: true;
  from?: string;
  favoured?: true;
  proved?: true;
  group?: string;
  to: string[];
}

/** A held message as read back at the start. */
export interface Restored {
  readonly held: Held;
  readonly destinations: readonly string[];
}

/** Held messages on disk: a row with the body, written once (WIRE "one body a message"), and where some recipients are done a short one that says so. */
export class CustodyStore {
  readonly #store: Store;
  readonly #log: Log;
  /** Done with in part, and not written down yet. */
  readonly #changed = new Set<Held>();
  /** Done with, and still on disk. */
  readonly #done: Held[] = [];
  readonly #cacheBytes: number;
  #bytes = 0;

  /** `cacheBytes`: bodies that stay in memory once they are on disk. */
  constructor(store: Store, log: Log, cacheBytes: number) {
    this.#store = store;
    this.#log = log;
    this.#cacheBytes = cacheBytes;
  }

  /** Has a body at hand. */
  keep(held: Held, body: string): void {
    if (held.body !== undefined) return;
    held.body = body;
    this.#bytes += held.bytes;
  }

  /** Bytes of bodies in memory. */
  get kept(): number {
    return this.#bytes;
  }

  /** The message is on disk: its body need not stay in memory, where whoever does not acknowledge could pile them up. */
  shed(held: Held): void {
    if (this.#bytes > this.#cacheBytes) this.#drop(held);
  }

  #drop(held: Held): void {
    if (held.body === undefined) return;
    held.body = undefined;
    this.#bytes -= held.bytes;
  }

  put(held: Held, body: string): StoreWrite[] {
    const row: HeldRow = {
      uid: held.uid,
      type: held.type,
      origin: held.origin,
      id: held.msgId,
      bytes: held.bytes,
      at: held.at,
      to: [...held.waiting.keys()],
    };
    if (held.own) row.own = true;
    if (held.receipts) row.receipts = true;
    if (held.from !== undefined) row.from = held.from;
    if (held.favoured) row.favoured = true;
    if (held.proved) row.proved = true;
    if (held.group !== undefined) row.group = held.group;
    // JSON holds no line feed.
    const writes: StoreWrite[] = [{ op: 'put', table: HELD, key: held.key, value: `${JSON.stringify(row)}\n${body}` }];
    // What was written of it apart does not name a recipient that is added now.
    if (held.progressSaved) writes.push(this.#progress(held));
    return writes;
  }

  /** A recipient is done with, and others are not. */
  progressed(held: Held): void {
    this.#changed.add(held);
  }

  /** The last recipient is done with. */
  finished(held: Held): void {
    this.#drop(held);
    this.#changed.delete(held);
    this.#done.push(held);
  }

  /** Whether there is anything to write. It is asked twice a second, for all of a node's life. */
  get isBehind(): boolean {
    return this.#done.length + this.#changed.size > 0;
  }

  /**
   * Writes down what is done with, all or in part. It can wait for a moment: read back after a crash it is sent again, and recognised where it
   * arrives. A failure is logged, and what could not be written waits for the next time: a full disk has room again some day.
   */
  async save(): Promise<void> {
    while (this.isBehind && (await this.#saveSome()));
  }

  /** False when it failed. */
  async #saveSome(): Promise<boolean> {
    const done = this.#done.splice(0, this.#removable());
    const changed = [...this.#changed].filter((held) => held.waiting.size > 0);
    this.#changed.clear();
    if (done.length + changed.length === 0) return true;
    try {
      await this.#store.commit([...done.flatMap((held) => this.#removal(held)), ...changed.map((held) => this.#progress(held))]);
      return true;
    } catch (error) {
      this.#log.warn('what is done with could not be taken off the disk', { error: String(error) });
      this.#done.push(...done);
      for (const held of changed) if (held.waiting.size > 0) this.#changed.add(held);
      return false;
    }
  }

  /** How many of those that are done with go at once. */
  #removable(): number {
    let bytes = 0;
    const last = this.#done.findIndex(({ bytes: more }) => {
      bytes += more;
      return bytes > REMOVED_BYTES;
    });
    return last < 0 ? this.#done.length : last + 1;
  }

  /** Whom it is still for. */
  #progress(held: Held): StoreWrite {
    held.progressSaved = true;
    return { op: 'put', table: PROGRESS, key: held.key, value: JSON.stringify([...held.waiting.keys()]) };
  }

  #removal(held: Held): StoreWrite[] {
    const writes: StoreWrite[] = [{ op: 'delete', table: HELD, key: held.key }];
    if (held.progressSaved) writes.push({ op: 'delete', table: PROGRESS, key: held.key });
    return writes;
  }

  /** The body, from memory or from disk; undefined when it is lost. */
  body(held: Held): string | undefined | Promise<string | undefined> {
    return held.body ?? this.#read(held);
  }

  async #read(held: Held): Promise<string | undefined> {
    const value = await this.#store.get(HELD, held.key);
    return typeof value === 'string' ? value.slice(value.indexOf('\n') + 1) : undefined;
  }

  /** `self`: node id. What was written under a key that this node had before is somebody else's by now, whose origin needs no proof. */
  async *all(self: string): AsyncGenerator<Restored> {
    const progress = new Map<string, string[]>();
    for await (const { key, value } of this.#rows(PROGRESS, READ_PROGRESS)) progress.set(key, JSON.parse(value) as string[]);
    for await (const { key, value } of this.#rows(HELD, READ_ROWS)) {
      try {
        const row = JSON.parse(value.slice(0, value.indexOf('\n'))) as HeldRow;
        const held = newHeld({
          uid: row.uid,
          key,
          type: row.type,
          origin: row.origin,
          msgId: row.id,
          bytes: row.bytes,
          at: row.at,
          own: row.own === true && row.origin === self,
          receipts: row.receipts === true,
          from: row.from,
          favoured: row.favoured === true,
          group: row.group,
          proved: row.proved === true || row.own === true,
          progressSaved: progress.has(key),
        });
        yield { held, destinations: progress.get(key) ?? row.to };
      } catch (error) {
        this.#log.error('a held message cannot be read', { key, error: String(error) });
      }
    }
  }

  async *#rows(table: string, limit: number): AsyncGenerator<{ key: string; value: string }> {
    let after = '';
    for (;;) {
      const rows = await this.#store.range(table, { gt: after, limit });
      for (const { key, value } of rows) {
        after = key;
        yield { key, value: String(value) };
      }
      if (rows.length < limit) return;
    }
  }
}
