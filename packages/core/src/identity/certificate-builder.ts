import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  Certificate as AsnCertificate,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import type { Random } from '../ports/random.ts';
import { type Awaitable, chain } from '../util/awaitable.ts';
import { OID, type Oid } from './oids.ts';
import type { SignatureAlgorithm } from './x509.ts';

/** 31 December 9999, 23:59:59 UTC: a certificate without a well-defined end (RFC 5280 section 4.1.2.5). */
export const NO_EXPIRY = 253_402_300_799_000;

/** What a certificate will say. Names, key and extensions as DER or as the functions below make them. */
export interface CertificateDraft {
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly spki: Uint8Array;
  /** Milliseconds since 1970; rounded down to the second. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly Extension[];
}

/** Whoever signs it. */
export interface CertificateSigner {
  readonly algorithm: SignatureAlgorithm;
  sign(data: Uint8Array): Awaitable<Uint8Array>;
}

function bytes(buffer: ArrayBuffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer);
}

function attribute(type: Oid, value: string): RelativeDistinguishedName {
  return new RelativeDistinguishedName([
    new AttributeTypeAndValue({ type: type.dotted, value: new AttributeValue({ utf8String: value }) }),
  ]);
}

/** DER Name of a node: its common name alone. */
export function nodeSubject(name: string): Uint8Array<ArrayBuffer> {
  return bytes(AsnConvert.serialize(new Name([attribute(OID.commonName, name)])));
}

/** DER Name of an authority. The organization keeps it apart from every node's, whatever its name. */
export function authoritySubject(name: string): Uint8Array<ArrayBuffer> {
  return bytes(AsnConvert.serialize(new Name([attribute(OID.organization, 'Parley authority'), attribute(OID.commonName, name)])));
}

function extension(oid: Oid, critical: boolean, value: unknown): Extension {
  return new Extension({ extnID: oid.dotted, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/**
 * Extensions of a node's certificate. The key is said to sign and nothing else: keyAgreement must not stand on an Ed25519 key (RFC 8410
 * section 5), and the X25519 key is in an extension of its own.
 */
export function nodeExtensions(nodeId: string, sealing?: { readonly key: Uint8Array; readonly proof: Uint8Array }): Extension[] {
  const list = [
    extension(OID.basicConstraints, true, new BasicConstraints({ cA: false })),
    extension(OID.keyUsage, true, new KeyUsage(KeyUsageFlags.digitalSignature)),
    extension(OID.extendedKeyUsage, false, new ExtendedKeyUsage([OID.clientAuth.dotted, OID.serverAuth.dotted])),
    extension(
      OID.subjectAltName,
      false,
      new SubjectAlternativeName([new GeneralName({ uniformResourceIdentifier: `urn:uuid:${nodeId}` })]),
    ),
  ];
  if (sealing) {
    list.push(
      extension(OID.sealingKey, false, new OctetString(sealing.key)),
      extension(OID.sealingProof, false, new OctetString(sealing.proof)),
    );
  }
  return list;
}

/** Extensions of an authority's certificate: it signs certificates of nodes, and no other authority's. */
export function authorityExtensions(keyIdentifier: Uint8Array): Extension[] {
  return [
    extension(OID.basicConstraints, true, new BasicConstraints({ cA: true, pathLenConstraint: 0 })),
    extension(OID.keyUsage, true, new KeyUsage(KeyUsageFlags.keyCertSign)),
    extension(OID.subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyIdentifier)),
  ];
}

/** Names the key that signed (RFC 5280 section 4.2.1.1), for authorities that have one name and several keys. */
export function issuerKeyExtension(keyIdentifier: Uint8Array): Extension {
  return extension(OID.authorityKeyIdentifier, false, new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier) }));
}

function algorithmOf(algorithm: SignatureAlgorithm): AlgorithmIdentifier {
  if (algorithm === 'ed25519') return new AlgorithmIdentifier({ algorithm: OID.ed25519.dotted });
  return new AlgorithmIdentifier({ algorithm: OID.sha256WithRsa.dotted, parameters: null });
}

/** A positive serial number of 16 bytes, 126 bits of them random (RFC 5280 section 4.1.2.2). */
function serialNumber(random: Random): ArrayBuffer {
  const serial = random.bytes(16);
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40;
  return serial.buffer;
}

/** Builds and signs an X.509 v3 certificate (RFC 5280): its DER. */
export function buildCertificate(random: Random, draft: CertificateDraft, signer: CertificateSigner): Awaitable<Uint8Array<ArrayBuffer>> {
  const signatureAlgorithm = algorithmOf(signer.algorithm);
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(random),
    signature: signatureAlgorithm,
    issuer: AsnConvert.parse(draft.issuer, Name),
    validity: new Validity({ notBefore: new Date(draft.notBefore), notAfter: new Date(Math.min(draft.notAfter, NO_EXPIRY)) }),
    subject: AsnConvert.parse(draft.subject, Name),
    subjectPublicKeyInfo: AsnConvert.parse(draft.spki, SubjectPublicKeyInfo),
    extensions: new Extensions([...draft.extensions]),
  });
  const tbs = bytes(AsnConvert.serialize(tbsCertificate));
  return chain(signer.sign(tbs), (signature) => {
    const certificate = new AsnCertificate({ tbsCertificate, signatureAlgorithm, signatureValue: new Uint8Array(signature).buffer });
    return bytes(AsnConvert.serialize(certificate));
  });
}
