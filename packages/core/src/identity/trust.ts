import type { Clock } from '../ports/clock.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { Awaitable } from '../util/awaitable.ts';
import { ParleyError } from '../util/errors.ts';
import { type AuthorityCertificate, checkIssued } from './authority.ts';
import type { Certificate } from './certificate.ts';

/** Judges certificates: by trust mode `ca` where there are authorities, else all are as good as the key in them. */
export function trust(
  ports: { readonly crypto: Crypto; readonly clock: Clock },
  authorities: readonly AuthorityCertificate[] | undefined,
): (certificate: Certificate | undefined) => Awaitable<string | undefined> {
  if (!authorities) return () => undefined;
  return async (certificate) => {
    if (!certificate) return 'this network admits only nodes with a certificate of its authority';
    try {
      await checkIssued(ports.crypto, certificate, authorities, ports.clock.now());
      return undefined;
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'bad-certificate') return error.message;
      throw error;
    }
  };
}
