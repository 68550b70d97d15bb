import type { Random } from '../ports/random.ts';
import { fromHex, hex } from './bytes.ts';

/** 16 bytes as a lower-case GUID (RFC 9562 section 4). */
export function guidFromBytes(bytes: Uint8Array): string {
  const text = hex(bytes.subarray(0, 16));
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
}

/** The 16 bytes of a GUID. */
export function guidBytes(guid: string): Uint8Array {
  return fromHex(guid.replaceAll('-', '')) ?? new Uint8Array(16);
}

/** Any GUID version, lower-case (WIRE "Formats"). */
export const GUID_PATTERN = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
const guid = new RegExp(GUID_PATTERN);

export function isGuid(text: string): boolean {
  return text.length === 36 && guid.test(text);
}

/** A random GUID (version 4). */
export function randomGuid(random: Random): string {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return guidFromBytes(bytes);
}

/**
 * A GUID that begins with the time (version 7, RFC 9562 section 5.7), for ids of messages: made one after another they lie beside each
 * other on disk. `now`: milliseconds since 1970.
 */
export function timeGuid(random: Random, now: number): string {
  const bytes = random.bytes(16);
  let time = Math.max(0, Math.floor(now));
  for (let i = 5; i >= 0; i--) {
    bytes[i] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return guidFromBytes(bytes);
}

/** The first 16 bytes of a digest, with version 8 and the variant set (RFC 9562 section 5.8). */
export function guidBytesFromDigest(digest: Uint8Array): Uint8Array {
  const bytes = digest.slice(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes;
}

/** The same as text. */
export function guidFromDigest(digest: Uint8Array): string {
  return guidFromBytes(guidBytesFromDigest(digest));
}
