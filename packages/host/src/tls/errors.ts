import { type ErrorCode, ParleyError } from '@parley/core';

/** By the `code` of a Node.js system error. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  ECONNREFUSED: 'refused',
  EACCES: 'refused',
  EPERM: 'refused',
  EADDRINUSE: 'in-use',
  ETIMEDOUT: 'timeout',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'timeout',
  EADDRNOTAVAIL: 'unreachable',
  EAFNOSUPPORT: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EAI_FAIL: 'unreachable',
  EAI_NODATA: 'unreachable',
  EAI_NONAME: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENODATA: 'unreachable',
  ENOENT: 'unreachable',
  ENOTFOUND: 'unreachable',
  EINVAL: 'unreachable',
};

/** Certificate verdicts of OpenSSL, as Node.js names them. */
const CERTIFICATE = /CERT|ISSUER|SIGNATURE|CRL|CHAIN|_CA\b|PATH_LENGTH/;

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if (error instanceof AggregateError) {
    // Several addresses of one name were tried; a refusal says more than a time-out.
    const codes = error.errors.map(codeOf);
    return codes.find((code) => code === 'ECONNREFUSED') ?? codes[0] ?? '';
  }
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : '';
}

function messageOf(error: unknown): string {
  if (error instanceof Error && error.message !== '') return error.message;
  return codeOf(error) || String(error);
}

/** A failure to connect or to listen, as one of `refused`, `timeout`, `in-use`, `unreachable`, `bad-certificate`. */
export function connectError(error: unknown, what: string): ParleyError {
  if (error instanceof ParleyError) return error;
  const code = codeOf(error);
  const known = CODES[code];
  // A reset or an alert during the handshake: somebody is there, and does not want this connection.
  const fallback = code === 'ECONNRESET' || code === 'EPIPE' || code.startsWith('ERR_SSL_') ? 'refused' : 'unreachable';
  const verdict = !code.startsWith('ERR_SSL_') && CERTIFICATE.test(code) ? 'bad-certificate' : fallback;
  return new ParleyError(known ?? verdict, `${what}: ${messageOf(error)}`, { cause: error });
}

/** Why an established connection broke: `refused` (the peer's alert), `timeout`, `unreachable` (the network) or `closed`. */
export function connectionError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  const code = codeOf(error);
  const fallback = code.includes('ALERT') ? 'refused' : 'closed';
  return new ParleyError(CODES[code] ?? fallback, `the connection failed: ${messageOf(error)}`, { cause: error });
}
