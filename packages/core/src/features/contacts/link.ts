import { nameFault, publicKeyOf } from '../../identity/index.ts';
import { ParleyError } from '../../util/errors.ts';

const SCHEME = 'parley:contact/';
/** Most characters of a link: a key id, a name of 64 characters, and the address of a web app before it. */
const MAX_LINK = 2048;

/** Whom a link or a key id names. The name is what the link says: nobody has signed it. */
export interface ContactLink {
  readonly keyId: string;
  readonly name?: string;
}

/** The link by which others add the holder of a key: `parley:contact/<key id>?name=…`. */
export function contactLink({ keyId, name }: ContactLink): string {
  return `${SCHEME}${keyId}${name === undefined ? '' : `?name=${encodeURIComponent(name)}`}`;
}

/**
 * What somebody typed, pasted or scanned: a key id, a link as above, or the address of a web app with `contact/<key id>?name=…` behind its `#`.
 * Throws `bad-argument` for anything else. A name that may not be used is left out.
 */
export function parseContactLink(typed: string): ContactLink {
  const text = typed.trim();
  if (text.length > MAX_LINK) throw fault();
  if (publicKeyOf(text)) return { keyId: text };
  const found = /^(?:parley:(?:\/\/)?|https?:\/\/[^#\s]*#\/?)contact\/([^?#/\s]+)\/?(?:\?([^#\s]*))?$/.exec(text);
  const [, keyId = '', query = ''] = found ?? [];
  if (!publicKeyOf(keyId)) throw fault();
  const name = nameIn(query)?.normalize('NFC').trim();
  return name && !nameFault(name) ? { keyId, name } : { keyId };
}

function nameIn(query: string): string | undefined {
  const [, encoded] = /(?:^|&)name=([^&]*)/.exec(query) ?? [];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function fault(): ParleyError {
  return new ParleyError('bad-argument', 'neither a key id (key_…) nor a link to a contact (parley:contact/key_…)');
}
