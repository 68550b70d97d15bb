import type { Crypto } from '../ports/crypto.ts';
import { type Awaitable, chain } from '../util/awaitable.ts';
import { ParleyError } from '../util/errors.ts';
import { type Certificate, readSubject, type SubjectFields, verifySealingKey } from './certificate.ts';
import { contextTag, DerReader, readOnly, smallInteger, TAG, wholeBits } from './der.ts';
import { isOid, OID } from './oids.ts';
import { boundedCopy, type Extensions, readExtensions, readSignatureAlgorithm } from './x509.ts';

const ATTRIBUTES = contextTag(0, true);

/** Whom an authority is asked to certify. Both signatures were checked: the holder has the key, and chose the sealing key. */
export interface CertificateSubject {
  readonly name: string | undefined;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Raw X25519 public key, 32 bytes, and the holder's signature over it, 64 bytes. */
  readonly sealing: { readonly key: Uint8Array; readonly proof: Uint8Array } | undefined;
}

/** Checks the holder's signature over its sealing key, where there is one. Throws `bad-certificate`. */
function provenSubject(crypto: Crypto, fields: Omit<SubjectFields, 'nodeId'>): Awaitable<CertificateSubject> {
  const { name, publicKey, claimedSealingKey: key, sealingProof: proof } = fields;
  if (!key || !proof) return { name, publicKey, sealing: undefined };
  return chain(verifySealingKey(crypto, publicKey, key, proof), (valid) => {
    if (!valid) throw new ParleyError('bad-certificate', 'the proof of the sealing key does not fit');
    return { name, publicKey, sealing: { key, proof } };
  });
}

/**
 * Whom a certificate speaks of, to issue another for the same holder. The caller has to know that the holder asks: the certificate is
 * self-signed, or the same authority issued it. Throws `bad-certificate` when the sealing key was not chosen by the holder.
 */
export function subjectOf(crypto: Crypto, certificate: Certificate): Awaitable<CertificateSubject> {
  return provenSubject(crypto, { ...certificate, claimedSealingKey: certificate.sealingKey });
}

/** The extensions that a request asks for (RFC 2985 section 5.4.2). */
function requestedExtensions(attributes: DerReader): Extensions {
  let extensions: Extensions = new Map();
  while (!attributes.done) {
    const attribute = attributes.enter(TAG.sequence, 'attribute');
    const type = attribute.next(TAG.oid, 'type').content;
    const values = attribute.enter(TAG.set, 'values');
    attribute.end();
    if (isOid(type, OID.extensionRequest)) {
      extensions = readExtensions(values.enter(TAG.sequence, 'extensions'));
      values.end();
    }
  }
  return extensions;
}

/**
 * Reads a PKCS #10 certification request (RFC 2986) over an Ed25519 key, signed by that key. `bad-certificate`, saying which, when
 * it is malformed, over 16 KiB, or does not follow the rules for a node's certificate.
 */
export function parseRequest(der: Uint8Array, crypto: Crypto): Awaitable<CertificateSubject> {
  const request = readOnly(boundedCopy(der, 'the request'), TAG.sequence, 'request');
  const info = request.next(TAG.sequence, 'body');
  const algorithm = readSignatureAlgorithm(request.enter(TAG.sequence, 'signature algorithm'));
  const signature = wholeBits(request.next(TAG.bitString, 'signature').content, 'the signature');
  request.end();

  const body = new DerReader(info.content, 'request');
  if (smallInteger(body.next(TAG.integer, 'version').content, 'the version') !== 0) {
    throw new ParleyError('bad-certificate', 'the request is of an unknown version');
  }
  const subject = body.next(TAG.sequence, 'subject').whole;
  const spki = body.next(TAG.sequence, 'public key').whole;
  const extensions = body.peek() === ATTRIBUTES ? requestedExtensions(body.enter(ATTRIBUTES, 'attributes')) : new Map();
  body.end();

  const fields = readSubject(crypto, subject, spki, extensions);
  const fits = algorithm === 'ed25519' && crypto.verify(fields.publicKey, info.whole, signature);
  return chain(fits, (valid) => {
    if (!valid) throw new ParleyError('bad-certificate', "the request's signature by its own key does not fit");
    return provenSubject(crypto, fields);
  });
}
