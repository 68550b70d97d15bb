import type { Connection } from '@parley/core';

export const MIB = 1024 * 1024;
/** More than the buffers of an operating system hold, so that something has to wait. */
export const FLOOD_BYTES = 48 * MIB;
/** What may still come after `pause`: a chunk that was being read. */
export const CHUNK_BYTES = 64 * 1024;

/** A quoted text of so many bytes in all. */
export function jsonOf(bytes: number, fill = 'x'): string {
  return JSON.stringify(fill.repeat(bytes - 2));
}

export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i));
}

export function flood(connection: Connection, bytes: number): void {
  const piece = 256 * 1024;
  for (let sent = 0; sent < bytes; sent += piece) connection.sendData(0, new Uint8Array(piece));
}
