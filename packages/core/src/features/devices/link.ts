import { hmac } from '../../identity/hkdf.ts';
import { nameFault, publicKeyOf } from '../../identity/index.ts';
import type { Crypto } from '../../ports/crypto.ts';
import { base64, base64url, fromBase64url } from '../../util/base64.ts';
import { utf8 } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';

const SCHEME = 'parley:device/';
const MAX_LINK = 2048;
export const SECRET_BYTES = 16;

/** What a new device shows: who it is, and a secret that is good for once. */
export interface DeviceLink {
  readonly keyId: string;
  readonly secret: Uint8Array;
  readonly name?: string;
}

/** `parley:device/<key id>?secret=…&name=…` */
export function deviceLink({ keyId, secret, name }: DeviceLink): string {
  return `${SCHEME}${keyId}?secret=${base64url(secret)}${name === undefined ? '' : `&name=${encodeURIComponent(name)}`}`;
}

/** Throws `bad-argument` for what is no such link: pasted, scanned, or behind the `#` of a web address. */
export function parseDeviceLink(typed: string): DeviceLink {
  const text = typed.trim();
  const found = text.length <= MAX_LINK && /^(?:parley:(?:\/\/)?|https?:\/\/[^#\s]*#\/?)device\/([^?#/\s]+)\/?\?([^#\s]*)$/.exec(text);
  const [, keyId = '', query = ''] = found || [];
  const fields = new Map(query.split('&').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]));
  const secret = fromBase64url(fields.get('secret') ?? '');
  if (!publicKeyOf(keyId) || secret?.length !== SECRET_BYTES) {
    throw new ParleyError('bad-argument', 'not the link that a new device shows (parley:device/key_…?secret=…)');
  }
  const name = decoded(fields.get('name') ?? '');
  return name && !nameFault(name) ? { keyId, secret, name } : { keyId, secret };
}

/** What shows that one has the secret, and cannot be turned back on who asked. Base64 of 32 bytes. */
export function proofOf(crypto: Crypto, secret: Uint8Array, from: string, to: string): string {
  return base64(hmac(crypto, secret, utf8(`parley/device-link/1\n${from}\n${to}`)));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' ')).normalize('NFC').trim();
  } catch {
    return '';
  }
}
