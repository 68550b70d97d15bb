import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type verify } from './ed25519.ts';

const LENGTH_BYTES = 4;
const KEY_END = LENGTH_BYTES + PUBLIC_KEY_BYTES;
const HEAD_BYTES = KEY_END + SIGNATURE_BYTES;

/** Bytes that one more signature takes. */
export const entryBytes = (data: Uint8Array): number => HEAD_BYTES + data.length;

/**
 * Puts a signature down at `at` of a buffer that goes to another thread, and comes back, without being copied: length of the data (4 bytes,
 * little-endian), public key (32), signature (64), data. Returns where the next one goes.
 */
export function writeEntry(buffer: Uint8Array, at: number, publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): number {
  new DataView(buffer.buffer, buffer.byteOffset).setUint32(at, data.length, true);
  buffer.set(publicKey, at + LENGTH_BYTES);
  buffer.set(signature, at + KEY_END);
  buffer.set(data, at + HEAD_BYTES);
  return at + HEAD_BYTES + data.length;
}

/** Answers `count` signatures in place: the first bytes of the buffer say, one each, which of them fit (1). */
export function answerEntries(buffer: Uint8Array, count: number, fits: typeof verify): void {
  const view = new DataView(buffer.buffer, buffer.byteOffset);
  for (let number = 0, at = 0; number < count; number++) {
    const data = at + HEAD_BYTES;
    const end = data + view.getUint32(at, true);
    const publicKey = buffer.subarray(at + LENGTH_BYTES, at + KEY_END);
    // An entry is longer than its answer: what is written over has been read.
    buffer[number] = fits(publicKey, buffer.subarray(data, end), buffer.subarray(at + KEY_END, data)) ? 1 : 0;
    at = end;
  }
}
