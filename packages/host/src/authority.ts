import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type AuthorityCertificate,
  type AuthoritySigner,
  base64,
  buildAuthority,
  type Certificate,
  type CertificateSigner,
  type CertificateSubject,
  type Crypto,
  checkIssued,
  decryptSecret,
  encryptSecret,
  errorCode,
  fromBase64,
  type IdentityDeps,
  issueCertificate,
  MIN_RSA_BITS,
  ParleyError,
  parseAuthority,
  parseCertificate,
  parseRequest,
  type ScryptCost,
  subjectOf,
} from '@parley/core';
import { makePrivateDirectory } from './data/directory.ts';
import { fromPem, toPem } from './data/pem.ts';
import { corruptFile, type JsonFields, readSecretFile } from './data/secret-file.ts';
import { storageError, writeSafely } from './data/write-safely.ts';

const VERSION = 1;
const DAY_MS = 86_400_000;
/** A certificate holds from a little earlier on, for nodes whose clocks are slow. */
const BACKDATE_MS = 5 * 60_000;
const DEFAULT_AUTHORITY_DAYS = 3650;
const DEFAULT_CERTIFICATE_DAYS = 365;

export interface NewAuthority {
  /** For people: it stands in every certificate that it issues. */
  readonly name: string;
  /** RSA with 3072 bits in place of Ed25519. */
  readonly rsa?: boolean;
  readonly passphrase?: string | undefined;
  /** How long its own certificate holds. Default 3650. */
  readonly days?: number;
  /** Cost of the passphrase. Default `DEFAULT_SCRYPT_COST`. */
  readonly cost?: ScryptCost;
}

/** An authority that can issue certificates. */
export interface Authority {
  readonly certificate: AuthorityCertificate;
  /** Its certificate, for those who are to trust it. */
  readonly pem: string;
  /**
   * Issues a certificate for the node of a PEM file: a self-signed certificate, one that this authority issued earlier, or a PKCS #10
   * request. `name` replaces the name in it; `days`, default 365, end with the authority's own at the latest. `bad-argument` when the
   * text is no such PEM file, `bad-certificate` when what is in it does not hold, `refused` when the authority itself has expired.
   */
  issue(pem: string, options?: { readonly name?: string; readonly days?: number }): Promise<IssuedCertificate>;
}

export interface IssuedCertificate {
  readonly certificate: Certificate;
  readonly pem: string;
}

function authorityPath(directory: string): string {
  return join(directory, 'authority.json');
}

/** Its certificate alone, mode 0644: the file to hand to those who are to trust the authority. */
export function authorityCertificatePath(directory: string): string {
  return join(directory, 'authority.pem');
}

function signerOf(key: KeyObject): CertificateSigner {
  const rsa = key.asymmetricKeyType === 'rsa';
  return {
    algorithm: rsa ? 'rsa-sha256' : 'ed25519',
    sign: (data) =>
      new Promise((resolve, reject) => {
        sign(rsa ? 'sha256' : null, data, key, (error, signature) => (error ? reject(error) : resolve(new Uint8Array(signature))));
      }),
  };
}

async function generateKey(rsa: boolean): Promise<KeyObject> {
  const generate = promisify(generateKeyPair);
  return rsa ? (await generate('rsa', { modulusLength: MIN_RSA_BITS })).privateKey : (await generate('ed25519')).privateKey;
}

function daysFrom(start: number, days: number): number {
  if (!(days > 0)) throw new ParleyError('bad-argument', 'a certificate holds for more than no days');
  return start + days * DAY_MS;
}

/**
 * Makes an authority in a directory of its own: `authority.json` with its key (mode 0600, under the passphrase if there is one) and
 * `authority.pem`. `conflict` when the directory has one already.
 */
export async function createAuthority(given: string, deps: IdentityDeps, options: NewAuthority): Promise<Authority> {
  const now = deps.clock.now();
  const dates = { notBefore: now, notAfter: daysFrom(now, options.days ?? DEFAULT_AUTHORITY_DAYS) };
  const key = await generateKey(options.rsa === true);
  const signer = signerOf(key);
  const spki = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }));
  const certificate = await parseAuthority(await buildAuthority(deps, options.name, spki, dates, signer), deps.crypto);
  const pkcs8 = new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }));
  const secret =
    options.passphrase === undefined
      ? { key: base64(pkcs8) }
      : { encrypted: await encryptSecret(deps, pkcs8, options.passphrase, options.cost) };
  const fields = { version: VERSION, name: certificate.name, certificate: base64(certificate.der), ...secret };
  const directory = await makePrivateDirectory(given);
  await writeSafely(authorityPath(directory), `${JSON.stringify(fields, null, 2)}\n`, 0o600, { once: true });
  const pem = toPem('CERTIFICATE', certificate.der);
  await writeSafely(authorityCertificatePath(directory), pem, 0o644);
  return authorityOf(deps, { ...signer, certificate }, pem);
}

async function readKey(path: string, fields: JsonFields, crypto: Crypto, passphrase: string | undefined): Promise<KeyObject> {
  let pkcs8: Uint8Array | undefined;
  if (fields.encrypted === undefined) {
    pkcs8 = typeof fields.key === 'string' ? fromBase64(fields.key) : undefined;
  } else {
    if (passphrase === undefined || passphrase === '') throw new ParleyError('bad-passphrase', `${path} needs its passphrase`);
    try {
      pkcs8 = await decryptSecret(crypto, fields.encrypted, passphrase);
    } catch (error) {
      if (errorCode(error) === 'corrupt') throw corruptFile(path, ParleyError.from(error).message, error);
      throw error;
    }
  }
  if (!pkcs8) throw corruptFile(path, 'no key');
  try {
    return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  } catch (error) {
    throw corruptFile(path, 'the key', error);
  }
}

/** Opens an authority. Errors: `not-found`, `bad-passphrase`, `refused` (others may read its file), `corrupt`, `storage`. */
export async function openAuthority(directory: string, deps: IdentityDeps, passphrase?: string): Promise<Authority> {
  const path = authorityPath(directory);
  const fields = await readSecretFile(path);
  if (fields.version !== VERSION) throw corruptFile(path, 'of an unknown version');
  const der = typeof fields.certificate === 'string' ? fromBase64(fields.certificate) : undefined;
  if (!der) throw corruptFile(path, 'no certificate');
  const key = await readKey(path, fields, deps.crypto, passphrase);
  let certificate: AuthorityCertificate;
  try {
    certificate = await parseAuthority(der, deps.crypto);
  } catch (error) {
    throw corruptFile(path, ParleyError.from(error).message, error);
  }
  const spki = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }));
  if (base64(spki) !== base64(certificate.spki)) throw corruptFile(path, 'the key is not that of the certificate');
  return authorityOf(deps, { ...signerOf(key), certificate }, toPem('CERTIFICATE', certificate.der));
}

function authorityOf(deps: IdentityDeps, signer: AuthoritySigner, pem: string): Authority {
  const { certificate: own } = signer;
  return {
    certificate: own,
    pem,
    async issue(text, options = {}) {
      const subject = await readApplicant(deps.crypto, text, own);
      const now = deps.clock.now();
      if (now > own.notAfter) throw new ParleyError('refused', 'the authority has expired');
      const notAfter = Math.min(daysFrom(now, options.days ?? DEFAULT_CERTIFICATE_DAYS), own.notAfter);
      const dates = { notBefore: Math.max(now - BACKDATE_MS, own.notBefore), notAfter };
      const certificate = await issueCertificate(deps, signer, subject, dates, options.name ?? subject.name);
      return { certificate, pem: toPem('CERTIFICATE', certificate.der) };
    },
  };
}

/** Whom a PEM file asks to certify; that they have the key was proved by a signature of theirs, now or at an earlier time. */
async function readApplicant(crypto: Crypto, text: string, own: AuthorityCertificate): Promise<CertificateSubject> {
  const blocks = fromPem(text).filter(({ label }) => label === 'CERTIFICATE' || label.endsWith('CERTIFICATE REQUEST'));
  const [block] = blocks;
  if (!block || blocks.length > 1) throw new ParleyError('bad-argument', 'the file has to hold one certificate, or one request');
  if (block.label !== 'CERTIFICATE') return await parseRequest(block.der, crypto);
  const certificate = await parseCertificate(block.der, crypto);
  // An expired certificate of our own is the one that most needs another: its beginning is looked at, not the present.
  if (!certificate.selfSigned) await checkIssued(crypto, certificate, [own], certificate.notBefore);
  return await subjectOf(crypto, certificate);
}

/**
 * Reads the authorities that a node is to trust (trust mode `ca`) from a PEM file of one or more certificates. Errors: `storage`,
 * `bad-argument` (not PEM), `bad-certificate` (not an authority's).
 */
export async function readAuthorities(path: string, crypto: Crypto): Promise<AuthorityCertificate[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw storageError(error, `read ${path}`);
  }
  const authorities: AuthorityCertificate[] = [];
  for (const { label, der } of fromPem(text)) if (label === 'CERTIFICATE') authorities.push(await parseAuthority(der, crypto));
  if (authorities.length === 0) throw new ParleyError('bad-argument', `there is no certificate in ${path}`);
  return authorities;
}
