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
  for (let index = 0; index < chunks; index++) {
    about.signal.throwIfAborted();
    const at = index * CHUNK_BYTES;
    const length = Math.min(CHUNK_BYTES, source.size - at);
    const plain = await source.read(at, length);
    if (plain.length !== length) throw new ParleyError('conflict', `${source.name} was changed while it was read`);
    hasher.update(plain);
    addresses.set(await chain(sealChunk(crypto, file, 0, index, plain), (sealed) => crypto.sha256(sealed)), index * ADDRESS_BYTES);
    about.progress(at + length);
  }
  return { sha256: hex(hasher.digest()), ...(await sealLists(crypto, file, addresses)) };
}
