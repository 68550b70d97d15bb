import { networkOf } from '../../link/index.ts';
import type { Ports } from '../../ports/index.ts';
import { LruMap } from '../../util/bounded.ts';
import { guidFromBytes } from '../../util/guid.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { RegistryConfig } from './config.ts';
import type { Kept } from './handover.ts';
import { commonPrefix, idOf } from './ids.ts';
import type { RecordReader } from './reader.ts';
import type { RegistryRecord } from './record.ts';
import { nextRepublish } from './schedule.ts';
import { type PutOutcome, Shelf, type Shelved } from './shelf.ts';
import { RegistryStore } from './store.ts';

interface Held extends Shelved {
  readonly key: string;
  readonly id: Uint8Array;
  readonly record: RegistryRecord;
}

export interface RecordsDeps {
  readonly ports: Ports;
  readonly reader: RecordReader;
  readonly metrics: Metrics;
  readonly self: string;
  /** A record newer than what was known. */
  readonly learnt: (record: RegistryRecord) => void;
}

const REFUSALS: readonly PutOutcome[] = ['stale', 'expired', 'key-quota', 'source-quota', 'full'];
const KNOWN_SERVERS = 256;

/** All records that this node knows: those it keeps for others, those of its neighbours, and those that it looked up. */
export class Records {
  readonly store: RegistryStore;
  readonly #deps: RecordsDeps;
  readonly #config: RegistryConfig;
  readonly #id: Uint8Array;
  readonly #shelf: Shelf<Held>;
  /** Of nodes that told this server themselves: it answers for them, however full the shelf is. */
  readonly #attached = new LruMap<string, RegistryRecord>(16_384);
  readonly #cache = new LruMap<string, RegistryRecord>(2048);
  readonly #servers = new LruMap<string, RegistryRecord>(KNOWN_SERVERS);
  /** When a record on the shelf is put into the table again (monotonic); in no order. */
  readonly #dueAt = new Map<string, number>();
  /** Before then nothing is due. */
  #soonest = Number.POSITIVE_INFINITY;
  #own: RegistryRecord | undefined;

  constructor(deps: RecordsDeps, config: RegistryConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#id = idOf(deps.self) as Uint8Array;
    this.store = new RegistryStore(deps.ports.store);
    this.#shelf = new Shelf({
      records: config.shelfRecords,
      bytes: config.shelfBytes,
      changes: config.changesAtOnce,
      changeMs: config.changeMs,
    });
  }

  get size(): number {
    return this.#shelf.size;
  }

  get bytes(): number {
    return this.#shelf.bytes;
  }

  /** Reads the shelf back. What is there was checked when it was written. */
  async start(): Promise<void> {
    for await (const { bytes, source, nodeId } of this.store.records()) {
      const held = this.#deps.reader.trusted(bytes, this.#wall());
      if (!held || this.#shelf.put(this.#entry(held), source, this.#wall()).outcome !== 'stored') this.store.touch(nodeId);
      else this.#noted(held);
    }
  }

  /** The newest that is known of a node, not expired. */
  get(nodeId: string): RegistryRecord | undefined {
    const now = this.#wall();
    if (nodeId === this.#deps.self) return this.#own;
    let best: RegistryRecord | undefined = this.#shelf.get(nodeId, now)?.record;
    for (const record of [this.#attached.get(nodeId), this.#cache.get(nodeId)]) {
      if (record && record.expires > now && (!best || record.seq > best.seq)) best = record;
    }
    return best;
  }

  /** What others are answered with. */
  held(id: Uint8Array, own: Uint8Array | undefined): Uint8Array | undefined {
    const nodeId = guidFromBytes(id);
    return nodeId === this.#deps.self ? own : this.get(nodeId)?.bytes;
  }

  /** The own record, and those that are kept for others. */
  *kept(): IterableIterator<Kept> {
    const now = this.#wall();
    if (this.#own) yield { id: this.#id, bytes: this.#own.bytes };
    for (const { id, record } of this.#shelf.all()) if (record.expires > now) yield { id, bytes: record.bytes };
  }

  own(record: RegistryRecord): void {
    this.#own = record;
  }

  /** Takes a record to keep for others. `source`: the network that it came from. */
  put(record: RegistryRecord, source: string | undefined): PutOutcome {
    const isNews = this.#isNews(record);
    const { outcome, gone } = this.#shelf.put(this.#entry(record), source, this.#wall());
    for (const { key } of gone) this.#forgotten(key);
    if (outcome === 'stored' || outcome === 'same') this.#noted(record);
    if (outcome === 'stored') this.store.touch(record.nodeId);
    if (REFUSALS.includes(outcome)) this.#deps.metrics.reject(`record-${outcome}`);
    else if (isNews) this.#deps.learnt(record);
    return outcome;
  }

  /** The same, of what came over a link from this address. Returns whether it was news, and within what one may say. */
  putFrom(record: RegistryRecord, remoteAddress: string): boolean {
    // Neighbours say the same again each time that a link opens.
    if (!this.#isNews(record)) return false;
    const network = networkOf(remoteAddress);
    return this.put(record, network === undefined ? undefined : `link ${network}`) !== 'key-quota';
  }

  /** Those whom this server answers for. */
  attached(): RegistryRecord[] {
    const now = this.#wall();
    return [...this.#attached.entries()].flatMap(([, record]) => (record.expires > now ? record : []));
  }

  /** This server answers for a node that told it. */
  attach(record: RegistryRecord): void {
    const before = this.#attached.get(record.nodeId);
    if (!before || before.seq < record.seq) this.#attached.set(record.nodeId, record);
  }

  /** A record that was looked up. */
  cache(record: RegistryRecord): void {
    if (!this.#isNews(record)) return;
    this.#cache.set(record.nodeId, record);
    this.#noteServer(record);
    this.#deps.learnt(record);
  }

  servers(): RegistryRecord[] {
    const now = this.#wall();
    return [...this.#servers.entries()].flatMap(([, record]) => (record.expires > now ? record : []));
  }

  /** For a newcomer: the own record, servers, and what else there is room for; not its own. */
  some(newcomer: string, own: Uint8Array | undefined, count: number): Uint8Array[] {
    const chosen = new Map<string, Uint8Array>();
    if (own) chosen.set(this.#deps.self, own);
    for (const { nodeId, bytes } of this.servers().reverse()) {
      if (chosen.size >= count - count / 4) break;
      if (nodeId !== newcomer) chosen.set(nodeId, bytes);
    }
    for (const { key, record } of this.#shelf.all()) {
      if (chosen.size >= count) break;
      if (key !== newcomer) chosen.set(key, record.bytes);
    }
    return [...chosen.values()];
  }

  /** Records on the shelf that are to be put into the table again; those are not due any more. */
  due(count: number): RegistryRecord[] {
    const now = this.#now();
    const due: RegistryRecord[] = [];
    if (now < this.#soonest) return due;
    let soonest = Number.POSITIVE_INFINITY;
    for (const [nodeId, at] of this.#dueAt) {
      if (at > now) {
        soonest = Math.min(soonest, at);
        continue;
      }
      if (due.length >= count) {
        soonest = now;
        break;
      }
      const record = this.#shelf.get(nodeId, this.#wall())?.record;
      if (record) {
        due.push(record);
      } else this.#dueAt.delete(nodeId);
    }
    this.#soonest = soonest;
    for (const { nodeId } of due) this.#arm(nodeId);
    return due;
  }

  expire(): void {
    for (const { key } of this.#shelf.expire(this.#wall())) this.#forgotten(key);
  }

  save(): Promise<void> {
    return this.store.save((nodeId) => {
      const held = this.#shelf.get(nodeId, this.#wall());
      return held && { record: held.record, source: this.#shelf.sourceOf(nodeId) };
    });
  }

  #isNews(record: RegistryRecord): boolean {
    const known = this.get(record.nodeId);
    return !known || known.seq < record.seq;
  }

  #entry(record: RegistryRecord): Held {
    const { nodeId, seq, expires, bytes } = record;
    const id = idOf(nodeId) as Uint8Array;
    return { key: nodeId, id, seq, expires, size: bytes.length, nearness: commonPrefix(this.#id, id), record };
  }

  /** It was taken or seen just now: others have it too. */
  #noted(record: RegistryRecord): void {
    this.#noteServer(record);
    this.#arm(record.nodeId);
  }

  #noteServer(record: RegistryRecord): void {
    if (record.nodeType === 'server' && record.endpoints.length > 0) this.#servers.set(record.nodeId, record);
  }

  #arm(nodeId: string): void {
    const at = nextRepublish(this.#now(), this.#config.republishMs, this.#deps.ports.random.number());
    this.#dueAt.set(nodeId, at);
    this.#soonest = Math.min(this.#soonest, at);
  }

  #forgotten(nodeId: string): void {
    this.#dueAt.delete(nodeId);
    this.store.touch(nodeId);
  }

  #wall(): number {
    return this.#deps.ports.clock.now();
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}
