import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** An Ed25519 key with a self-signed X.509 certificate, as node:tls takes them. */
export interface Credentials {
  readonly key: string;
  readonly cert: string;
  /** The certificate in DER. */
  readonly der: Buffer;
}

/** One DER element (X.690). */
function element(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const long: number[] = [];
  for (let rest = body.length; rest > 0; rest >>= 8) long.unshift(rest & 0xff);
  const length = body.length < 0x80 ? [body.length] : [0x80 | long.length, ...long];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...content: readonly Uint8Array[]): Buffer => element(0x30, ...content);
const integer = (bytes: Uint8Array): Buffer => element(0x02, bytes);
const utcTime = (text: string): Buffer => element(0x17, Buffer.from(text, 'ascii'));

/** Object identifiers 1.3.101.112 (Ed25519, RFC 8410) and 2.5.4.3 (common name). */
const ed25519 = sequence(element(0x06, Buffer.from([0x2b, 0x65, 0x70])));
const commonName = element(0x06, Buffer.from([0x55, 0x04, 0x03]));

/**
 * The smallest certificate that TLS accepts. The bare programs make their own, so that the limit does not depend on
 * the code that is measured against it.
 */
function certify(name: string, privateKey: KeyObject): Buffer {
  const subject = sequence(element(0x31, sequence(commonName, element(0x0c, Buffer.from(name)))));
  // The top bit is cleared and the next one set, for a positive number of full length.
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0);
  const body = sequence(
    element(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ed25519,
    subject,
    sequence(utcTime('200101000000Z'), utcTime('491231235959Z')),
    subject,
    createPublicKey(privateKey).export({ format: 'der', type: 'spki' }),
  );
  const signature = sign(null, body, privateKey);
  return sequence(body, ed25519, element(0x03, Buffer.from([0]), signature));
}

export function createCredentials(name: string): Credentials {
  const pair = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { format: 'pem', type: 'spki' },
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
  });
  const der = certify(name, createPrivateKey(pair.privateKey));
  const cert = `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  return { key: pair.privateKey, cert, der };
}
