import type { Crypto, Hasher } from '../../ports/crypto.ts';
import type { OpenFile } from '../../ports/files.ts';
import { chain } from '../../util/awaitable.ts';
import { equalBytes, fromHex, hex } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import { addressAt, CHUNK_BYTES, chunkLength, type Level, levelsOf, listOf, openChunk, sealChunk, sealLists } from './layout.ts';
import { Plan, type Run } from './plan.ts';
import type { FileRecord, Shelf } from './shelf.ts';

/** Chunks behind a missing one that are kept in memory until they can be hashed; others are read back. */
const KEPT_CHUNKS = 32;

/** What is here of a file that is being fetched: first its lists, from the top, then its content. */
export class Parts {
  readonly #crypto: Crypto;
  readonly #shelf: Shelf;
  readonly #record: FileRecord;
  readonly #levels: readonly Level[];
  /** Of levels 1 and above, as far as they are here. */
  readonly #lists: Uint8Array[];
  readonly #hasher: Hasher;
  readonly #kept = new Map<number, Uint8Array>();
  #level: number;
  #plan: Plan;
  #file: OpenFile | undefined;
  #hashed = 0;
  #hashing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(crypto: Crypto, shelf: Shelf, record: FileRecord) {
    this.#crypto = crypto;
    this.#shelf = shelf;
    this.#record = record;
    this.#levels = levelsOf(record.size);
    this.#lists = this.#levels.map(({ bytes }, level) => new Uint8Array(level === 0 ? 0 : bytes));
    this.#hasher = crypto.hasher();
    this.#level = this.#levels.length - 1;
    this.#plan = new Plan(1);
  }

  /** The level whose chunks are wanted now. */
  get level(): number {
    return this.#level;
  }

  get plan(): Plan {
    return this.#plan;
  }

  /** Chunks that are missing, of this level or of all. */
  get left(): number {
    return this.#level === 0 ? this.#plan.left : Number.POSITIVE_INFINITY;
  }

  get runs(): readonly Run[] {
    return this.#level === 0 ? this.#plan.runs() : [];
  }

  get bytes(): number {
    return this.#level === 0 ? Math.min(this.#record.size, (this.#plan.count - this.#plan.left) * CHUNK_BYTES) : 0;
  }

  /** The address that a chunk of this level must have. */
  address(index: number): Uint8Array {
    const above = this.#lists[this.#level + 1];
    return above ? addressAt(above, index) : (fromHex(this.#record.root) ?? new Uint8Array());
  }

  /**
   * Looks what was here already. Nothing is taken on trust: a machine that lost its power may have kept a file's length and not its bytes.
   * Errors: those of the files.
   */
  async open(): Promise<void> {
    const { root, size } = this.#record;
    const lists = await this.#shelf.readLists(this.#record);
    if (lists && (await sealLists(this.#crypto, this.#record, listOf(lists, size, 1))).root === root) {
      for (let level = 1; level < this.#levels.length; level++) this.#lists[level] = listOf(lists, size, level);
      this.#enter(0);
    }
    this.#file = await this.#shelf.openForWriting(root);
    if (this.#level > 0) return;
    const here = Math.ceil((await this.#file.size()) / CHUNK_BYTES);
    for (let index = 0; index < Math.min(here, this.#plan.count) && !this.#closed; index++) {
      const plain = await this.#file.read(index * CHUNK_BYTES, this.#lengthOf(index));
      if (plain.length !== this.#lengthOf(index)) continue;
      const address = await chain(sealChunk(this.#crypto, this.#record, 0, index, plain), (sealed) => this.#crypto.sha256(sealed));
      if (!equalBytes(address, this.address(index))) continue;
      this.#plan.add(index);
      if (index === this.#hashed) this.#hash(plain);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#hashing.catch(() => {});
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /**
   * Takes a chunk of this level whose address fits. On its way to disk when it resolves. Errors: `bad-message` where it cannot be opened: its
   * sender did not seal what it signed; those of the files.
   */
  async take(index: number, sealed: Uint8Array): Promise<void> {
    const level = this.#level;
    const plain = await openChunk(this.#crypto, this.#record, level, index, sealed);
    if (!plain || plain.length !== this.#lengthOf(index)) {
      throw new ParleyError('bad-message', 'the file is not what its message says: its size or its key is another', {
        data: { reason: 'file-sealing' },
      });
    }
    if (level > 0) {
      this.#lists[level]?.set(plain, index * CHUNK_BYTES);
      this.#plan.add(index);
      if (this.#plan.left === 0) await this.#descend(level);
      return;
    }
    await this.#file?.write(index * CHUNK_BYTES, plain);
    if (this.#closed) return;
    this.#plan.add(index);
    if (index >= this.#hashed && this.#kept.size < KEPT_CHUNKS) this.#kept.set(index, plain);
    await this.#advance();
  }

  /** All is here. Errors: `bad-message` where it is not the content that was signed; those of the files. */
  async finish(): Promise<void> {
    await this.#advance();
    if (hex(this.#hasher.digest()) !== this.#record.sha256) {
      throw new ParleyError('bad-message', 'the file is not what its message says: its content is another', {
        data: { reason: 'file-digest' },
      });
    }
  }

  async sync(): Promise<void> {
    await this.#file?.sync();
  }

  /** A level of lists is complete: it says where the next lower one is. */
  async #descend(level: number): Promise<void> {
    if (level === 1) {
      const { length } = this.#levels;
      const bytes = this.#levels.slice(1).reduce((sum, { bytes: more }) => sum + more, 0);
      const all = new Uint8Array(bytes);
      let at = 0;
      for (let each = 1; each < length; each++) {
        const list = this.#lists[each] ?? new Uint8Array();
        all.set(list, at);
        at += list.length;
      }
      await this.#shelf.writeLists(this.#record.root, all);
    }
    this.#enter(level - 1);
  }

  #enter(level: number): void {
    this.#level = level;
    this.#plan = new Plan(this.#levels[level]?.chunks ?? 1);
  }

  /** The digest of the whole is made in order, from memory where that can be. */
  #advance(): Promise<void> {
    this.#hashing = this.#hashing.then(async () => {
      while (this.#hashed < this.#plan.count && this.#plan.has(this.#hashed) && !this.#closed) {
        const at = this.#hashed * CHUNK_BYTES;
        this.#hash(this.#kept.get(this.#hashed) ?? (await this.#file?.read(at, this.#lengthOf(this.#hashed))) ?? new Uint8Array());
      }
    });
    return this.#hashing;
  }

  #hash(plain: Uint8Array): void {
    this.#hasher.update(plain);
    this.#kept.delete(this.#hashed++);
  }

  #lengthOf(index: number): number {
    const level = this.#levels[this.#level];
    return level ? chunkLength(level, index) : 0;
  }
}
