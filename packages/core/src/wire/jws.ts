import type { Identity } from '../identity/identity.ts';
import type { KeyBook } from '../identity/ids.ts';
import type { Crypto } from '../ports/crypto.ts';
import { type Awaitable, chain } from '../util/awaitable.ts';
import { base64url, fromBase64url } from '../util/base64.ts';
import { LruMap } from '../util/bounded.ts';
import { utf8 } from '../util/bytes.ts';
import { type JsonObject, parseJson } from './json.ts';

/** Most characters of the encoded header: three times what one with `alg`, `kid` and `typ` takes. */
export const MAX_JWS_HEADER = 512;

/** A compact JWS (RFC 7515) whose signature fits. */
export interface VerifiedJws {
  /** Key id of whoever signed it. */
  readonly kid: string;
  readonly nodeId: string;
  readonly typ: string | undefined;
  readonly payload: JsonObject;
}

/** Signs `payload` with EdDSA (RFC 8037). `typ` is left out for MESSAGE alone (WIRE "auth"). */
export function signJws(identity: Identity, payload: JsonObject, typ?: string): Awaitable<string> {
  const header = typ === undefined ? { alg: 'EdDSA', kid: identity.keyId } : { alg: 'EdDSA', kid: identity.keyId, typ };
  const input = `${base64url(utf8(JSON.stringify(header)))}.${base64url(utf8(JSON.stringify(payload)))}`;
  return chain(identity.sign(utf8(input)), (signature) => `${input}.${base64url(signature)}`);
}

interface Header {
  readonly kid: string;
  readonly typ: string | undefined;
}

/** Reads and verifies compact JWS. A sender's header is the same text each time: read once, then remembered. */
export class JwsReader {
  readonly #crypto: Crypto;
  readonly #keys: KeyBook;
  readonly #headers = new LruMap<string, Header>(1000);

  constructor(crypto: Crypto, keys: KeyBook) {
    this.#crypto = crypto;
    this.#keys = keys;
  }

  /** Undefined when it is malformed in any way, or the signature does not fit. */
  verify(compact: string): Awaitable<VerifiedJws | undefined> {
    return this.verifyParts(compact.split('.'));
  }

  /** The same of one that was taken apart at its dots. */
  verifyParts(parts: readonly string[]): Awaitable<VerifiedJws | undefined> {
    if (parts.length !== 3) return undefined;
    const [headerText, payloadText, signatureText] = parts as [string, string, string];
    const header = this.#header(headerText);
    const who = header && this.#keys.resolve(header.kid);
    const signature = fromBase64url(signatureText);
    if (!header || !who || signature?.length !== 64) return undefined;
    return chain(this.#crypto.verify(who.publicKey, utf8(`${headerText}.${payloadText}`), signature), (fits) => {
      const payload = fits ? readPart(payloadText) : undefined;
      return payload && { kid: header.kid, nodeId: who.nodeId, typ: header.typ, payload };
    });
  }

  #header(text: string): Header | undefined {
    if (text.length > MAX_JWS_HEADER) return undefined;
    const known = this.#headers.get(text);
    if (known) return known;
    const bytes = fromBase64url(text);
    if (!bytes) return undefined;
    const fields = readJson(bytes);
    if (fields?.alg !== 'EdDSA' || typeof fields.kid !== 'string' || 'crit' in fields) return undefined;
    if (fields.typ !== undefined && typeof fields.typ !== 'string') return undefined;
    const header = { kid: fields.kid, typ: fields.typ };
    // Encoded anew, and equal: `text` is a part of the whole JWS, which a string engine would keep alive with it.
    this.#headers.set(base64url(bytes), header);
    return header;
  }
}

/** Signer and payload as they stand, unverified: for what our own disk gives back. */
export function peekJws(compact: string): { kid: string; payload: JsonObject } | undefined {
  const [header, payload] = compact.split('.');
  const kid = readPart(header ?? '')?.kid;
  const read = readPart(payload ?? '');
  return typeof kid === 'string' && read ? { kid, payload: read } : undefined;
}

function readPart(text: string): JsonObject | undefined {
  const bytes = fromBase64url(text);
  return bytes && readJson(bytes);
}

function readJson(bytes: Uint8Array): JsonObject | undefined {
  try {
    return parseJson(bytes);
  } catch {
    return undefined;
  }
}
