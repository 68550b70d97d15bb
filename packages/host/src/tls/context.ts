import { constants, type KeyObject, X509Certificate } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import { base64, ParleyError } from '@parley/core';

/** What a node proves itself with, and whom it takes for a peer. */
export interface TlsIdentity {
  /** The node's certificate over an Ed25519 key: DER, or PEM. */
  readonly certificate: Uint8Array | string;
  /** The key of that certificate: a private `KeyObject`, or PKCS #8 in PEM. */
  readonly privateKey: KeyObject | string;
  /**
   * Trust mode `ca`: DER certificates of the authorities; only what one of them issued may connect. Without it every
   * certificate is taken, and what counts is the key that TLS proved.
   */
  readonly authorities?: readonly Uint8Array[];
}

export const ALPN_PROTOCOL = 'parley/1';

/** AES-128-GCM first: the fastest with hardware support, and its strength is that of the X25519 exchange. */
const CIPHERS = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';

/**
 * In TLS 1.3 only `ed25519` of these may sign a handshake, so that every peer proves an Ed25519 key; the RSA schemes
 * admit certificates that an RSA authority signed.
 */
const SIGNATURES = 'ed25519:RSA+SHA256:RSA+SHA384:RSA+SHA512';

function pem(certificate: Uint8Array): string {
  const lines = base64(certificate).replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** Options of one `SecureContext`. Throws `bad-certificate` when certificate and key do not fit each other or are no Ed25519. */
export function contextOptions(identity: TlsIdentity): SecureContextOptions {
  const cert = typeof identity.certificate === 'string' ? identity.certificate : pem(identity.certificate);
  const key = typeof identity.privateKey === 'string' ? identity.privateKey : identity.privateKey.export({ format: 'pem', type: 'pkcs8' });
  checkCertificate(cert);
  return {
    cert,
    key,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    sigalgs: SIGNATURES,
    // No session tickets, so nothing is resumed: a resumed session shows no certificate, and tickets cost a fifth of a handshake.
    secureOptions: constants.SSL_OP_NO_TICKET,
    ...(identity.authorities ? { ca: identity.authorities.map(pem) } : {}),
  };
}

function checkCertificate(certificate: string): void {
  let kind: string | undefined;
  try {
    kind = new X509Certificate(certificate).publicKey.asymmetricKeyType;
  } catch (error) {
    throw new ParleyError('bad-certificate', 'the certificate of this node cannot be read', { cause: error });
  }
  if (kind !== 'ed25519') throw new ParleyError('bad-certificate', `the certificate of this node holds a key of type ${kind}, not Ed25519`);
}
