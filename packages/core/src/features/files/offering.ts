import type { Crypto } from '../../ports/crypto.ts';
import type { OutsideFile } from '../../ports/files.ts';
import { chain } from '../../util/awaitable.ts';
import { hex } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import { ADDRESS_BYTES, CHUNK_BYTES, levelsOf, type Sealed, sealChunk, sealLists } from './layout.ts';

/**
 * Reads all of a file: its digest, its root and its lists. Errors: `conflict` where it becomes shorter meanwhile, `aborted`, those of the file.
 */
export async function readThrough(
  crypto: Crypto,
  source: OutsideFile,
  key: Uint8Array,
  about: { readonly signal: AbortSignal; readonly progress: (bytes: number) => void },
): Promise<Sealed & { readonly sha256: string }> {
  const file = { key, size: source.size };
  const { chunks = 0 } = levelsOf(source.size)[0] ?? {};
  const addresses = new Uint8Array(chunks * ADDRESS_BYTES);
  const hasher = crypto.hasher();
  const lengthAt = (index: number): number => Math.min(CHUNK_BYTES, source.size - index * CHUNK_BYTES);
  const read = (index: number): Promise<Uint8Array> => {
    const reading = index < chunks ? source.read(index * CHUNK_BYTES, lengthAt(index)) : Promise.resolve(new Uint8Array());
    // It is waited for later, and then fails.
    reading.catch(() => {});
    return reading;
  };
  const address = async (index: number, plain: Uint8Array): Promise<void> => {
    const found = await chain(sealChunk(crypto, file, 0, index, plain), (sealed) => crypto.digest(sealed));
    addresses.set(found, index * ADDRESS_BYTES);
  };
  // The next is read, and the address of the last made, while one is hashed.
  let next = read(0);
  let addressed: Promise<void> = Promise.resolve();
  for (let index = 0; index < chunks; index++) {
    about.signal.throwIfAborted();
    const plain = await next;
    next = read(index + 1);
    if (plain.length !== lengthAt(index)) throw new ParleyError('conflict', `${source.name} was changed while it was read`);
    await addressed;
    addressed = address(index, plain);
    hasher.update(plain);
    about.progress(index * CHUNK_BYTES + plain.length);
  }
  await addressed;
  return { sha256: hex(hasher.digest()), ...(await sealLists(crypto, file, addresses)) };
}
