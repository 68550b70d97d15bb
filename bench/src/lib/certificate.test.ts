import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCredentials } from './certificate.ts';

test('a self-signed Ed25519 certificate that OpenSSL reads and verifies', () => {
  for (let round = 0; round < 20; round++) {
    const { cert, der } = createCredentials('listener');
    const certificate = new X509Certificate(cert);
    expect(certificate.raw).toEqual(der);
    expect(certificate.subject).toBe('CN=listener');
    expect(certificate.publicKey.asymmetricKeyType).toBe('ed25519');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.verify(new X509Certificate(createCredentials('other').cert).publicKey)).toBe(false);
  }
});
