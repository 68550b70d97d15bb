import type { Crypto } from '../ports/crypto.ts';
import { concat } from '../util/bytes.ts';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/** HMAC-SHA256 (RFC 2104). */
export function hmac(crypto: Crypto, key: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const short = key.length > BLOCK_BYTES ? crypto.sha256(key) : key;
  const pad = (byte: number): Uint8Array => {
    const block = new Uint8Array(BLOCK_BYTES).fill(byte);
    for (let i = 0; i < short.length; i++) block[i] = byte ^ (short[i] as number);
    return block;
  };
  return crypto.sha256(concat(pad(0x5c), crypto.sha256(concat(pad(0x36), data))));
}

/** HKDF-Expand with SHA-256 (RFC 5869), at most 8,160 bytes. */
export function hkdfExpand(crypto: Crypto, prk: Uint8Array, info: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const blocks: Uint8Array[] = [];
  let last = new Uint8Array(0);
  for (let i = 1; blocks.length * HASH_BYTES < length; i++) {
    last = hmac(crypto, prk, concat(last, info, Uint8Array.of(i)));
    blocks.push(last);
  }
  return concat(...blocks).slice(0, length);
}
