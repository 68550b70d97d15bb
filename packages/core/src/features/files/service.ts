import type { Links } from '../../link/index.ts';
import type { Overlay } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import { Turns } from '../../util/turns.ts';
import type { FileConfig } from './config.ts';
import { Fetches, type Trouble } from './fetches.ts';
import { Giver } from './giver.ts';
import { type AttachedFiles, NamedFiles } from './named.ts';
import { readThrough } from './offering.ts';
import { FilesOver } from './over.ts';
import { refusalOf } from './room.ts';
import { type FileAbout, type FileRecord, type FileState, Shelf } from './shelf.ts';
import { type MessageOfFiles, Unasked, type UnaskedDeps } from './unasked.ts';

/** How a file stands here. `waiting`: nobody is in reach who could give more of it, or others come first. */
export interface FileStanding {
  readonly state: FileState | 'offered' | 'waiting';
  /** Bytes that are here. */
  readonly bytes: number;
  readonly error?: Trouble;
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
  readonly attached: AttachedFiles;
  /** Channels of which anything is known. */
  list(): readonly { readonly id: string }[];
  readonly archive: { home(channelId: string): string; line(channelId: string): readonly string[] };
  readonly events: {
    on(name: 'expired', listener: () => void): () => void;
    on(name: 'message', listener: (event: { readonly message: MessageOfFiles }) => void): () => void;
    on(
      name: 'changed',
      listener: (event: { readonly message: { readonly standing?: { readonly deleted?: unknown } } }) => void,
    ): () => void;
  };
}

export interface FileDeps {
  readonly ports: Ports;
  readonly self: string;
  readonly links: Links;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
  readonly channels: ChannelsOfFiles;
  readonly seekDirect: (nodeId: string) => void;
  /** Whether this user wants nothing to do with a node: it is given nothing, and of what it names nothing is fetched unasked, whatever it is a member of. */
  readonly blocked: (nodeId: string) => boolean;
  /** Whether a node is of somebody whom the user knows: room is left for what they name. */
  readonly isKnown: (nodeId: string) => boolean;
}

/** What is told while a file is read: so often at most. */
const TELL_MS = 250;

/** Large files: given to members of the channel in which they were sent, and fetched from whoever has them (DESIGN section 6). */
export class FileSharing {
  readonly events: Emitter<FileEvents>;
  readonly #deps: FileDeps;
  readonly #config: FileConfig;
  readonly #scope: Scope;
  readonly #shelf: Shelf | undefined;
  readonly #fetches: Fetches | undefined;
  /** Fetches are begun, and files removed, one after another: what is asked for again while it is being removed is fetched when all of it is gone. */
  readonly #turns = new Turns();
  readonly #over: FilesOver;
  readonly #unasked: Unasked | undefined;
  /** What is wrong with files of the user's. */
  readonly #lost = new Map<string, Trouble>();

  constructor(deps: FileDeps, config: FileConfig) {
    const { ports, links, overlay, metrics, blocked, isKnown } = deps;
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(ports.clock);
    this.events = new Emitter((error) => ports.log.error('a listener failed', { error: String(error) }));
    const { channels, self, seekDirect } = deps;
    const { attached, archive } = channels;
    const named = new NamedFiles({ self, attached, channels: () => channels.list(), home: archive.home, line: archive.line });
    const get = (root: string): Promise<FileRecord | undefined> => this.#turns.take(async () => this.#shelf?.get(root));
    const forget = (root: string): Promise<void> => this.#forget(root);
    this.#over = new FilesOver({ attached, named, get, forget });
    if (!ports.files) return;
    const shelf = new Shelf(ports, ports.files, config);
    this.#shelf = shelf;
    const members = (channelId: string): string[] => {
      const all = channels.isJoined(channelId) ? channels.members(channelId) : [];
      return all.filter((nodeId) => nodeId !== self && overlay.reaches(nodeId));
    };
    const changed = (record: FileRecord): void => this.events.emit('file', { record, standing: this.#standing(record) });
    const scope = this.#scope;
    const { home } = archive;
    const fetches = new Fetches({ ports, scope, links, overlay, metrics, shelf, members, home, seekDirect, isKnown, changed }, config);
    this.#fetches = fetches;
    new Giver(
      {
        ...deps,
        scope,
        shelf,
        partly: (root) => ({ runs: fetches.get(root)?.runs ?? [], lists: fetches.get(root)?.listed ?? false }),
        admits: (channelId, nodeId) => !blocked(nodeId) && channels.isJoined(channelId) && channels.isMember(channelId, nodeId),
        sent: (root, channelId) => named.isNamed(root, channelId),
        belongs: (record, channelId) => named.isIn(record, channelId),
        lost: (record, error) => {
          if (error) this.#lost.set(record.root, { code: error.code, message: error.message });
          else this.#lost.delete(record.root);
          changed(record);
        },
      },
      config,
    );
    const fetch: UnaskedDeps['fetch'] = (...what) => this.#fetch(...what, false);
    const unasked = new Unasked({ ports, scope, metrics, self, shelf, blocked, fetch, forget }, config);
    this.#unasked = unasked;
    this.#scope.add(channels.events.on('message', ({ message }) => unasked.named(message)));
    metrics.gauge('files', () => {
      const counts = new Map<string, number>();
      for (const { state } of shelf.all()) counts.set(state, (counts.get(state) ?? 0) + 1);
      return counts;
    });
    metrics.gauge('file_bytes', () => shelf.reserved());
  }

  /** Goes on with what was being fetched. What went over its time while the node was off is gone when it resolves. Errors: those of the store. */
  async start(): Promise<void> {
    await this.#shelf?.start();
    const { events } = this.#deps.channels;
    this.#scope.add(events.on('expired', () => this.#removeOver()));
    this.#scope.add(events.on('changed', ({ message }) => message.standing?.deleted && this.#removeOver()));
    await this.#over.remove();
    await this.#unasked?.start();
    for (const { root, state } of this.#shelf?.all() ?? []) if (state === 'fetching') this.#fetches?.enqueue(root);
  }

  async close(): Promise<void> {
    await this.#fetches?.close();
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
  async offer(path: string, channelId: string, signal: AbortSignal = this.#scope.signal): Promise<OfferedFile> {
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
      const { root, lists, sha256 } = await readThrough(ports.crypto, source, key, { signal, progress });
      await shelf.writeLists(root, lists);
      await shelf.put({ root, key, size, sha256, channelId, sender: self, state: 'source', path, stamp });
      return { root, key, size, sha256, name };
    } finally {
      await source.close();
    }
  }

  /**
   * Begins to fetch, or goes on. The rest is told by events. Errors: `unsupported`, `too-large`, `quota`, `storage-full`, those of the store.
   */
  fetch(about: FileAbout, channelId: string, sender: string): Promise<void> {
    return this.#fetch(about, channelId, sender, true);
  }

  #fetch(about: FileAbout, channelId: string, sender: string, asked: boolean): Promise<void> {
    return this.#turns.take(() => this.#begin(about, channelId, sender, asked));
  }

  async #begin(about: FileAbout, channelId: string, sender: string, asked: boolean): Promise<void> {
    const shelf = this.#open();
    const known = shelf.fits(about);
    if (known?.state === 'source') return;
    // It belongs to where its user asked for it, not to where it was named first: only so does it stay as long as it stands there.
    if (asked && known && known.state !== 'failed') await shelf.put({ ...known, channelId, sender, asked });
    if (known?.state === 'here') return;
    if (known?.state !== 'fetching') {
      await this.#makeRoom(about, { sender, asked });
      const { root, key, size, sha256 } = about;
      await shelf.put({ root, key, size, sha256, channelId, sender, state: 'fetching', asked, since: this.#deps.ports.clock.now() });
    }
    this.#fetches?.enqueue(about.root, asked);
  }

  /** Errors: `too-large`, `conflict`, `quota`, `storage-full`, those of the files. */
  async #makeRoom({ root, size }: FileAbout, { sender, asked }: { readonly sender: string; readonly asked: boolean }): Promise<void> {
    const shelf = this.#open();
    const other = shelf.get(root);
    // Somebody may have named it with another key, so that nobody could have it.
    const { isKnown } = this.#deps;
    const weightier = other && (asked || (isKnown(sender) && !isKnown(other.sender)));
    const gives = other?.state === 'failed' || (other?.state === 'fetching' && other.asked === false && weightier);
    if (other && !gives) throw new ParleyError('conflict', 'another message names this file with another key');
    const others = shelf.all().filter((record) => record !== other);
    const refusal = refusalOf(others, { size, sender, asked }, this.#config, isKnown);
    if (refusal) throw refusal;
    if ((await shelf.files.free()) < size + this.#config.spareBytes)
      throw new ParleyError('storage-full', 'there is not enough room on the disk for this file');
    await this.#fetches?.drop(root);
    await shelf.clear(root);
  }

  /** The content, piece by piece. Errors: `not-found` while it is not here; `conflict` where the user's own file was changed; those of the files. */
  async *content(about: FileAbout): AsyncGenerator<Uint8Array> {
    yield* this.#open().content(this.kept(about));
  }

  /** Ends a fetch, and removes what is here of the content. A user's own file stays, and is not given any more. */
  remove(root: string): Promise<void> {
    return this.#turns.take(() => this.#remove(root));
  }

  async #remove(root: string): Promise<void> {
    const shelf = this.#open();
    const record = shelf.get(root);
    if (!record) throw new ParleyError('not-found', 'no such file is here');
    await this.#fetches?.drop(root);
    this.#lost.delete(root);
    await shelf.remove(root);
    this.events.emit('file', { record, standing: this.standing(record) });
  }

  /** Under which name the port for files has it; `path` for the user's own. Errors: those of `content`. */
  kept(about: FileAbout): FileRecord {
    const record = this.#open().fits(about);
    if (record?.state !== 'here' && record?.state !== 'source') throw new ParleyError('not-found', 'the file is not here');
    return record;
  }

  /** Messages that named files are no more, since their time is over or somebody deleted them: what nothing else names goes with them. */
  #removeOver(): void {
    this.#scope.run(this.#over.remove(), (error) =>
      this.#deps.ports.log.error('a file whose time is over could not be removed', { error: String(error) }),
    );
  }

  #forget(root: string): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#shelf?.get(root)) await this.#remove(root);
    });
  }

  #open(): Shelf {
    if (!this.#shelf) throw new ParleyError('unsupported', 'this platform keeps no large files');
    return this.#shelf;
  }

  #standing(record: FileRecord): FileStanding {
    const { root, state, size, error } = record;
    const trouble = this.#fetches?.trouble(root) ?? this.#lost.get(root) ?? error;
    const about = trouble ? { error: trouble } : {};
    if (state !== 'fetching') return { state, bytes: state === 'failed' ? 0 : size, ...about };
    const fetch = this.#fetches?.get(root);
    const waits = fetch === undefined || fetch.waits;
    return { state: waits ? 'waiting' : state, bytes: fetch?.bytes ?? 0, ...about };
  }
}
