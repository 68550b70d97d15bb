import type { TLSSocket } from 'node:tls';

/** Hands on the whole units of `length` bytes that have arrived, together. */
export function units(socket: TLSSocket, length: number, take: (bytes: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const whole = all.length - (all.length % length);
    rest = all.subarray(whole);
    if (whole > 0) take(all.subarray(0, whole));
  });
}
