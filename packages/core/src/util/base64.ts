/**
 * Base64 (RFC 4648 section 4, padded) and base64url without padding (section 5), both strict and canonical: unused bits
 * must be zero and no other character is taken. Written here because no platform below Node.js 25 offers it to
 * portable code, and it is on the path of every message.
 */
const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function table(alphabet: string): Int8Array {
  const values = new Int8Array(128).fill(-1);
  for (let i = 0; i < 64; i++) values[alphabet.charCodeAt(i)] = i;
  return values;
}
const STANDARD_VALUES = table(STANDARD);
const URL_VALUES = table(URL);

function pairs(alphabet: string): string[] {
  const all: string[] = [];
  for (const a of alphabet) for (const b of alphabet) all.push(a + b);
  return all;
}
const STANDARD_PAIRS = pairs(STANDARD);
const URL_PAIRS = pairs(URL);

function encode(bytes: Uint8Array, alphabet: string, two: string[], pad: boolean): string {
  const whole = bytes.length - (bytes.length % 3);
  let text = '';
  for (let i = 0; i < whole; i += 3) {
    const word = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    text += (two[word >> 12] as string) + (two[word & 0xfff] as string);
  }
  if (bytes.length - whole === 1) {
    text += two[(bytes[whole] as number) << 4];
    if (pad) text += '==';
  } else if (bytes.length - whole === 2) {
    const word = ((bytes[whole] as number) << 10) | ((bytes[whole + 1] as number) << 2);
    text += (two[word >> 6] as string) + (alphabet[word & 63] as string);
    if (pad) text += '=';
  }
  return text;
}

function decode(text: string, values: Int8Array): Uint8Array<ArrayBuffer> | undefined {
  const rest = text.length % 4;
  if (rest === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let at = 0;
  let bad = 0;
  const whole = text.length - rest;
  const value = (index: number): number => {
    const code = text.charCodeAt(index);
    const v = code < 128 ? (values[code] as number) : -1;
    bad |= v;
    return v;
  };
  for (let i = 0; i < whole; i += 4) {
    const word = (value(i) << 18) | (value(i + 1) << 12) | (value(i + 2) << 6) | value(i + 3);
    bytes[at++] = word >> 16;
    bytes[at++] = word >> 8;
    bytes[at++] = word;
  }
  if (rest > 0) {
    const high = value(whole);
    const low = value(whole + 1);
    bytes[at++] = (high << 2) | (low >> 4);
    if (rest === 2) {
      if ((low & 15) !== 0) return undefined;
    } else {
      const last = value(whole + 2);
      bytes[at++] = (low << 4) | (last >> 2);
      if ((last & 3) !== 0) return undefined;
    }
  }
  return bad < 0 ? undefined : bytes;
}

export function base64(bytes: Uint8Array): string {
  return encode(bytes, STANDARD, STANDARD_PAIRS, true);
}

/** Undefined when the text is not canonical padded base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0) return undefined;
  const end = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length;
  return decode(end === text.length ? text : text.slice(0, end), STANDARD_VALUES);
}

export function base64url(bytes: Uint8Array): string {
  return encode(bytes, URL, URL_PAIRS, false);
}

/** Undefined when the text is not canonical unpadded base64url. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  return decode(text, URL_VALUES);
}
