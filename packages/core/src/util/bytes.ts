const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

const WORKSPACE = new Uint8Array(8192);

/** The same for who reads it at once and keeps nothing: the next call writes over it. An array of its own takes longer to make than to fill. */
export function utf8ForNow(text: string): Uint8Array {
  const { read, written } = encoder.encodeInto(text, WORKSPACE);
  return read === text.length ? WORKSPACE.subarray(0, written) : utf8(text);
}

/** Whether a text takes more than so many bytes as UTF-8. Of one that is far from it no copy is made. */
export function isLonger(text: string, bytes: number): boolean {
  if (3 * text.length <= bytes) return false;
  return text.length > bytes || utf8(text).length > bytes;
}

/** The parts one after another, in a new array. */
export function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Whether the bytes are the same. How long it takes depends on the length alone: MACs and tokens are compared with it. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

const DIGITS = new Int8Array(128).fill(-1);
for (let digit = 0; digit < 16; digit++) DIGITS[digit.toString(16).charCodeAt(0)] = digit;

/** Undefined for what is not lower-case hexadecimal digits, two for each byte. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  let bad = 0;
  const digit = (at: number): number => {
    const code = text.charCodeAt(at);
    const value = code < 128 ? (DIGITS[code] as number) : -1;
    bad |= value;
    return value;
  };
  for (let i = 0; i < bytes.length; i++) bytes[i] = (digit(2 * i) << 4) | digit(2 * i + 1);
  return bad < 0 ? undefined : bytes;
}

/** One character a byte: bytes as the key of a map. */
export function latin(bytes: Uint8Array): string {
  return String.fromCharCode.apply(undefined, bytes as unknown as number[]);
}
