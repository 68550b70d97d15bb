import { now } from './time.ts';

/** Every message of every bench carries exactly this many bytes of ASCII text. */
export const payloadLength = 200;
const timeLength = 20;
const originLength = 4;
const filler = 'The quick brown fox jumps over the lazy dog. '.repeat(5);

/** A text of 200 bytes: the moment at which it was written, the number of the node that wrote it, and its sequence number. */
export function writePayload(sequence: number, origin = 0): string {
  const head = `${now().toFixed(3).padStart(timeLength)}${String(origin).padStart(originLength)} ${sequence} `;
  return head + filler.slice(0, payloadLength - head.length);
}

/** Milliseconds since the payload was written, in whichever process that was. */
export function ageOf(payload: string): number {
  return now() - Number(payload.slice(0, timeLength));
}

/** The number of the node that wrote the payload. */
export function originOf(payload: string): number {
  return Number(payload.slice(timeLength, timeLength + originLength));
}
