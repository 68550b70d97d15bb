import { utf8 } from './bytes.ts';

/**
 * Base64 (RFC 4648 section 4, padded) and base64url without padding (section 5), both strict and canonical: unused bits
 * must be zero and no other character is taken. Written here because no platform below Node.js 25 offers it to
 * portable code, and it is on the path of every message.
 */
const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function table(alphabet: string): Int8Array {
  const values = new Int8Array(256).fill(-1);
  for (let i = 0; i < 64; i++) values[alphabet.charCodeAt(i)] = i;
  return values;
}
const STANDARD_VALUES = table(STANDARD);
const URL_VALUES = table(URL);

/** The characters of each 12 bits, as they lie in memory. */
function pairs(alphabet: string): Uint16Array {
  const characters = utf8(alphabet);
  const all = new Uint16Array(64 * 64);
  const bytes = new Uint8Array(all.buffer);
  for (let i = 0; i < all.length; i++) bytes.set([characters[i >> 6] as number, characters[i & 63] as number], 2 * i);
  return all;
}
const STANDARD_PAIRS = pairs(STANDARD);
const URL_PAIRS = pairs(URL);

const ascii = new TextDecoder();
/** Where texts of usual length are put together: one decoded at once costs a fraction of one that grows by concatenation. */
const WORKSPACE = new Uint16Array(4096);
const PAD = 0x3d;

function encode(bytes: Uint8Array, two: Uint16Array, pad: boolean): string {
  const { length } = bytes;
  const rest = length % 3;
  const needed = 2 * Math.ceil(length / 3);
  const target = needed <= WORKSPACE.length ? WORKSPACE : new Uint16Array(needed);
  let at = 0;
  for (let i = 0; i < length - rest; i += 3) {
    const word = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    target[at++] = two[word >> 12] as number;
    target[at++] = two[word & 0xfff] as number;
  }
  if (rest > 0) {
    const word = ((bytes[length - rest] as number) << 16) | ((bytes[length - rest + 1] ?? 0) << 8);
    target[at++] = two[word >> 12] as number;
    target[at++] = two[word & 0xfff] as number;
  }
  const characters = new Uint8Array(target.buffer, 0, 2 * at);
  const padding = rest === 0 ? 0 : 3 - rest;
  if (pad) characters.fill(PAD, characters.length - padding);
  return ascii.decode(pad ? characters : characters.subarray(0, characters.length - padding));
}

const encoder = new TextEncoder();
/** Where texts of usual length are read from: bytes in one piece are read in a fraction of the time that characters take. */
const CHARACTERS = new Uint8Array(2 * WORKSPACE.length);

function decode(text: string, values: Int8Array): Uint8Array<ArrayBuffer> | undefined {
  const { length } = text;
  const rest = length % 4;
  if (rest === 1) return undefined;
  const characters = length <= CHARACTERS.length ? CHARACTERS : new Uint8Array(length);
  // What is not ASCII takes more bytes than it has characters, or has no value.
  if (encoder.encodeInto(text, characters).read !== length) return undefined;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let at = 0;
  let bad = 0;
  const whole = length - rest;
  for (let i = 0; i < whole; i += 4) {
    const first = values[characters[i] as number] as number;
    const second = values[characters[i + 1] as number] as number;
    const third = values[characters[i + 2] as number] as number;
    const fourth = values[characters[i + 3] as number] as number;
    bad |= first | second | third | fourth;
    const word = (first << 18) | (second << 12) | (third << 6) | fourth;
    bytes[at++] = word >> 16;
    bytes[at++] = word >> 8;
    bytes[at++] = word;
  }
  if (rest > 0) {
    const high = values[characters[whole] as number] as number;
    const low = values[characters[whole + 1] as number] as number;
    bad |= high | low;
    bytes[at++] = (high << 2) | (low >> 4);
    if (rest === 2) {
      if ((low & 15) !== 0) return undefined;
    } else {
      const last = values[characters[whole + 2] as number] as number;
      bad |= last;
      bytes[at++] = (low << 4) | (last >> 2);
      if ((last & 3) !== 0) return undefined;
    }
  }
  return bad < 0 ? undefined : bytes;
}

/** Padded base64. */
export function base64(bytes: Uint8Array): string {
  return encode(bytes, STANDARD_PAIRS, true);
}

/** Padded base64 of the UTF-8 of a text. */
export function base64OfText(text: string): string {
  // An array of its own would take longer to make than to fill.
  const { read, written } = encoder.encodeInto(text, CHARACTERS);
  return base64(read === text.length ? CHARACTERS.subarray(0, written) : utf8(text));
}

/** Undefined when the text is not canonical padded base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0) return undefined;
  const end = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length;
  return decode(end === text.length ? text : text.slice(0, end), STANDARD_VALUES);
}

/** Base64url without padding. */
export function base64url(bytes: Uint8Array): string {
  return encode(bytes, URL_PAIRS, false);
}

/** Undefined when the text is not canonical unpadded base64url. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  return decode(text, URL_VALUES);
}
