import { equalBytes, hex } from '../util/bytes.ts';
import { ParleyError } from '../util/errors.ts';
import { boolean, contextTag, DerReader, positiveInteger, readOnly, smallInteger, TAG, text, time, wholeBits } from './der.ts';
import { isOid, OID, type Oid } from './oids.ts';

/** Most bytes of a certificate or of a signing request (DER). */
export const MAX_CERTIFICATE_BYTES = 16 * 1024;
const MAX_SERIAL_BYTES = 20;
const MAX_EXTENSIONS = 32;
const VERSION_3 = 2;
const VERSION_FIELD = contextTag(0, true);
const EXTENSIONS_FIELD = contextTag(3, true);

/** How a certificate was signed: Ed25519 (RFC 8410), or RSA with PKCS #1 v1.5 and SHA-256 (RFC 8017). */
export type SignatureAlgorithm = 'ed25519' | 'rsa-sha256';

export interface Extension {
  readonly critical: boolean;
  /** Content of extnValue: the DER of the extension's own type. */
  readonly value: Uint8Array;
}

/** Extensions by the DER content of their object identifier, in hex. */
export type Extensions = ReadonlyMap<string, Extension>;

/** A certificate taken apart (RFC 5280 section 4.1). Nothing is verified. All byte arrays are views of `der`. */
export interface X509 {
  /** A copy of what was read. */
  readonly der: Uint8Array<ArrayBuffer>;
  /** What the signature covers. */
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  /** The serial number, 1 to 20 bytes, big-endian. */
  readonly serial: Uint8Array;
  /** DER of the names. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** DER SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly extensions: Extensions;
}

/** Refuses what is too large to look at, and copies the rest: what is kept of it must not hold a network buffer alive. */
export function boundedCopy(der: Uint8Array, what: string): Uint8Array<ArrayBuffer> {
  if (der.length > MAX_CERTIFICATE_BYTES) throw new ParleyError('bad-certificate', `${what} is larger than ${MAX_CERTIFICATE_BYTES} bytes`);
  return new Uint8Array(der);
}

/** AlgorithmIdentifier of a signature. */
export function readSignatureAlgorithm(reader: DerReader): SignatureAlgorithm {
  const which = reader.next(TAG.oid, 'algorithm').content;
  if (isOid(which, OID.ed25519)) {
    reader.end();
    return 'ed25519';
  }
  if (!isOid(which, OID.sha256WithRsa)) throw new ParleyError('bad-certificate', 'the signature is neither Ed25519 nor RSA with SHA-256');
  reader.next(TAG.null, 'parameters');
  reader.end();
  return 'rsa-sha256';
}

/** Extensions (RFC 5280 section 4.1), from the content of their SEQUENCE. */
export function readExtensions(reader: DerReader): Extensions {
  const extensions = new Map<string, Extension>();
  while (!reader.done) {
    if (extensions.size === MAX_EXTENSIONS) throw new ParleyError('bad-certificate', `there are more than ${MAX_EXTENSIONS} extensions`);
    const fields = reader.enter(TAG.sequence, 'extension');
    const id = hex(fields.next(TAG.oid, 'identifier').content);
    const critical = fields.peek() === TAG.boolean && boolean(fields.any('critical').content, 'critical');
    const value = fields.next(TAG.octetString, 'value').content;
    fields.end();
    if (extensions.has(id)) throw new ParleyError('bad-certificate', 'an extension is there twice');
    extensions.set(id, { critical, value });
  }
  return extensions;
}

/** Throws when a critical extension is not among those that the caller understands (RFC 5280 section 4.2). */
export function refuseUnknownCritical(extensions: Extensions, known: readonly Oid[]): void {
  for (const [id, { critical }] of extensions) {
    if (critical && !known.some((oid) => oid.hex === id)) {
      throw new ParleyError('bad-certificate', 'the certificate has a critical extension that is not understood');
    }
  }
}

/** Steps from the start of a certificate to its SubjectPublicKeyInfo. */
function readHead(
  tbs: DerReader,
): Pick<X509, 'serial' | 'issuer' | 'subject' | 'notBefore' | 'notAfter' | 'spki'> & { algorithm: Uint8Array } {
  if (tbs.peek() !== VERSION_FIELD) throw new ParleyError('bad-certificate', 'the certificate is not of version 3');
  const version = tbs.enter(VERSION_FIELD, 'version');
  const number = smallInteger(version.next(TAG.integer, 'number').content, 'the version');
  version.end();
  if (number !== VERSION_3) throw new ParleyError('bad-certificate', 'the certificate is not of version 3');
  const serial = positiveInteger(tbs.next(TAG.integer, 'serial number').content, 'the serial number');
  if (serial.length > MAX_SERIAL_BYTES) throw new ParleyError('bad-certificate', 'the serial number is too long');
  const algorithm = tbs.next(TAG.sequence, 'algorithm').whole;
  const issuer = tbs.next(TAG.sequence, 'issuer').whole;
  const validity = tbs.enter(TAG.sequence, 'validity');
  const notBefore = time(validity.any('start'), 'the start of the validity');
  const notAfter = time(validity.any('end'), 'the end of the validity');
  validity.end();
  const subject = tbs.next(TAG.sequence, 'subject').whole;
  const spki = tbs.next(TAG.sequence, 'public key').whole;
  return { serial, algorithm, issuer, notBefore, notAfter, subject, spki };
}

/** Takes a certificate of at most 16 KiB apart. Throws `bad-certificate`, saying what is wrong. */
export function readX509(der: Uint8Array): X509 {
  const copy = boundedCopy(der, 'the certificate');
  const certificate = readOnly(copy, TAG.sequence, 'certificate');
  const tbsValue = certificate.next(TAG.sequence, 'body');
  const algorithm = certificate.next(TAG.sequence, 'algorithm').whole;
  const signature = wholeBits(certificate.next(TAG.bitString, 'signature').content, 'the signature');
  certificate.end();

  const tbs = new DerReader(tbsValue.content, 'certificate');
  const head = readHead(tbs);
  if (!equalBytes(head.algorithm, algorithm)) throw new ParleyError('bad-certificate', 'the certificate names two signature algorithms');
  // issuerUniqueID and subjectUniqueID: nobody has used them for decades.
  for (const unused of [contextTag(1, false), contextTag(2, false)]) if (tbs.peek() === unused) tbs.any('unique identifier');
  let extensions: Extensions = new Map();
  if (tbs.peek() === EXTENSIONS_FIELD) {
    const outer = tbs.enter(EXTENSIONS_FIELD, 'extensions');
    extensions = readExtensions(outer.enter(TAG.sequence, 'list'));
    outer.end();
  }
  tbs.end();
  return {
    der: copy,
    tbs: tbsValue.whole,
    signatureAlgorithm: readSignatureAlgorithm(readOnly(algorithm, TAG.sequence, 'signature algorithm')),
    signature,
    serial: head.serial,
    issuer: head.issuer,
    subject: head.subject,
    notBefore: head.notBefore,
    notAfter: head.notAfter,
    spki: head.spki,
    extensions,
  };
}

/** DER SubjectPublicKeyInfo of a certificate, reading no further than that. Throws `bad-certificate`. */
export function spkiOfCertificate(der: Uint8Array): Uint8Array {
  if (der.length > MAX_CERTIFICATE_BYTES) boundedCopy(der, 'the certificate');
  const certificate = readOnly(der, TAG.sequence, 'certificate');
  return readHead(certificate.enter(TAG.sequence, 'body')).spki;
}

/** The common name in a DER Name; undefined when it has none. Throws `bad-certificate` when it has two. */
export function commonNameOf(name: Uint8Array): string | undefined {
  let found: string | undefined;
  const parts = readOnly(name, TAG.sequence, 'name');
  while (!parts.done) {
    const part = parts.enter(TAG.set, 'part');
    do {
      const attribute = part.enter(TAG.sequence, 'attribute');
      const type = attribute.next(TAG.oid, 'type').content;
      const value = attribute.any('value');
      attribute.end();
      if (isOid(type, OID.commonName)) {
        if (found !== undefined) throw new ParleyError('bad-certificate', 'the certificate has two common names');
        found = text(value, 'the common name');
      }
    } while (!part.done);
  }
  return found;
}

/** Bits of a KeyUsage extension (RFC 5280 section 4.2.1.3), by their numbers in its first byte. */
export const KEY_USAGE = { digitalSignature: 0, keyCertSign: 5 } as const;

/** Whether the certificate leaves this use of its key open: it has no KeyUsage, or one with this bit. */
export function allowsKeyUsage(extensions: Extensions, bit: number): boolean {
  const usage = extensions.get(OID.keyUsage.hex);
  if (!usage) return true;
  const reader = new DerReader(usage.value, 'key usage');
  const { content } = reader.next(TAG.bitString, 'bits');
  reader.end();
  const [unused, first] = content;
  if (unused === undefined || unused > 7 || first === undefined || content.length > 3) {
    throw new ParleyError('bad-certificate', 'the key usage is malformed');
  }
  return (first & (0x80 >> bit)) !== 0;
}

/** Whether BasicConstraints says that this is the certificate of an authority (RFC 5280 section 4.2.1.9). */
export function isAuthority(extensions: Extensions): boolean {
  const constraints = extensions.get(OID.basicConstraints.hex);
  if (!constraints) return false;
  const fields = readOnly(constraints.value, TAG.sequence, 'basic constraints');
  const authority = fields.peek() === TAG.boolean && boolean(fields.any('authority').content, 'authority');
  if (fields.peek() === TAG.integer) smallInteger(fields.any('path length').content, 'the path length');
  fields.end();
  return authority;
}

/** The uniform resource identifiers among the alternative names of the subject (RFC 5280 section 4.2.1.6). */
export function alternativeUris(extensions: Extensions): Uint8Array[] {
  const names = extensions.get(OID.subjectAltName.hex);
  if (!names) return [];
  const uris: Uint8Array[] = [];
  const reader = readOnly(names.value, TAG.sequence, 'alternative names');
  while (!reader.done) {
    const name = reader.any('name');
    if (name.tag === contextTag(6, false)) uris.push(name.content);
  }
  return uris;
}

/** An extension that is one OCTET STRING of a fixed length; undefined when it is not there. */
export function octets(extensions: Extensions, oid: Oid, length: number, what: string): Uint8Array<ArrayBuffer> | undefined {
  const extension = extensions.get(oid.hex);
  if (!extension) return undefined;
  const reader = new DerReader(extension.value, what);
  const { content } = reader.next(TAG.octetString, 'bytes');
  reader.end();
  if (content.length !== length) throw new ParleyError('bad-certificate', `${what} has not ${length} bytes`);
  return new Uint8Array(content);
}
