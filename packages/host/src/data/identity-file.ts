import { createPrivateKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import {
  base64,
  type Certificate,
  type Crypto,
  checkName,
  concat,
  createIdentity,
  decryptSecret,
  encryptSecret,
  equalBytes,
  errorCode,
  fromBase64,
  fromHex,
  type Identity,
  type IdentityDeps,
  identityFromSecret,
  ParleyError,
  parseCertificate,
  type ScryptCost,
  splitSecret,
} from '@parley/core';
import { fromPem, toPem } from './pem.ts';
import { corruptFile, type JsonFields, readSecretFile } from './secret-file.ts';
import { writeSafely } from './write-safely.ts';

/** An identity as it rests in a data directory. */
export interface StoredIdentity {
  readonly identity: Identity;
  /** The 64 bytes of `createSecret`. Never for a log. */
  readonly secret: Uint8Array;
  /** Whether it rests under a passphrase. */
  readonly encrypted: boolean;
}

/** What the file tells without a passphrase. It is not checked against the secret. */
export interface PublicIdentity {
  readonly name: string;
  readonly nodeId: string;
  readonly keyId: string;
  readonly certificate: Certificate;
  readonly encrypted: boolean;
}

export interface NewIdentity {
  readonly name: string;
  /** Without one the secret rests in the clear, in a file of mode 0600. */
  readonly passphrase?: string | undefined;
  /** Cost of the passphrase. Default `DEFAULT_SCRYPT_COST`. */
  readonly cost?: ScryptCost;
}

const VERSION = 1;
/** PKCS #8 of an Ed25519 key (RFC 8410 section 7), up to where the 32 bytes of the seed begin. */
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420') ?? new Uint8Array();

export function identityPath(directory: string): string {
  return join(directory, 'identity.json');
}

/** The signing key of an identity's secret, as TLS wants it. */
export function privateKeyOf(secret: Uint8Array): KeyObject {
  const pkcs8 = concat(PKCS8_PREFIX, splitSecret(secret).signing);
  return createPrivateKey({ key: Buffer.from(pkcs8.buffer), format: 'der', type: 'pkcs8' });
}

interface Contents {
  readonly path: string;
  readonly fields: JsonFields;
  readonly certificate: Certificate;
}

async function readContents(directory: string, crypto: Crypto): Promise<Contents> {
  const path = identityPath(directory);
  const fields = await readSecretFile(path);
  if (fields.version !== VERSION) throw corruptFile(path, 'of an unknown version');
  const der = typeof fields.certificate === 'string' ? fromBase64(fields.certificate) : undefined;
  if (!der) throw corruptFile(path, 'no certificate');
  if ((typeof fields.secret === 'string') === (fields.encrypted !== undefined)) throw corruptFile(path, 'no secret');
  try {
    return { path, fields, certificate: await parseCertificate(der, crypto) };
  } catch (error) {
    throw corruptFile(path, ParleyError.from(error).message, error);
  }
}

async function readSecret({ path, fields }: Contents, crypto: Crypto, passphrase: string | undefined): Promise<Uint8Array> {
  if (typeof fields.secret === 'string') {
    const secret = fromBase64(fields.secret);
    if (!secret) throw corruptFile(path, 'the secret');
    return secret;
  }
  if (passphrase === undefined || passphrase === '') throw new ParleyError('bad-passphrase', `${path} needs its passphrase`);
  try {
    return await decryptSecret(crypto, fields.encrypted, passphrase);
  } catch (error) {
    if (errorCode(error) === 'corrupt') throw corruptFile(path, ParleyError.from(error).message, error);
    throw error;
  }
}

type SecretFields = { readonly secret: string } | { readonly encrypted: unknown };

async function secretFields(deps: IdentityDeps, secret: Uint8Array, options: Omit<NewIdentity, 'name'>): Promise<SecretFields> {
  if (options.passphrase === undefined) return { secret: base64(secret) };
  return { encrypted: await encryptSecret(deps, secret, options.passphrase, options.cost) };
}

function contents(certificate: Pick<Identity, 'nodeId' | 'keyId'>, der: Uint8Array, secret: SecretFields): string {
  const fields = { version: VERSION, node_id: certificate.nodeId, key: certificate.keyId, certificate: base64(der), ...secret };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

/** The part of the file that holds the secret, as it stands. */
function keptSecret(fields: JsonFields): SecretFields {
  return typeof fields.secret === 'string' ? { secret: fields.secret } : { encrypted: fields.encrypted };
}

/** Makes the file of an identity. `conflict` when there is one already; `bad-argument` for an empty passphrase. */
export async function keepIdentity(
  directory: string,
  deps: IdentityDeps,
  { identity, secret }: Pick<StoredIdentity, 'identity' | 'secret'>,
  options: Omit<NewIdentity, 'name'>,
): Promise<StoredIdentity> {
  const text = contents(identity, identity.certificate, await secretFields(deps, secret, options));
  await writeSafely(identityPath(directory), text, 0o600, { once: true });
  return { identity, secret, encrypted: options.passphrase !== undefined };
}

/** Makes a new identity and its file. `conflict` when there is one already; `bad-argument` for the name or an empty passphrase. */
export async function createIdentityFile(directory: string, deps: IdentityDeps, options: NewIdentity): Promise<StoredIdentity> {
  return keepIdentity(directory, deps, await createIdentity(deps, { name: options.name }), options);
}

/**
 * Loads the identity of a data directory. Errors: `not-found`; `bad-passphrase` (wrong, or none where one is needed); `refused` (others
 * may read the file); `corrupt` (damaged, and left as it is); `storage`.
 */
export async function loadIdentity(directory: string, deps: IdentityDeps, passphrase?: string): Promise<StoredIdentity> {
  const file = await readContents(directory, deps.crypto);
  const secret = await readSecret(file, deps.crypto, passphrase);
  try {
    const identity = await identityFromSecret(deps, { secret, certificate: file.certificate.der });
    return { identity, secret, encrypted: file.fields.encrypted !== undefined };
  } catch (error) {
    throw corruptFile(file.path, ParleyError.from(error).message, error);
  }
}

/** Loads the identity of a data directory, or makes it when there is none: then the name and the passphrase are for it. */
export async function openIdentity(directory: string, deps: IdentityDeps, options: NewIdentity): Promise<StoredIdentity> {
  try {
    return await loadIdentity(directory, deps, options.passphrase);
  } catch (error) {
    if (errorCode(error) !== 'not-found') throw error;
  }
  return await createIdentityFile(directory, deps, options);
}

/** Who the identity of a data directory is, without its passphrase. Errors: `not-found`, `refused`, `corrupt`, `storage`. */
export async function readPublicIdentity(directory: string, crypto: Crypto): Promise<PublicIdentity> {
  const { path, fields, certificate } = await readContents(directory, crypto);
  const { name, nodeId, keyId } = certificate;
  if (name === undefined) throw corruptFile(path, 'the certificate has no name');
  return { name, nodeId, keyId, certificate, encrypted: fields.encrypted !== undefined };
}

/** The certificate of a data directory's identity as PEM, for an authority to certify. Errors as `readPublicIdentity`. */
export async function exportCertificate(directory: string, crypto: Crypto): Promise<string> {
  return toPem('CERTIFICATE', (await readPublicIdentity(directory, crypto)).certificate.der);
}

/**
 * Replaces the certificate of a data directory's identity by one that an authority issued for it (PEM), and returns it; a running node
 * uses it from its next start. Needs no passphrase. `bad-certificate` when it is over another key or lacks the name or the sealing
 * key of this identity; `bad-argument` when the text is not PEM.
 */
export async function installCertificate(directory: string, crypto: Crypto, pem: string): Promise<Certificate> {
  const block = fromPem(pem).find(({ label }) => label === 'CERTIFICATE');
  if (!block) throw new ParleyError('bad-argument', 'there is no certificate in this file');
  const issued = await parseCertificate(block.der, crypto);
  const { path, fields, certificate: present } = await readContents(directory, crypto);
  if (!equalBytes(issued.publicKey, present.publicKey)) {
    throw new ParleyError('bad-certificate', "the certificate is not over this identity's key");
  }
  if (!issued.sealingKey || !present.sealingKey || !equalBytes(issued.sealingKey, present.sealingKey)) {
    throw new ParleyError('bad-certificate', 'the certificate has not the sealing key of this identity');
  }
  if (issued.name === undefined) throw new ParleyError('bad-certificate', 'the certificate has no name');
  await writeSafely(path, contents(issued, issued.der, keptSecret(fields)));
  return issued;
}

/**
 * Gives an identity another name: a new self-signed certificate. `refused` when an authority issued the present one, which has the name
 * in it: the authority has to issue another.
 */
export async function renameIdentity(directory: string, deps: IdentityDeps, name: string, passphrase?: string): Promise<StoredIdentity> {
  const stored = await loadIdentity(directory, deps, passphrase);
  if (stored.identity.name === checkName(name)) return stored;
  const file = await readContents(directory, deps.crypto);
  if (!file.certificate.selfSigned) {
    throw new ParleyError('refused', 'the name is part of a certificate that an authority issued: have it issue another');
  }
  const identity = await identityFromSecret(deps, { secret: stored.secret, name });
  await writeSafely(file.path, contents(identity, identity.certificate, keptSecret(file.fields)));
  return { ...stored, identity };
}

/** Encrypts the secret under another passphrase, or, with none, leaves it in the clear. Errors as `loadIdentity`. */
export async function changePassphrase(
  directory: string,
  deps: IdentityDeps,
  present: string | undefined,
  next: Omit<NewIdentity, 'name'>,
): Promise<void> {
  const { identity, secret } = await loadIdentity(directory, deps, present);
  await writeSafely(identityPath(directory), contents(identity, identity.certificate, await secretFields(deps, secret, next)));
}
