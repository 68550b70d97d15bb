import type { Crypto } from '../../ports/crypto.ts';
import { type Awaitable, chain } from '../../util/awaitable.ts';
import { hex, utf8 } from '../../util/bytes.ts';

/** Bytes of content in one chunk, of the tag behind it, and of an address: the SHA-256 of a sealed chunk. */
export const CHUNK_BYTES = 256 * 1024;
const TAG_BYTES = 16;
export const SEALED_BYTES = CHUNK_BYTES + TAG_BYTES;
export const ADDRESS_BYTES = 32;
/** Content, its list, and lists of lists: the third is needed above 16 TiB. */
export const MAX_LEVELS = 3;

/** One level of a file: its content (0), or the addresses of the chunks of the level below. */
export interface Level {
  readonly bytes: number;
  readonly chunks: number;
}

/** The levels of a file of so many bytes, content first. The last has one chunk, whose address is the root. */
export function levelsOf(size: number): Level[] {
  const levels: Level[] = [{ bytes: size, chunks: Math.max(1, Math.ceil(size / CHUNK_BYTES)) }];
  do {
    const bytes = (levels.at(-1)?.chunks ?? 0) * ADDRESS_BYTES;
    levels.push({ bytes, chunks: Math.ceil(bytes / CHUNK_BYTES) });
  } while ((levels.at(-1)?.chunks ?? 1) > 1);
  return levels;
}

/** Bytes of one chunk before it is sealed. */
export function chunkLength({ bytes }: Level, index: number): number {
  return Math.min(CHUNK_BYTES, bytes - index * CHUNK_BYTES);
}

export const sealedLength = (level: Level, index: number): number => chunkLength(level, index) + TAG_BYTES;

/** The address of a chunk in the list of its level. */
export function addressAt(list: Uint8Array, index: number): Uint8Array {
  return list.subarray(index * ADDRESS_BYTES, (index + 1) * ADDRESS_BYTES);
}

/** Where a chunk stands, so that none can be put in the place of another: what its sealing is bound to. */
function place(size: number, level: number, index: number): { nonce: Uint8Array; aad: Uint8Array } {
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  view.setUint32(0, level);
  view.setBigUint64(4, BigInt(index));
  return { nonce, aad: utf8(`parley/file/1\n${level}\n${index}\n${size}`) };
}

/** A file as its message names it: what is needed to read it. */
export interface FileKey {
  /** Address of the top chunk, hexadecimal. */
  readonly root: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly size: number;
}

export function sealChunk(
  crypto: Crypto,
  { key, size }: Omit<FileKey, 'root'>,
  level: number,
  index: number,
  plain: Uint8Array,
): Awaitable<Uint8Array> {
  const { nonce, aad } = place(size, level, index);
  return crypto.seal(key, nonce, plain, aad);
}

/** Undefined when it was not sealed for this place of this file. */
export function openChunk(
  crypto: Crypto,
  { key, size }: Omit<FileKey, 'root'>,
  level: number,
  index: number,
  sealed: Uint8Array,
): Awaitable<Uint8Array | undefined> {
  const { nonce, aad } = place(size, level, index);
  return crypto.open(key, nonce, sealed, aad);
}

/** What a file is known by, once all of it was read. `lists`: those of level 1 and above, one behind the other. */
export interface Sealed {
  readonly root: string;
  readonly lists: Uint8Array;
}

/** Makes the lists of a file from that of level 1, and the root. */
export async function sealLists(crypto: Crypto, file: Omit<FileKey, 'root'>, addresses: Uint8Array): Promise<Sealed> {
  const levels = levelsOf(file.size);
  const lists: Uint8Array[] = [addresses];
  let root = '';
  for (let level = 1; level < levels.length; level++) {
    const { chunks } = levels[level] as Level;
    const list = lists[level - 1] as Uint8Array;
    const above = new Uint8Array(chunks * ADDRESS_BYTES);
    for (let index = 0; index < chunks; index++) {
      const plain = list.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
      const address = await chain(sealChunk(crypto, file, level, index, plain), (sealed) => crypto.sha256(sealed));
      above.set(address, index * ADDRESS_BYTES);
    }
    if (chunks === 1) root = hex(above);
    else lists.push(above);
  }
  const all = new Uint8Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return { root, lists: all };
}

/** The list of a level (1 and above) in what `sealLists` put together. */
export function listOf(lists: Uint8Array, size: number, level: number): Uint8Array {
  const levels = levelsOf(size);
  let at = 0;
  for (let below = 1; below < level; below++) at += levels[below]?.bytes ?? 0;
  return lists.subarray(at, at + (levels[level]?.bytes ?? 0));
}
