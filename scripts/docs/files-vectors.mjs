import { createHash } from 'node:crypto';
import { CHUNK_BYTES, hex, levelsOf, listOf, sealChunk, sealLists } from '@parley/core';
import { crypto } from './cast.mjs';

const KEY = Uint8Array.from({ length: 32 }, (_, i) => 0x70 + i);

/** A file with one chunk, whole, and one with two, which are long and told by their addresses alone. */
export async function fileVectors() {
  return [await fileVector(5, true), await fileVector(CHUNK_BYTES + 100, false)];
}

/**
 * @param {number} size
 * @param {boolean} whole
 */
async function fileVector(size, whole) {
  const content = Uint8Array.from({ length: size }, (_, i) => i % 251);
  const file = { key: KEY, size };
  const levels = levelsOf(size);
  const chunks = [];
  for (let index = 0; index < (levels[0]?.chunks ?? 0); index++) {
    const sealed = await sealChunk(crypto, file, 0, index, content.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES));
    chunks.push({ index, ...(whole ? { sealed: hex(sealed) } : { bytes: sealed.length }), address: hex(crypto.sha256(sealed)) });
  }
  const addresses = new Uint8Array(Buffer.from(chunks.map(({ address }) => address).join(''), 'hex'));
  const { root, lists } = await sealLists(crypto, file, addresses);
  const list = listOf(lists, size, 1);
  return {
    size,
    content: 'byte i is i modulo 251',
    sha256: createHash('sha256').update(content).digest('hex'),
    key: hex(KEY),
    chunks,
    list: { level: 1, plaintext: hex(list), sealed: hex(await sealChunk(crypto, file, 1, 0, list)) },
    root,
  };
}
