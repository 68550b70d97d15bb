import type { Random } from '../ports/random.ts';
import { type Awaitable, chain } from '../util/awaitable.ts';
import { utf8 } from '../util/bytes.ts';
import { contextTag, TAG } from './der.ts';
import { der, derBits, derOid, derTime } from './der-writer.ts';
import { OID, type Oid } from './oids.ts';
import { type Extension, KEY_USAGE, type SignatureAlgorithm } from './x509.ts';

/** 31 December 9999, 23:59:59 UTC: a certificate without a well-defined end (RFC 5280 section 4.1.2.5). */
export const NO_EXPIRY = 253_402_300_799_000;

/** An extension to be written, with what it is. */
export interface NamedExtension extends Extension {
  readonly oid: Oid;
}

/** What a certificate will say. Names, key and extensions as DER or as the functions below make them. */
export interface CertificateDraft {
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly spki: Uint8Array;
  /** Milliseconds since 1970; rounded down to the second. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly NamedExtension[];
}

/** Whoever signs it. */
export interface CertificateSigner {
  readonly algorithm: SignatureAlgorithm;
  sign(data: Uint8Array): Awaitable<Uint8Array>;
}

const YES = Uint8Array.of(0xff);
const VERSION_3 = der(TAG.integer, Uint8Array.of(2));

function attribute(type: Oid, value: string): Uint8Array {
  return der(TAG.set, der(TAG.sequence, derOid(type), der(TAG.utf8String, utf8(value))));
}

/** DER Name of a node: its common name alone. */
export function nodeSubject(name: string): Uint8Array<ArrayBuffer> {
  return der(TAG.sequence, attribute(OID.commonName, name));
}

/** DER Name of an authority. The organization keeps it apart from every node's, whatever its name. */
export function authoritySubject(name: string): Uint8Array<ArrayBuffer> {
  return der(TAG.sequence, attribute(OID.organization, 'Parley authority'), attribute(OID.commonName, name));
}

/** KeyUsage of one bit, by its number. */
function keyUsage(bit: number): Uint8Array {
  return derBits(Uint8Array.of(0x80 >> bit), 7 - bit);
}

/**
 * Extensions of a node's certificate. The key is said to sign and nothing else: keyAgreement must not stand on an Ed25519 key (RFC 8410
 * section 5), and the X25519 key is in an extension of its own.
 */
export function nodeExtensions(nodeId: string, sealing?: { readonly key: Uint8Array; readonly proof: Uint8Array }): NamedExtension[] {
  const list: NamedExtension[] = [
    // What is DEFAULT FALSE is left out.
    { oid: OID.basicConstraints, critical: true, value: der(TAG.sequence) },
    { oid: OID.keyUsage, critical: true, value: keyUsage(KEY_USAGE.digitalSignature) },
    { oid: OID.extendedKeyUsage, critical: false, value: der(TAG.sequence, derOid(OID.clientAuth), derOid(OID.serverAuth)) },
    { oid: OID.subjectAltName, critical: false, value: der(TAG.sequence, der(contextTag(6, false), utf8(`urn:uuid:${nodeId}`))) },
  ];
  if (sealing) {
    list.push(
      { oid: OID.sealingKey, critical: false, value: der(TAG.octetString, sealing.key) },
      { oid: OID.sealingProof, critical: false, value: der(TAG.octetString, sealing.proof) },
    );
  }
  return list;
}

/** Extensions of an authority's certificate: it signs certificates of nodes, and no other authority's. */
export function authorityExtensions(keyIdentifier: Uint8Array): NamedExtension[] {
  const noAuthorityBelow = der(TAG.integer, Uint8Array.of(0));
  return [
    { oid: OID.basicConstraints, critical: true, value: der(TAG.sequence, der(TAG.boolean, YES), noAuthorityBelow) },
    { oid: OID.keyUsage, critical: true, value: keyUsage(KEY_USAGE.keyCertSign) },
    { oid: OID.subjectKeyIdentifier, critical: false, value: der(TAG.octetString, keyIdentifier) },
  ];
}

/** Names the key that signed (RFC 5280 section 4.2.1.1), for authorities that have one name and several keys. */
export function issuerKeyExtension(keyIdentifier: Uint8Array): NamedExtension {
  return { oid: OID.authorityKeyIdentifier, critical: false, value: der(TAG.sequence, der(contextTag(0, false), keyIdentifier)) };
}

function writeExtension({ oid, critical, value }: NamedExtension): Uint8Array {
  return der(TAG.sequence, derOid(oid), ...(critical ? [der(TAG.boolean, YES)] : []), der(TAG.octetString, value));
}

function algorithmOf(algorithm: SignatureAlgorithm): Uint8Array {
  if (algorithm === 'ed25519') return der(TAG.sequence, derOid(OID.ed25519));
  return der(TAG.sequence, derOid(OID.sha256WithRsa), der(TAG.null));
}

/** A positive serial number of 16 bytes, 126 bits of them random (RFC 5280 section 4.1.2.2). */
function serialNumber(random: Random): Uint8Array {
  const serial = random.bytes(16);
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40;
  return serial;
}

/** Builds and signs an X.509 v3 certificate (RFC 5280): its DER. */
export function buildCertificate(random: Random, draft: CertificateDraft, signer: CertificateSigner): Awaitable<Uint8Array<ArrayBuffer>> {
  const algorithm = algorithmOf(signer.algorithm);
  const tbs = der(
    TAG.sequence,
    der(contextTag(0, true), VERSION_3),
    der(TAG.integer, serialNumber(random)),
    algorithm,
    draft.issuer,
    der(TAG.sequence, derTime(draft.notBefore), derTime(Math.min(draft.notAfter, NO_EXPIRY))),
    draft.subject,
    draft.spki,
    der(contextTag(3, true), der(TAG.sequence, ...draft.extensions.map(writeExtension))),
  );
  return chain(signer.sign(tbs), (signature) => der(TAG.sequence, tbs, algorithm, derBits(signature)));
}
