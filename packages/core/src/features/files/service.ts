import type { Links } from '../../link/index.ts';
import { ACCEPT, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { fromBase64 } from '../../util/base64.ts';
import { ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { FileConfig } from './config.ts';
import { Fetch } from './fetch.ts';
import { Giver, TRANSFER_KIND } from './giver.ts';
import { CHUNK_BYTES } from './layout.ts';
import { readThrough } from './offering.ts';
import { aboutFile, type FileAbout, type FileRecord, type FileState, Shelf } from './shelf.ts';
import { FILE_CHUNK, FILE_STATE } from './verbs.ts';

/** How a file stands here. `waiting`: nobody is in reach who could give more of it, or others come first. */
export interface FileStanding {
  readonly state: FileState | 'offered' | 'waiting';
  /** Bytes that are here. */
  readonly bytes: number;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface FileEvents {
  /** A file stands elsewhere than before, or has grown. */
  file: { readonly record: FileRecord; readonly standing: FileStanding };
  /** Of a file that is read before it can be sent. */
  reading: { readonly path: string; readonly bytes: number; readonly size: number };
}

/** A file that was read, and can be named in a message. */
export interface OfferedFile extends FileAbout {
  readonly name: string;
}

/** What sharing files needs of the channels in which they are sent. */
interface ChannelsOfFiles {
  isJoined(channelId: string): boolean;
  isMember(channelId: string, nodeId: string): boolean;
  /** Errors: `not-found`. */
  members(channelId: string): readonly string[];
  /** Whether a file was sent in a channel. */
  wasSent(root: string, channelId: string): Promise<boolean>;
  readonly events: {
    on(name: 'message', listener: (event: { readonly message: MessageOfFiles }) => void): () => void;
  };
}

interface MessageOfFiles {
  readonly channelId: string;
  readonly sender: string;
  readonly attachments: readonly Parameters<typeof aboutFile>[0][];
}

export interface FileDeps {
  readonly ports: Ports;
  readonly self: string;
  readonly links: Links;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
  readonly channels: ChannelsOfFiles;
  readonly seekDirect: (nodeId: string) => void;
}

/** What is told of a file while it grows: so often at most. */
const TELL_MS = 250;
const STORAGE: readonly string[] = ['storage', 'storage-full', 'in-use'];

/** Large files: given to members of the channel in which they were sent, and fetched from whoever has them (DESIGN section 6). */
export class FileSharing {
  readonly events: Emitter<FileEvents>;
  readonly #deps: FileDeps;
  readonly #config: FileConfig;
  readonly #scope: Scope;
  readonly #shelf: Shelf | undefined;
  readonly #active = new Map<string, Fetch>();
  readonly #queue: string[] = [];
  /** Why a fetch rests that goes on when it is asked for again. */
  readonly #resting = new Map<string, { readonly code: string; readonly message: string }>();
  readonly #told = new Map<string, number>();

  constructor(deps: FileDeps, config: FileConfig) {
    const { ports, links, overlay, metrics } = deps;
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(ports.clock);
    this.events = new Emitter((error) => ports.log.error('a listener failed', { error: String(error) }));
    if (!ports.files) return;
    const shelf = new Shelf(ports, ports.files, config);
    this.#shelf = shelf;
    const partly = (root: string) => ({ runs: this.#active.get(root)?.runs ?? [], lists: this.#active.get(root)?.listed ?? false });
    const { channels } = deps;
    const admits = (channelId: string, nodeId: string): boolean => channels.isJoined(channelId) && channels.isMember(channelId, nodeId);
    const sent = (root: string, channelId: string): Promise<boolean> => channels.wasSent(root, channelId);
    new Giver({ ...deps, scope: this.#scope, shelf, partly, admits, sent, lost: (root, error) => this.#lost(root, error) }, config);
    this.#scope.add(channels.events.on('message', ({ message }) => this.#named(message)));
    overlay.handle(FILE_STATE, ({ data, origin }) => {
      this.#active.get(data.root)?.heard(origin, data.have, data.request);
      return ACCEPT;
    });
    overlay.handle(FILE_CHUNK, ({ data, origin }) => this.#onChunk(origin, data.request, data.index, data.data));
    links.handleTransfers(TRANSFER_KIND, (transfer) => {
      const { request } = transfer.meta;
      const fetch = typeof request === 'string' ? this.#expecting(request, transfer.from) : undefined;
      return fetch?.sink(request as string, transfer);
    });
    metrics.gauge('files', () => {
      const counts = new Map<string, number>();
      for (const { state } of shelf.all()) counts.set(state, (counts.get(state) ?? 0) + 1);
      return counts;
    });
    metrics.gauge('file_bytes', () => shelf.reserved());
  }

  /** Whether this platform keeps large files. */
  get available(): boolean {
    return this.#shelf !== undefined;
  }

  /** Goes on with what was being fetched. */
  async start(): Promise<void> {
    await this.#shelf?.start();
    for (const { root, state } of this.#shelf?.all() ?? []) if (state === 'fetching') this.#enqueue(root);
  }

  async close(): Promise<void> {
    this.#queue.length = 0;
    await Promise.all([...this.#active.values()].map((fetch) => fetch.close()));
    await this.#scope.close();
  }

  list(): { readonly record: FileRecord; readonly standing: FileStanding }[] {
    return (this.#shelf?.all() ?? []).map((record) => ({ record, standing: this.#standing(record) }));
  }

  /** How a file that a message names stands here. */
  standing(about: FileAbout): FileStanding {
    const record = this.#shelf?.fits(about);
    return record ? this.#standing(record) : { state: 'offered', bytes: 0 };
  }

  /**
   * Reads a file of the user's so that a message can name it; it stays where it is, and must not be changed as long as others may want it.
   * Errors: `unsupported`, `not-found`, `bad-argument`, `too-large`, `conflict`, `quota`, those of the store and of the files.
   */
  async offer(path: string, channelId: string): Promise<OfferedFile> {
    const shelf = this.#open();
    const { ports, self } = this.#deps;
    const source = await shelf.files.outside(path);
    try {
      const { size, name, stamp } = source;
      if (size === 0) throw new ParleyError('bad-argument', `${name} is empty`);
      if (size > this.#config.maxFileBytes) throw new ParleyError('too-large', `a file has at most ${this.#config.maxFileBytes} bytes`);
      const key = ports.random.bytes(32);
      let told = Number.NEGATIVE_INFINITY;
      const progress = (bytes: number): void => {
        const now = ports.clock.monotonic();
        if (now - told < TELL_MS && bytes < size) return;
        told = now;
        this.events.emit('reading', { path, bytes, size });
      };
      const { root, lists, sha256 } = await readThrough(ports.crypto, source, key, { signal: this.#scope.signal, progress });
      await shelf.writeLists(root, lists);
      await shelf.put({ root, key, size, sha256, channelId, sender: self, state: 'source', path, stamp });
      return { root, key, size, sha256, name };
    } finally {
      await source.close();
    }
  }

  /** A message names files: small ones are fetched at once. */
  #named({ channelId, sender, attachments }: MessageOfFiles): void {
    if (sender === this.#deps.self) return;
    for (const attachment of attachments) {
      const about = aboutFile(attachment);
      if (!about || about.size > this.#config.autoBytes || this.#shelf?.fits(about)) continue;
      this.#scope.run(this.fetch(about, channelId, sender), (error) =>
        this.#deps.metrics.count('file_failures', ParleyError.from(error).code),
      );
    }
  }

  /**
   * Begins to fetch, or goes on. The rest is told by events. Errors: `unsupported`, `too-large`, `quota`, `storage-full`, those of the store.
   */
  async fetch(about: FileAbout, channelId: string, sender: string): Promise<void> {
    const shelf = this.#open();
    const known = shelf.fits(about);
    if (known?.state === 'here' || known?.state === 'source' || this.#active.has(about.root)) return;
    if (known?.state !== 'fetching') {
      const { maxFileBytes, maxBytes, maxUnfinished, spareBytes } = this.#config;
      if (about.size > maxFileBytes) throw new ParleyError('too-large', `a file has at most ${maxFileBytes} bytes`);
      const other = shelf.get(about.root);
      if (other && other.state !== 'failed') throw new ParleyError('conflict', 'another message names this file with another key');
      if (shelf.all().filter(({ state }) => state === 'fetching').length >= maxUnfinished)
        throw new ParleyError('quota', `at most ${maxUnfinished} files are fetched at a time`);
      if (shelf.reserved() + about.size > maxBytes)
        throw new ParleyError('quota', `files have at most ${maxBytes} bytes together: remove some`);
      if ((await shelf.files.free()) < about.size + spareBytes)
        throw new ParleyError('storage-full', 'there is not enough room on the disk for this file');
      await shelf.clear(about.root);
      const { root, key, size, sha256 } = about;
      await shelf.put({ root, key, size, sha256, channelId, sender, state: 'fetching' });
    }
    this.#resting.delete(about.root);
    this.#enqueue(about.root);
  }

  /** The content, piece by piece. Errors: `not-found` while it is not here; `conflict` where the user's own file was changed; those of the files. */
  async *content(about: FileAbout): AsyncGenerator<Uint8Array> {
    const shelf = this.#open();
    const record = shelf.fits(about);
    if (record?.state !== 'here' && record?.state !== 'source') throw new ParleyError('not-found', 'the file is not here');
    const file = await shelf.openContent(record);
    try {
      for (let at = 0; at < record.size; at += CHUNK_BYTES) {
        const wanted = Math.min(CHUNK_BYTES, record.size - at);
        const bytes = await file.read(at, wanted);
        if (bytes.length !== wanted) throw new ParleyError('corrupt', 'the file is shorter than it was');
        yield bytes;
      }
    } finally {
      await file.close();
    }
  }

  /** Ends a fetch, and removes what is here of the content. A user's own file stays, and is not given any more. */
  async remove(root: string): Promise<void> {
    const shelf = this.#open();
    if (!shelf.get(root)) throw new ParleyError('not-found', 'no such file is here');
    const fetch = this.#active.get(root);
    this.#active.delete(root);
    await fetch?.close();
    this.#resting.delete(root);
    await shelf.remove(root);
    this.#next();
  }

  #open(): Shelf {
    if (!this.#shelf) throw new ParleyError('unsupported', 'this platform keeps no large files');
    return this.#shelf;
  }

  #standing(record: FileRecord): FileStanding {
    const { root, state, size, error } = record;
    const resting = this.#resting.get(root) ?? error;
    if (state !== 'fetching') return { state, bytes: state === 'failed' ? 0 : size, ...(resting ? { error: resting } : {}) };
    const fetch = this.#active.get(root);
    const waits = fetch === undefined || fetch.waits;
    return { state: waits ? 'waiting' : state, bytes: fetch?.bytes ?? 0, ...(resting ? { error: resting } : {}) };
  }

  /** The user's own file was changed or taken away since it was sent. */
  #lost(root: string, { code, message }: ParleyError): void {
    const record = this.#shelf?.get(root);
    if (!record) return;
    this.#resting.set(root, { code, message });
    this.events.emit('file', { record, standing: this.#standing(record) });
  }

  #enqueue(root: string): void {
    if (!this.#active.has(root) && !this.#queue.includes(root)) this.#queue.push(root);
    this.#next();
  }

  #next(): void {
    while (this.#active.size < this.#config.maxActive && !this.#scope.closed) {
      const record = this.#shelf?.get(this.#queue.shift() ?? '');
      if (record?.state === 'fetching') this.#begin(record);
      else if (this.#queue.length === 0) return;
    }
  }

  #begin(record: FileRecord): void {
    const { self, channels, overlay } = this.#deps;
    const shelf = this.#open();
    const fetch = new Fetch(
      {
        ...this.#deps,
        shelf,
        members: () => {
          const all = channels.isJoined(record.channelId) ? channels.members(record.channelId) : [];
          const reachable = all.filter((nodeId) => nodeId !== self && overlay.reaches(nodeId));
          return reachable.sort((a, b) => Number(b === record.sender) - Number(a === record.sender));
        },
        progress: () => this.#tell(record),
        over: (error) =>
          this.#scope.run(this.#over(fetch, record, error), (failure) =>
            this.#deps.ports.log.error('a file could not be kept', { error: ParleyError.from(failure).message }),
          ),
      },
      this.#config,
      record,
    );
    this.#active.set(record.root, fetch);
    fetch.start();
  }

  async #over(fetch: Fetch, record: FileRecord, error: ParleyError | undefined): Promise<void> {
    const { metrics, ports } = this.#deps;
    const shelf = this.#open();
    await fetch.close();
    if (this.#active.get(record.root) !== fetch) return;
    let now = record;
    try {
      if (error === undefined) {
        now = await shelf.put({ ...record, state: 'here' });
        metrics.count('files_fetched');
      } else if (STORAGE.includes(error.code)) {
        // What is here stays, and goes on when there is room.
        this.#resting.set(record.root, { code: error.code, message: error.message });
        metrics.count('file_failures', error.code);
      } else {
        const { reason } = error.data;
        metrics.reject(typeof reason === 'string' ? reason : 'file-failed');
        await shelf.clear(record.root);
        now = await shelf.put({ ...record, state: 'failed', error: { code: error.code, message: error.message } });
      }
      if (error) ports.log.warn('a file was not fetched', { root: record.root, code: error.code, error: error.message });
    } finally {
      this.#active.delete(record.root);
      this.#told.delete(record.root);
      this.events.emit('file', { record: now, standing: this.#standing(now) });
      this.#next();
    }
  }

  #tell(record: FileRecord): void {
    const now = this.#deps.ports.clock.monotonic();
    if (now - (this.#told.get(record.root) ?? Number.NEGATIVE_INFINITY) < TELL_MS) return;
    this.#told.set(record.root, now);
    this.events.emit('file', { record, standing: this.#standing(record) });
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
}
