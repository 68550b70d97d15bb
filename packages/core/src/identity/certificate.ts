import type { Crypto } from '../ports/crypto.ts';
import { type Awaitable, chain, isPromise } from '../util/awaitable.ts';
import { base64 } from '../util/base64.ts';
import { LruMap } from '../util/bounded.ts';
import { equalBytes } from '../util/bytes.ts';
import { ParleyError } from '../util/errors.ts';
import { ascii } from './der.ts';
import { ed25519FromSpki, keyIdOf, nodeIdOf, PUBLIC_KEY_BYTES } from './ids.ts';
import { nameFault } from './names.ts';
import { OID } from './oids.ts';
import { type Signer, signPurpose, verifyPurpose } from './signature.ts';
import {
  allowsKeyUsage,
  alternativeUris,
  commonNameOf,
  type Extensions,
  KEY_USAGE,
  MAX_CERTIFICATE_BYTES,
  octets,
  readX509,
  refuseUnknownCritical,
  spkiOfCertificate,
  type X509,
} from './x509.ts';

/**
 * A node's certificate, read and checked: well-formed, over an Ed25519 key, and, when self-signed, signed by that key. Byte arrays are
 * not to be changed.
 *
 * When it is issued (`selfSigned` is false), only `checkIssued` tells whether an issuer really signed it. Until then its name and dates
 * are worth as much as whoever presented it: the holder, where TLS or a signed CERTIFICATE proved the key. Its keys are the
 * holder's in any case.
 */
export interface Certificate extends Omit<X509, 'extensions'> {
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** `key_` and base58btc of that key. */
  readonly keyId: string;
  /** GUID that derives from that key. */
  readonly nodeId: string;
  /** The common name; undefined when the certificate has none. It follows the rules for names. */
  readonly name: string | undefined;
  /** The issuer's common name, for people; undefined when there is none, or none that could be shown safely. */
  readonly issuerName: string | undefined;
  /**
   * Raw X25519 public key, 32 bytes. Undefined when the certificate has none, has no alternative name with the node id, or is issued and
   * does not prove that the holder chose the key: then it serves for a link, and nothing can be sealed to it (WIRE "Formats").
   */
  readonly sealingKey: Uint8Array<ArrayBuffer> | undefined;
  /** The holder's signature over the sealing key, 64 bytes, for whoever issues a certificate from this one. */
  readonly sealingProof: Uint8Array<ArrayBuffer> | undefined;
  readonly selfSigned: boolean;
}

const UNDERSTOOD = [
  OID.keyUsage,
  OID.extendedKeyUsage,
  OID.basicConstraints,
  OID.subjectAltName,
  OID.subjectKeyIdentifier,
  OID.authorityKeyIdentifier,
  OID.sealingKey,
  OID.sealingProof,
];

const SEALING_PURPOSE = 'sealing-key';
const URN = 'urn:uuid:';

/** The holder's signature over its own sealing key, 64 bytes: purpose `sealing-key`, the text being the base64 of the X25519 key. */
export function proveSealingKey(signer: Signer, sealingKey: Uint8Array): Awaitable<Uint8Array> {
  return signPurpose(signer, SEALING_PURPOSE, base64(sealingKey));
}

/** Whether this proof shows that the holder of the Ed25519 key chose the sealing key. */
export function verifySealingKey(crypto: Crypto, publicKey: Uint8Array, sealingKey: Uint8Array, proof: Uint8Array): Awaitable<boolean> {
  return verifyPurpose(crypto, publicKey, SEALING_PURPOSE, base64(sealingKey), proof);
}

/** Whether the alternative names give the node id. Throws `bad-certificate` when they give another. */
function namesNode(extensions: Extensions, nodeId: string): boolean {
  let found = false;
  for (const bytes of alternativeUris(extensions)) {
    const uri = ascii(bytes, 'an alternative name').toLowerCase();
    if (!uri.startsWith(URN)) continue;
    if (uri !== URN + nodeId) throw new ParleyError('bad-certificate', 'the node id in the certificate does not match its key');
    found = true;
  }
  return found;
}

function nodeName(subject: Uint8Array): string | undefined {
  const name = commonNameOf(subject);
  const fault = name === undefined ? undefined : nameFault(name);
  if (fault) throw new ParleyError('bad-certificate', `the name in the certificate cannot be used: ${fault}`);
  return name;
}

/** What subjects of certificates and of signing requests have in common. */
export interface SubjectFields extends Pick<Certificate, 'publicKey' | 'nodeId' | 'name' | 'sealingProof'> {
  /** The X25519 key, unproved; undefined also when the node id is not there. */
  readonly claimedSealingKey: Uint8Array<ArrayBuffer> | undefined;
}

/** Reads who a certificate or signing request speaks of. Verifies no signature. Throws `bad-certificate`. */
export function readSubject(crypto: Crypto, subject: Uint8Array, spki: Uint8Array, extensions: Extensions): SubjectFields {
  const publicKey = ed25519FromSpki(spki);
  if (!publicKey) throw new ParleyError('bad-certificate', 'the key in the certificate is not an Ed25519 key');
  refuseUnknownCritical(extensions, UNDERSTOOD);
  if (!allowsKeyUsage(extensions, KEY_USAGE.digitalSignature)) {
    throw new ParleyError('bad-certificate', 'the certificate does not let its key sign');
  }
  const nodeId = nodeIdOf(crypto, publicKey);
  const named = namesNode(extensions, nodeId);
  const sealingKey = octets(extensions, OID.sealingKey, PUBLIC_KEY_BYTES, 'the sealing key');
  const sealingProof = octets(extensions, OID.sealingProof, 64, 'the proof of the sealing key');
  return { publicKey, nodeId, name: nodeName(subject), claimedSealingKey: named ? sealingKey : undefined, sealingProof };
}

/**
 * Reads and checks the certificate of a node (WIRE "Formats"). `bad-certificate`, saying which, when it is malformed, over 16 KiB, not
 * over an Ed25519 key, names another node id than its key's, has a name that cannot be used, or a signature of its own key that does
 * not fit; thrown, or as a rejection where the platform verifies asynchronously. Dates are not looked at.
 */
export function parseCertificate(der: Uint8Array, crypto: Crypto): Awaitable<Certificate> {
  const { extensions, ...x509 } = readX509(der);
  const { claimedSealingKey, ...fields } = readSubject(crypto, x509.subject, x509.spki, extensions);
  const selfSigned = equalBytes(x509.issuer, x509.subject);
  const issuer = selfSigned ? fields.name : commonNameOf(x509.issuer);
  const issuerName = issuer === undefined || nameFault(issuer) ? undefined : issuer;
  const certificate = (sealingKey: Uint8Array<ArrayBuffer> | undefined): Certificate => {
    return { ...x509, ...fields, keyId: keyIdOf(fields.publicKey), issuerName, sealingKey, selfSigned };
  };

  if (selfSigned) {
    const fits = x509.signatureAlgorithm === 'ed25519' && crypto.verify(fields.publicKey, x509.tbs, x509.signature);
    return chain(fits, (valid) => {
      if (!valid) throw new ParleyError('bad-certificate', "the certificate's signature by its own key does not fit");
      return certificate(claimedSealingKey);
    });
  }
  if (!claimedSealingKey || !fields.sealingProof) return certificate(undefined);
  return chain(verifySealingKey(crypto, fields.publicKey, claimedSealingKey, fields.sealingProof), (valid) => {
    if (!valid) throw new ParleyError('bad-certificate', 'the proof of the sealing key does not fit');
    return certificate(claimedSealingKey);
  });
}

/**
 * Just the raw Ed25519 public key, 32 bytes, of a certificate, where the transport has proved possession of it and the rest can wait. No
 * signature is verified. Throws `bad-certificate`.
 */
export function certificatePublicKey(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const publicKey = ed25519FromSpki(spkiOfCertificate(der));
  if (!publicKey) throw new ParleyError('bad-certificate', 'the key in the certificate is not an Ed25519 key');
  return publicKey;
}

const DEFAULT_CERTIFICATES = 2048;

/** Reads certificates and remembers those that were good, by the digest of their DER: nodes come back. */
export class CertificateReader {
  readonly #crypto: Crypto;
  readonly #read: LruMap<string, Certificate>;

  /** `capacity`: certificates to remember, about 1 kB each in practice and at most 16 KiB. */
  constructor(crypto: Crypto, capacity: number = DEFAULT_CERTIFICATES) {
    this.#crypto = crypto;
    this.#read = new LruMap(capacity);
  }

  /** As `parseCertificate`. */
  parse(der: Uint8Array): Awaitable<Certificate> {
    if (der.length > MAX_CERTIFICATE_BYTES) return parseCertificate(der, this.#crypto);
    const digest = base64(this.#crypto.sha256(der));
    const known = this.#read.get(digest);
    if (known) return known;
    const parsed = parseCertificate(der, this.#crypto);
    return isPromise(parsed) ? parsed.then((certificate) => this.#remember(digest, certificate)) : this.#remember(digest, parsed);
  }

  #remember(digest: string, certificate: Certificate): Certificate {
    this.#read.set(digest, certificate);
    return certificate;
  }
}
