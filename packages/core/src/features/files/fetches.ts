import type { Links } from '../../link/index.ts';
import type { IncomingTransfer, TransferSink } from '../../link/transfers.ts';
import type { Overlay, Verdict } from '../../overlay/index.ts';
import { ACCEPT } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { fromBase64 } from '../../util/base64.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Scope } from '../../util/scope.ts';
import type { FileConfig } from './config.ts';
import { Fetch } from './fetch.ts';
import { TRANSFER_KIND } from './giver.ts';
import type { FileRecord, Shelf } from './shelf.ts';
import { FILE_CHUNK, FILE_STATE } from './verbs.ts';

export interface FetchesDeps {
  readonly ports: Ports;
  readonly scope: Scope;
  readonly links: Links;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
  readonly shelf: Shelf;
  /** Other members of a channel that are in reach. */
  readonly members: (channelId: string) => string[];
  /** The conversation in which another goes on. */
  readonly home: (channelId: string) => string;
  readonly seekDirect: (nodeId: string) => void;
  /** Whether a node is of somebody whom the user knows. */
  readonly isKnown: (nodeId: string) => boolean;
  /** A file stands elsewhere than before, or has grown. */
  readonly changed: (record: FileRecord) => void;
}

/** Why a file rests, or what is wrong with it. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
}

/** What is told of a file while it grows: so often at most. */
const TELL_MS = 250;
/** One for which nobody is there makes room for others that wait, and one that the disk refused is tried again, this often. */
const TURN_MS = 30_000;
const STORAGE: readonly string[] = ['storage', 'storage-full', 'in-use'];

/** The files that are on their way here: some at a time, the others in turn. One place is left for what its user asked for, or somebody named whom they know. */
export class Fetches {
  readonly #deps: FetchesDeps;
  readonly #config: FileConfig;
  readonly #active = new Map<string, Fetch>();
  readonly #queue: string[] = [];
  /** Why one rests: it goes on when it is asked for again, and by itself unless there is no room. */
  readonly #resting = new Map<string, Trouble>();
  readonly #told = new Map<string, number>();
  /** Whole ones of which that is being written down. */
  readonly #writing = new Map<string, Promise<void>>();

  constructor(deps: FetchesDeps, config: FileConfig) {
    this.#deps = deps;
    this.#config = config;
    deps.overlay.handle(FILE_STATE, ({ data, origin }) => {
      this.#active.get(data.root)?.heard(origin, data.have, data.request);
      return ACCEPT;
    });
    deps.overlay.handle(FILE_CHUNK, ({ data, origin }) => this.#onChunk(origin, data.request, data.index, data.data));
    deps.links.handleTransfers(TRANSFER_KIND, (transfer) => this.#onTransfer(transfer));
    deps.scope.every(
      () => TURN_MS,
      () => deps.scope.run(this.#turn(), (error) => this.#failed(error)),
    );
  }

  async close(): Promise<void> {
    this.#queue.length = 0;
    await Promise.all([...[...this.#active.values()].map((fetch) => fetch.close()), ...this.#writing.values()]);
  }

  get(root: string): Fetch | undefined {
    return this.#active.get(root);
  }

  trouble(root: string): Trouble | undefined {
    return this.#resting.get(root);
  }

  /** Begins, or goes on with one that rested. `first`: before those that wait. */
  enqueue(root: string, first = false): void {
    this.#resting.delete(root);
    const at = this.#queue.indexOf(root);
    if (first && at !== -1) this.#queue.splice(at, 1);
    if (!this.#active.has(root) && !this.#queue.includes(root)) first ? this.#queue.unshift(root) : this.#queue.push(root);
    this.#next();
  }

  /** Ends it, without a word. Nothing more is written of it when it resolves. */
  async drop(root: string): Promise<void> {
    const fetch = this.#active.get(root);
    this.#active.delete(root);
    await fetch?.close();
    await this.#writing.get(root);
    this.#resting.delete(root);
    this.#next();
  }

  #next(): void {
    while (this.#active.size < this.#config.maxActive && !this.#deps.scope.closed) {
      const strange = [...this.#active.keys()].filter((root) => this.#isStrange(root)).length;
      const free = strange < Math.max(1, this.#config.maxActive - 1);
      const at = this.#queue.findIndex((root) => free || !this.#isStrange(root));
      if (at === -1) return;
      const [root = ''] = this.#queue.splice(at, 1);
      const record = this.#deps.shelf.get(root);
      if (record?.state === 'fetching') this.#begin(record);
    }
  }

  /** Whether a stranger named it, and nobody has asked for it. */
  #isStrange(root: string): boolean {
    const record = this.#deps.shelf.get(root);
    return record?.asked === false && !this.#deps.isKnown(record.sender);
  }

  #begin(record: FileRecord): void {
    const first = (a: string, b: string): number => Number(b === record.sender) - Number(a === record.sender);
    // Once a key of one of two was replaced they are asked in the conversation that goes on.
    const place = (): string => this.#deps.home(record.channelId);
    const fetch = new Fetch(
      {
        ...this.#deps,
        place,
        members: () => this.#deps.members(place()).sort(first),
        progress: () => this.#tell(record),
        over: (error) => this.#deps.scope.run(this.#over(fetch, record, error), (failure) => this.#failed(failure)),
      },
      this.#config,
      record,
    );
    this.#active.set(record.root, fetch);
    fetch.start();
  }

  /** Those for which nobody is there go behind those that wait, and what the disk refused is tried again: for room the user has to see. */
  async #turn(): Promise<void> {
    for (const [root, { code }] of [...this.#resting]) if (code !== 'storage-full') this.enqueue(root);
    for (const [root, fetch] of [...this.#active]) {
      if (this.#queue.length === 0 || !fetch.waits) continue;
      this.#active.delete(root);
      await fetch.close();
      this.enqueue(root);
    }
  }

  async #over(fetch: Fetch, begun: FileRecord, error: ParleyError | undefined): Promise<void> {
    const { metrics, ports, shelf, changed } = this.#deps;
    // It may have been asked for meanwhile.
    const record = shelf.get(begun.root) ?? begun;
    if (error === undefined) return this.#whole(fetch, record);
    await fetch.close();
    if (this.#active.get(record.root) !== fetch) return;
    try {
      if (STORAGE.includes(error.code)) {
        // What is here stays, and goes on when there is room.
        this.#resting.set(record.root, { code: error.code, message: error.message });
        metrics.count('file_failures', error.code);
      } else {
        const { reason } = error.data;
        metrics.reject(typeof reason === 'string' ? reason : 'file-failed');
        await shelf.clear(record.root);
        await shelf.put({ ...record, state: 'failed', error: { code: error.code, message: error.message } });
      }
      ports.log.warn('a file was not fetched', { root: record.root, code: error.code, error: error.message });
    } finally {
      this.#active.delete(record.root);
      this.#told.delete(record.root);
      changed(shelf.get(record.root) ?? record);
      this.#next();
    }
  }

  /**
   * All of it is here and was checked: it can be read and given. That it is here is written down once it is on disk, and until then a machine that
   * loses its power fetches what it lost.
   */
  async #whole(fetch: Fetch, record: FileRecord): Promise<void> {
    const { metrics, shelf, changed } = this.#deps;
    const here: FileRecord = { ...record, state: 'here' };
    if (this.#active.get(record.root) !== fetch) return fetch.close();
    this.#active.delete(record.root);
    this.#told.delete(record.root);
    shelf.show(here);
    metrics.count('files_fetched');
    changed(here);
    this.#next();
    const writing = this.#write(fetch, record, here).finally(() => this.#writing.delete(record.root));
    // What fails is told from here alone.
    const settled = writing.catch(() => {});
    this.#writing.set(record.root, settled);
    await writing;
  }

  async #write(fetch: Fetch, record: FileRecord, here: FileRecord): Promise<void> {
    const { metrics, shelf, changed } = this.#deps;
    try {
      await fetch.sync();
      if (shelf.get(record.root) === here) await shelf.put(here);
    } catch (error) {
      const { code, message } = ParleyError.from(error);
      metrics.count('file_failures', code);
      if (shelf.get(record.root) !== here) return;
      this.#resting.set(record.root, { code, message });
      shelf.show(record);
      changed(record);
    } finally {
      await fetch.close();
    }
  }

  #tell(record: FileRecord): void {
    const now = this.#deps.ports.clock.monotonic();
    if (now - (this.#told.get(record.root) ?? Number.NEGATIVE_INFINITY) < TELL_MS) return;
    this.#told.set(record.root, now);
    this.#deps.changed(record);
  }

  #expecting(request: string, nodeId: string): Fetch | undefined {
    return [...this.#active.values()].find((fetch) => fetch.expects(request, nodeId));
  }

  async #onChunk(origin: string, request: string, index: number, data: string): Promise<Verdict> {
    const fetch = this.#expecting(request, origin);
    const sealed = fetch && fromBase64(data);
    // It may be late: what was asked for has come from somebody else.
    if (!sealed) return { verdict: 'drop', reason: 'file-unasked' };
    await fetch.chunk(request, index, sealed);
    return ACCEPT;
  }

  #onTransfer(transfer: IncomingTransfer): TransferSink | undefined {
    const { request } = transfer.meta;
    return typeof request === 'string' ? this.#expecting(request, transfer.from)?.sink(request, transfer) : undefined;
  }

  #failed(error: unknown): void {
    this.#deps.ports.log.error('a file could not be kept', { error: ParleyError.from(error).message });
  }
}
