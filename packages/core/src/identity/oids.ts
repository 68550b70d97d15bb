import { hex } from '../util/bytes.ts';

/**
 * The arc under which Parley names its own certificate extensions: 2.25 and the number that is the UUID
 * b8f2ea6d-2e71-4cb4-93cb-bd943ee9a80b (ITU-T X.667: such an arc needs no registration).
 */
const PARLEY_ARC = '2.25.245839241798280198746411652363439417355';
const PARLEY_ARC_HEX = '6982f1f2f59ba5e78ab2e993e5efb2c3f7a6d00b';

/** An object identifier in dots, for builders, and the content of its DER in hex, for readers. */
export interface Oid {
  readonly dotted: string;
  readonly hex: string;
}

function oid(dotted: string, content: string): Oid {
  return { dotted, hex: content };
}

/** Object identifiers that Parley reads or writes. */
export const OID = {
  /** RFC 8410. */
  ed25519: oid('1.3.101.112', '2b6570'),
  /** RFC 8017. */
  rsaEncryption: oid('1.2.840.113549.1.1.1', '2a864886f70d010101'),
  sha256WithRsa: oid('1.2.840.113549.1.1.11', '2a864886f70d01010b'),
  /** X.520. */
  commonName: oid('2.5.4.3', '550403'),
  organization: oid('2.5.4.10', '55040a'),
  /** RFC 5280 section 4.2.1. */
  subjectKeyIdentifier: oid('2.5.29.14', '551d0e'),
  keyUsage: oid('2.5.29.15', '551d0f'),
  subjectAltName: oid('2.5.29.17', '551d11'),
  basicConstraints: oid('2.5.29.19', '551d13'),
  authorityKeyIdentifier: oid('2.5.29.35', '551d23'),
  extendedKeyUsage: oid('2.5.29.37', '551d25'),
  serverAuth: oid('1.3.6.1.5.5.7.3.1', '2b06010505070301'),
  clientAuth: oid('1.3.6.1.5.5.7.3.2', '2b06010505070302'),
  /** RFC 2985 section 5.4.2. */
  extensionRequest: oid('1.2.840.113549.1.9.14', '2a864886f70d01090e'),
  /** The holder's X25519 public key: extnValue is an OCTET STRING of 32 bytes (RFC 7748). */
  sealingKey: oid(`${PARLEY_ARC}.1`, `${PARLEY_ARC_HEX}01`),
  /**
   * An OCTET STRING of 64 bytes: the Ed25519 signature by the holder's own key for the purpose `sealing-key` over the base64 of that
   * X25519 key. In a certificate that somebody else issued it shows that the holder chose the sealing key.
   */
  sealingProof: oid(`${PARLEY_ARC}.2`, `${PARLEY_ARC_HEX}02`),
} as const;

/** Whether the content of an OBJECT IDENTIFIER is this one. */
export function isOid(content: Uint8Array, which: Oid): boolean {
  return content.length * 2 === which.hex.length && hex(content) === which.hex;
}
