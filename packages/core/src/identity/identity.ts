import type { Clock } from '../ports/clock.ts';
import type { Crypto } from '../ports/crypto.ts';
import type { Random } from '../ports/random.ts';
import type { Awaitable } from '../util/awaitable.ts';
import { concat, equalBytes, utf8 } from '../util/bytes.ts';
import { ParleyError } from '../util/errors.ts';
import { parseCertificate, proveSealingKey } from './certificate.ts';
import { buildCertificate, NO_EXPIRY, nodeExtensions, nodeSubject } from './certificate-builder.ts';
import { ed25519Spki, keyIdOf, nodeIdOf } from './ids.ts';
import { checkName } from './names.ts';

const SEED_BYTES = 32;
/** Bytes of the secret of an identity. */
export const SECRET_BYTES = 64;
const SEALING_SEED = utf8('parley/sealing-seed/1\n');

/** A node's own keys and certificate. Its private keys are handles: no secret can be read from it. */
export interface Identity {
  readonly name: string;
  /** GUID, version 8. */
  readonly nodeId: string;
  /** `key_` and base58btc of the public key. */
  readonly keyId: string;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Raw X25519 public key, 32 bytes: what others seal to. */
  readonly sealingKey: Uint8Array;
  /** DER X.509: self-signed, or issued by an authority. */
  readonly certificate: Uint8Array;
  /** Ed25519 signature, 64 bytes. */
  sign(data: Uint8Array): Awaitable<Uint8Array>;
  /** The X25519 shared secret of the sealing key with another's public key, 32 bytes (RFC 7748). */
  agree(publicKey: Uint8Array): Awaitable<Uint8Array>;
}

export interface IdentityDeps {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly clock: Clock;
}

/**
 * The one secret of an identity, 64 bytes: the Ed25519 seed (RFC 8032) and behind it the X25519 secret (RFC 7748). They are two secrets,
 * neither computed from the other's key, so that what one key does can say nothing about the other; they are kept as one so that no
 * identity can lose half of itself. From a 32-byte seed, for tests and simulated worlds, the second is SHA-256 of
 * `parley/sealing-seed/1` LF seed; without one both are random.
 */
export function createSecret(deps: Pick<IdentityDeps, 'crypto' | 'random'>, seed?: Uint8Array): Uint8Array<ArrayBuffer> {
  if (!seed) return deps.random.bytes(SECRET_BYTES);
  if (seed.length !== SEED_BYTES) throw new ParleyError('bad-argument', `a seed has ${SEED_BYTES} bytes`);
  return concat(seed, deps.crypto.sha256(concat(SEALING_SEED, seed)));
}

/** The two secrets inside the secret of an identity: views of 32 bytes. Throws `bad-argument` when it is of another length. */
export function splitSecret(secret: Uint8Array): { readonly signing: Uint8Array; readonly sealing: Uint8Array } {
  if (secret.length !== SECRET_BYTES) throw new ParleyError('bad-argument', `the secret of an identity has ${SECRET_BYTES} bytes`);
  return { signing: secret.subarray(0, SEED_BYTES), sealing: secret.subarray(SEED_BYTES) };
}

/**
 * The identity of a secret, with a certificate that was made or issued for it earlier, or else with a new self-signed one. The name
 * counts only for a new one. Throws `bad-certificate` when the certificate is another's or lacks the name or the sealing key, and
 * `bad-argument` for a name that may not be used.
 */
export async function identityFromSecret(
  deps: IdentityDeps,
  from: { readonly secret: Uint8Array } & ({ readonly name: string } | { readonly certificate: Uint8Array }),
): Promise<Identity> {
  const { signing, sealing } = splitSecret(from.secret);
  const signingKey = await deps.crypto.signingKey(signing);
  const agreementKey = await deps.crypto.agreementKey(sealing);
  const { publicKey } = signingKey;
  const sealingKey = agreementKey.publicKey;
  const nodeId = nodeIdOf(deps.crypto, publicKey);
  const sign = (data: Uint8Array): Awaitable<Uint8Array> => signingKey.sign(data);

  let der: Uint8Array;
  if ('certificate' in from) {
    der = from.certificate;
  } else {
    const subject = nodeSubject(checkName(from.name));
    const proof = await proveSealingKey(signingKey, sealingKey);
    const dates = { notBefore: deps.clock.now(), notAfter: NO_EXPIRY };
    const extensions = nodeExtensions(nodeId, { key: sealingKey, proof });
    const draft = { ...dates, issuer: subject, subject, spki: ed25519Spki(publicKey), extensions };
    der = await buildCertificate(deps.random, draft, { algorithm: 'ed25519', sign });
  }
  const certificate = await parseCertificate(der, deps.crypto);
  if (!equalBytes(certificate.publicKey, publicKey)) throw new ParleyError('bad-certificate', 'the certificate is over another key');
  if (!certificate.sealingKey || !equalBytes(certificate.sealingKey, sealingKey)) {
    throw new ParleyError('bad-certificate', 'the certificate has not the sealing key of this identity');
  }
  if (certificate.name === undefined) throw new ParleyError('bad-certificate', 'the certificate has no name');
  return {
    name: certificate.name,
    nodeId,
    keyId: keyIdOf(publicKey),
    publicKey,
    sealingKey,
    certificate: certificate.der,
    sign,
    agree: (other) => agreementKey.agree(other),
  };
}

/** A new identity with a self-signed certificate, and its secret, which the caller keeps. The same seed gives the same keys. */
export async function createIdentity(
  deps: IdentityDeps,
  options: { readonly name: string; readonly seed?: Uint8Array },
): Promise<{ readonly identity: Identity; readonly secret: Uint8Array }> {
  const secret = createSecret(deps, options.seed);
  return { identity: await identityFromSecret(deps, { secret, name: options.name }), secret };
}
