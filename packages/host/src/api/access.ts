import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Why a request is turned away before anything is done. */
export interface Denial {
  readonly status: 401 | 403;
  readonly message: string;
}

/** Whether a request carries `Authorization: Bearer TOKEN`, in a time that says nothing of the token. */
export function bears(headers: IncomingHttpHeaders, token: string): boolean {
  const given = /^Bearer ([A-Za-z0-9._~+/=-]{1,512})$/i.exec(headers.authorization ?? '')?.[1];
  // Digests are of one length, whatever was given.
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

/**
 * What keeps others out of the local API, beside that it listens on loopback alone: pages in a browser on this machine (they send
 * `Origin`, and by a name that was made to point here a foreign `Host`), and everybody who cannot read DATA/api.json.
 */
export function denial(headers: IncomingHttpHeaders, port: number, token: string): Denial | undefined {
  if (headers.host !== `127.0.0.1:${port}` && headers.host !== `localhost:${port}`) {
    return { status: 403, message: 'the Host of the request is not this listener' };
  }
  if (headers.origin !== undefined) return { status: 403, message: 'pages in a browser may not use the local API' };
  if (!bears(headers, token)) return { status: 401, message: 'the token is missing or wrong: it is in api.json of the data directory' };
  return undefined;
}
