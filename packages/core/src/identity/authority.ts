import type { Crypto } from '../ports/crypto.ts';
import type { Random } from '../ports/random.ts';
import { type Awaitable, chain } from '../util/awaitable.ts';
import { equalBytes } from '../util/bytes.ts';
import { ParleyError } from '../util/errors.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import {
  authorityExtensions,
  authoritySubject,
  buildCertificate,
  type CertificateSigner,
  issuerKeyExtension,
  nodeExtensions,
  nodeSubject,
} from './certificate-builder.ts';
import { positiveInteger, readOnly, TAG, wholeBits } from './der.ts';
import { ed25519FromSpki, ed25519Spki, nodeIdOf } from './ids.ts';
import { checkName } from './names.ts';
import { isOid, OID } from './oids.ts';
import type { CertificateSubject } from './request.ts';
import { allowsKeyUsage, commonNameOf, isAuthority, KEY_USAGE, readX509, refuseUnknownCritical, type X509 } from './x509.ts';

/** Least and most bits of an authority's RSA key. */
export const MIN_RSA_BITS = 3072;
export const MAX_RSA_BITS = 8192;

/** An authority's certificate, read and checked. Byte arrays are not to be changed. */
export interface AuthorityCertificate extends Omit<X509, 'extensions'> {
  readonly key: 'ed25519' | 'rsa';
  /** The common name, for people. */
  readonly name: string | undefined;
  /** First 20 bytes of the SHA-256 of the key's bits (RFC 7093 section 2). */
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
}

/** An authority that can sign: its certificate, and a way to its key. */
export interface AuthoritySigner extends CertificateSigner {
  readonly certificate: AuthorityCertificate;
}

/** From when to when a certificate holds, in milliseconds since 1970. Dates count only in trust mode `ca`. */
export interface CertificateDates {
  readonly notBefore: number;
  readonly notAfter: number;
}

function keyBits(spki: Uint8Array): Uint8Array {
  const fields = readOnly(spki, TAG.sequence, 'public key');
  fields.next(TAG.sequence, 'algorithm');
  const bits = wholeBits(fields.next(TAG.bitString, 'bits').content, 'the public key');
  fields.end();
  return bits;
}

function keyIdentifierOf(crypto: Crypto, spki: Uint8Array): Uint8Array<ArrayBuffer> {
  return crypto.sha256(keyBits(spki)).slice(0, 20);
}

/** Size of an RSA key in bits; undefined when the key is of another kind. */
function rsaBits(spki: Uint8Array): number | undefined {
  const algorithm = readOnly(spki, TAG.sequence, 'public key').enter(TAG.sequence, 'algorithm');
  if (!isOid(algorithm.next(TAG.oid, 'identifier').content, OID.rsaEncryption)) return undefined;
  const key = readOnly(keyBits(spki), TAG.sequence, 'RSA key');
  const modulus = positiveInteger(key.next(TAG.integer, 'modulus').content, 'the modulus');
  positiveInteger(key.next(TAG.integer, 'exponent').content, 'the exponent');
  key.end();
  return modulus.length * 8 - Math.clz32(modulus[0] as number) + 24;
}

function keyKind(spki: Uint8Array): 'ed25519' | 'rsa' {
  if (ed25519FromSpki(spki)) return 'ed25519';
  const bits = rsaBits(spki);
  if (bits === undefined) throw new ParleyError('bad-certificate', "the authority's key is neither Ed25519 nor RSA");
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
    throw new ParleyError('bad-certificate', `the authority's RSA key has ${bits} bits, not ${MIN_RSA_BITS} to ${MAX_RSA_BITS}`);
  }
  return 'rsa';
}

/**
 * Reads and checks the certificate of an authority: an Ed25519 key, or RSA of 3072 to 8192 bits, that may sign certificates; when
 * self-signed, truly so. `bad-certificate`, saying which, otherwise. Dates are looked at by `checkIssued`.
 */
export function parseAuthority(der: Uint8Array, crypto: Crypto): Awaitable<AuthorityCertificate> {
  const { extensions, ...x509 } = readX509(der);
  refuseUnknownCritical(extensions, [
    OID.basicConstraints,
    OID.keyUsage,
    OID.extendedKeyUsage,
    OID.subjectAltName,
    OID.subjectKeyIdentifier,
  ]);
  if (!isAuthority(extensions) || !allowsKeyUsage(extensions, KEY_USAGE.keyCertSign)) {
    throw new ParleyError('bad-certificate', 'the certificate is not that of an authority');
  }
  const authority: AuthorityCertificate = {
    ...x509,
    key: keyKind(x509.spki),
    name: commonNameOf(x509.subject),
    keyIdentifier: keyIdentifierOf(crypto, x509.spki),
  };
  if (!equalBytes(x509.issuer, x509.subject)) return authority;
  return chain(signedBy(crypto, x509, authority), (valid) => {
    if (!valid) throw new ParleyError('bad-certificate', "the authority's signature by its own key does not fit");
    return authority;
  });
}

function signedBy(
  crypto: Crypto,
  certificate: Pick<X509, 'tbs' | 'signature' | 'signatureAlgorithm'>,
  authority: AuthorityCertificate,
): Awaitable<boolean> {
  if ((certificate.signatureAlgorithm === 'ed25519') !== (authority.key === 'ed25519')) return false;
  return crypto.verifyIssuer(authority.spki, certificate.tbs, certificate.signature);
}

/** Makes the self-signed certificate of a new authority: its DER. `spki` is the DER SubjectPublicKeyInfo of the signer's key. */
export function buildAuthority(
  deps: { readonly crypto: Crypto; readonly random: Random },
  name: string,
  spki: Uint8Array,
  dates: CertificateDates,
  signer: CertificateSigner,
): Awaitable<Uint8Array<ArrayBuffer>> {
  const subject = authoritySubject(checkName(name));
  const extensions = authorityExtensions(keyIdentifierOf(deps.crypto, spki));
  return buildCertificate(deps.random, { ...dates, issuer: subject, subject, spki, extensions }, signer);
}

/**
 * Issues a node's certificate: read and checked again before it leaves. The name is the subject's own unless another is given.
 * Throws `bad-argument` when there is no name, or none that may be used.
 */
export function issueCertificate(
  deps: { readonly crypto: Crypto; readonly random: Random },
  signer: AuthoritySigner,
  subject: CertificateSubject,
  dates: CertificateDates,
  name: string | undefined = subject.name,
): Awaitable<Certificate> {
  if (name === undefined) throw new ParleyError('bad-argument', 'the certificate would have no name: give one');
  const authority = signer.certificate;
  const draft = {
    ...dates,
    issuer: authority.subject,
    subject: nodeSubject(checkName(name)),
    spki: ed25519Spki(subject.publicKey),
    extensions: [...nodeExtensions(nodeIdOf(deps.crypto, subject.publicKey), subject.sealing), issuerKeyExtension(authority.keyIdentifier)],
  };
  if (equalBytes(draft.issuer, draft.subject)) throw new ParleyError('bad-argument', 'a node cannot have the name of its authority');
  return chain(buildCertificate(deps.random, draft, signer), (der) =>
    chain(parseCertificate(der, deps.crypto), (certificate) => {
      return chain(signedBy(deps.crypto, certificate, authority), (valid) => {
        if (!valid || !equalBytes(certificate.issuer, authority.subject)) {
          throw new ParleyError('internal', "the certificate that was made does not bear the authority's signature");
        }
        return certificate;
      });
    }),
  );
}

/** What is wrong with the dates at `now` (milliseconds since 1970). */
function dateFault(dates: CertificateDates, now: number): string | undefined {
  if (now < dates.notBefore) return 'is not valid yet';
  return now > dates.notAfter ? 'has expired' : undefined;
}

/**
 * Trust mode `ca`: the authority among `trusted` that issued this certificate, both valid at `now` (milliseconds since 1970).
 * `bad-certificate`, saying which, when none did or a date does not fit; thrown, or as a rejection where the platform verifies
 * asynchronously.
 */
export function checkIssued(
  crypto: Crypto,
  certificate: Certificate,
  trusted: readonly AuthorityCertificate[],
  now: number,
): Awaitable<AuthorityCertificate> {
  const candidates = trusted.filter((authority) => equalBytes(authority.subject, certificate.issuer));
  const check = (index: number): Awaitable<AuthorityCertificate> => {
    const authority = candidates[index];
    if (!authority) throw new ParleyError('bad-certificate', 'the certificate was not issued by a trusted authority');
    return chain(signedBy(crypto, certificate, authority), (valid) => {
      if (!valid) return check(index + 1);
      const fault = dateFault(certificate, now);
      if (fault) throw new ParleyError('bad-certificate', `the certificate ${fault}`);
      const authorityFault = dateFault(authority, now);
      if (authorityFault) throw new ParleyError('bad-certificate', `the authority's certificate ${authorityFault}`);
      return authority;
    });
  };
  return check(0);
}
