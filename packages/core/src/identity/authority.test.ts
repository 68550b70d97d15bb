import { generateKeyPairSync, sign as nodeSign } from 'node:crypto';
import { createCrypto, createRandom } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { ParleyError } from '../util/errors.ts';
import {
  type AuthorityCertificate,
  type AuthoritySigner,
  buildAuthority,
  checkIssued,
  issueCertificate,
  parseAuthority,
} from './authority.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { nodeSubject } from './certificate-builder.ts';
import { createIdentity } from './identity.ts';
import { ed25519Spki } from './ids.ts';
import { subjectOf } from './request.ts';

const crypto = createCrypto();
const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;
const deps = { crypto, random: createRandom(), clock: { now: () => NOW, monotonic: () => 0, after: () => ({ cancel() {} }) } };
const YEARS = { notBefore: NOW - DAY, notAfter: NOW + 3650 * DAY };
const MONTH = { notBefore: NOW, notAfter: NOW + 30 * DAY };

async function ed25519Authority(name: string, dates = YEARS): Promise<AuthoritySigner> {
  const key = crypto.signingKey(deps.random.bytes(32));
  const signer = { algorithm: 'ed25519' as const, sign: (data: Uint8Array) => key.sign(data) };
  const der = await buildAuthority(deps, name, ed25519Spki(key.publicKey), dates, signer);
  return { ...signer, certificate: await parseAuthority(der, crypto) };
}

function rsaKey(modulusLength: number) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const sign = async (data: Uint8Array): Promise<Uint8Array> => nodeSign('sha256', data, privateKey);
  return { spki, signer: { algorithm: 'rsa-sha256' as const, sign } };
}

async function rsaAuthority(name: string): Promise<AuthoritySigner> {
  const { spki, signer } = rsaKey(3072);
  return { ...signer, certificate: await parseAuthority(await buildAuthority(deps, name, spki, YEARS, signer), crypto) };
}

const anna = (await createIdentity(deps, { name: 'anna' })).identity;
const selfSigned = (await parseCertificate(anna.certificate, crypto)) as Certificate;
const request = await subjectOf(crypto, selfSigned);

const failure = async (run: () => unknown): Promise<string> => {
  try {
    await run();
    return 'no error';
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return `${error.code}: ${error.message}`;
  }
};

describe.each([
  ['Ed25519', ed25519Authority],
  ['RSA-3072', rsaAuthority],
])('an authority with %s', (_, create) => {
  it('issues what it is then known for', async () => {
    const authority = await create('school');
    expect(authority.certificate.name).toBe('school');
    const certificate = await issueCertificate(deps, authority, request, MONTH);
    expect(certificate).toMatchObject({ name: 'anna', nodeId: anna.nodeId, sealingKey: anna.sealingKey, selfSigned: false, ...MONTH });
    const stranger = await create('school');
    expect(await checkIssued(crypto, certificate, [stranger.certificate, authority.certificate], NOW)).toBe(authority.certificate);
    expect(await failure(() => checkIssued(crypto, certificate, [stranger.certificate], NOW))).toMatch(/bad-certificate: .*not issued by/);
    expect(await failure(() => checkIssued(crypto, certificate, [], NOW))).toMatch(/bad-certificate: .*not issued by/);
    expect(await failure(() => checkIssued(crypto, selfSigned, [authority.certificate], NOW))).toMatch(/bad-certificate: .*not issued by/);
  });

  it('looks at the dates', async () => {
    const authority = await create('school');
    const certificate = await issueCertificate(deps, authority, request, MONTH);
    const at = (now: number): Promise<string> => failure(() => checkIssued(crypto, certificate, [authority.certificate], now));
    expect(await at(MONTH.notBefore - 1)).toMatch(/bad-certificate: the certificate is not valid yet/);
    expect(await at(MONTH.notBefore)).toBe('no error');
    expect(await at(MONTH.notAfter)).toBe('no error');
    expect(await at(MONTH.notAfter + 1000)).toMatch(/bad-certificate: the certificate has expired/);
  });
});

describe('checkIssued', () => {
  it("looks at the authority's own dates", async () => {
    const authority = await ed25519Authority('old', { notBefore: NOW - 10 * DAY, notAfter: NOW + DAY });
    const certificate = await issueCertificate(deps, authority, request, MONTH);
    const late = await failure(() => checkIssued(crypto, certificate, [authority.certificate], NOW + 2 * DAY));
    expect(late).toMatch(/authority's certificate has expired/);
  });

  it('works with a platform that verifies asynchronously', async () => {
    const slow = { ...crypto, verifyIssuer: async (...given: Parameters<typeof crypto.verifyIssuer>) => crypto.verifyIssuer(...given) };
    const [one, other] = [await ed25519Authority('school'), await ed25519Authority('school')];
    const certificate = await issueCertificate(deps, other, request, MONTH);
    expect(await checkIssued(slow, certificate, [one.certificate, other.certificate], NOW)).toBe(other.certificate);
    await expect(checkIssued(slow, certificate, [one.certificate], NOW)).rejects.toMatchObject({ code: 'bad-certificate' });
  });
});

describe('issueCertificate', () => {
  it('takes another name when asked, and none that may not be used', async () => {
    const authority = await ed25519Authority('school');
    expect((await issueCertificate(deps, authority, request, MONTH, 'Anna K.')).name).toBe('Anna K.');
    expect(await failure(() => issueCertificate(deps, authority, request, MONTH, 'a#b'))).toMatch(/bad-argument/);
    expect(await failure(() => issueCertificate(deps, authority, { ...request, name: undefined }, MONTH))).toMatch(
      /bad-argument: .*no name/,
    );
  });

  it('does not make a certificate that would pass for self-signed', async () => {
    const authority = await ed25519Authority('school');
    const renamed = { ...authority, certificate: { ...authority.certificate, subject: nodeSubject('anna') } };
    expect(await failure(() => issueCertificate(deps, renamed, request, MONTH))).toMatch(/bad-argument: a node cannot have the name/);
  });

  it('notices when the key does not belong to the certificate', async () => {
    const [one, other] = [await ed25519Authority('school'), await ed25519Authority('school')];
    const mixed = { ...one, certificate: other.certificate };
    expect(await failure(() => issueCertificate(deps, mixed, request, MONTH))).toMatch(/internal/);
  });
});

describe('parseAuthority', () => {
  it('refuses the certificate of a node', async () => {
    expect(await failure(() => parseAuthority(anna.certificate, crypto))).toMatch(/bad-certificate: .*not that of an authority/);
  });

  it('refuses a short RSA key', async () => {
    const { spki, signer } = rsaKey(2048);
    const der = await buildAuthority(deps, 'weak', spki, YEARS, signer);
    expect(await failure(() => parseAuthority(der, crypto))).toMatch(/bad-certificate: .*2048 bits/);
  });

  it('refuses a signature that does not fit', async () => {
    const der: Uint8Array = (await ed25519Authority('school')).certificate.der.slice();
    der[der.length - 40] = (der[der.length - 40] as number) ^ 1;
    expect(await failure(() => parseAuthority(der, crypto))).toMatch(/bad-certificate: .*own key does not fit/);
  });

  it('reads its own size of RSA key exactly', async () => {
    const authority: AuthorityCertificate = (await rsaAuthority('big')).certificate;
    expect(authority.key).toBe('rsa');
    expect(authority.keyIdentifier).toHaveLength(20);
  });
});
