import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { type Clock, certificatePublicKey, checkIssued, createIdentity, hex, nodeIdOf, OID, parseCertificate } from '@parley/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { authorityCertificatePath, createAuthority, openAuthority, readAuthorities } from './authority.ts';
import { createCrypto } from './crypto.ts';
import { privateKeyOf } from './data/identity-file.ts';
import { fromPem, toPem } from './data/pem.ts';
import { createClock, createRandom } from './platform.ts';

const crypto = createCrypto();
const deps = { crypto, random: createRandom(), clock: createClock() };
const DAY = 86_400_000;
const run = promisify(execFile);
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'parley-ca-'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const openssl = async (...args: string[]): Promise<string> => (await run('openssl', args, { cwd: root })).stdout;
const shifted = (ms: number): typeof deps => {
  const clock: Clock = { ...deps.clock, now: () => deps.clock.now() + ms };
  return { ...deps, clock };
};

async function person(name: string) {
  const { identity, secret } = await createIdentity(deps, { name });
  return { identity, secret, pem: toPem('CERTIFICATE', identity.certificate) };
}

/** A TLS 1.3 connection in which each side asks for the other's certificate: the keys that they saw. */
async function handshake(server: tls.SecureContextOptions, client: tls.SecureContextOptions): Promise<{ server: string; client: string }> {
  const common = { minVersion: 'TLSv1.3' as const, requestCert: true, rejectUnauthorized: 'ca' in server };
  const listener = tls.createServer({ ...common, ...server });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const accepted = once(listener, 'secureConnection') as Promise<[tls.TLSSocket]>;
  const { port } = listener.address() as AddressInfo;
  const socket = tls.connect({ ...common, ...client, port, host: '127.0.0.1', checkServerIdentity: () => undefined });
  try {
    const [[incoming]] = await Promise.all([accepted, once(socket, 'secureConnect')]);
    const [seenByServer, seenByClient] = [incoming.getPeerCertificate().raw, socket.getPeerCertificate().raw];
    incoming.destroy();
    return { server: hex(certificatePublicKey(seenByServer)), client: hex(certificatePublicKey(seenByClient)) };
  } finally {
    socket.destroy();
    listener.close();
  }
}

describe('a self-signed certificate', () => {
  it('is read and verified by OpenSSL', async () => {
    const anna = await person('Anna Ä');
    await writeFile(join(root, 'anna.pem'), anna.pem);
    const text = await openssl('x509', '-in', 'anna.pem', '-noout', '-text');
    expect(text).toContain(`URI:urn:uuid:${anna.identity.nodeId}`);
    expect(text).toContain(OID.sealingKey.dotted);
    expect(text).toMatch(/Public Key Algorithm: ED25519/);
    expect(text).toMatch(/Not After : Dec 31 23:59:59 9999 GMT/);
    expect(await openssl('verify', '-x509_strict', '-CAfile', 'anna.pem', 'anna.pem')).toBe('anna.pem: OK\n');
    expect(await openssl('x509', '-in', 'anna.pem', '-noout', '-subject', '-nameopt', 'utf8')).toMatch(/CN ?= ?Anna Ä/);
  });

  it('serves for TLS 1.3 in both directions', async () => {
    const [anna, ben] = [await person('Anna'), await person('Ben')];
    const context = (who: typeof anna) => ({ cert: who.pem, key: privateKeyOf(who.secret).export({ format: 'pem', type: 'pkcs8' }) });
    const seen = await handshake(context(anna), context(ben));
    expect(seen).toEqual({ server: hex(ben.identity.publicKey), client: hex(anna.identity.publicKey) });
  });
});

describe.each([
  ['Ed25519', false],
  ['RSA-3072', true],
])('an authority with %s', (kind, rsa) => {
  it('issues what OpenSSL reads and verifies', async () => {
    const authority = await createAuthority(join(root, 'ca'), deps, { name: 'school', rsa });
    const anna = await person('Anna');
    const issued = await authority.issue(anna.pem, { days: 30 });
    await writeFile(join(root, 'anna.pem'), issued.pem);
    const text = await openssl('x509', '-in', 'anna.pem', '-noout', '-text');
    expect(text).toContain('Issuer: O = Parley authority, CN = school');
    expect(text).toContain(`URI:urn:uuid:${anna.identity.nodeId}`);
    expect(text).toMatch(rsa ? /sha256WithRSAEncryption/ : /Signature Algorithm: ED25519/);
    for (const purpose of ['sslclient', 'sslserver']) {
      const said = await openssl('verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'ca/authority.pem', 'anna.pem');
      expect(said).toBe('anna.pem: OK\n');
    }
    const authorityText = await openssl('x509', '-in', 'ca/authority.pem', '-noout', '-text');
    expect(authorityText).toMatch(/CA:TRUE, pathlen:0/);
    if (rsa) expect(authorityText).toContain('Public-Key: (3072 bit)');
  });

  it('issues what two nodes can shake hands with, each trusting the authority alone', async () => {
    const authority = await createAuthority(join(root, 'ca'), deps, { name: 'school', rsa });
    const member = async (name: string) => {
      const { identity, secret, pem } = await person(name);
      const key = privateKeyOf(secret).export({ format: 'pem', type: 'pkcs8' });
      return { identity, context: { cert: (await authority.issue(pem)).pem, key, ca: authority.pem } };
    };
    const [anna, ben] = [await member('Anna'), await member('Ben')];
    const seen = await handshake(anna.context, ben.context);
    expect(seen).toEqual({ server: hex(ben.identity.publicKey), client: hex(anna.identity.publicKey) });
  });

  it(`is kept and opened again, also under a passphrase (${kind})`, async () => {
    const cost = { n: 16, r: 1, p: 1 };
    const made = await createAuthority(join(root, 'ca'), deps, { name: 'school', rsa, passphrase: 'p', cost });
    expect((await stat(join(root, 'ca', 'authority.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(authorityCertificatePath(join(root, 'ca')))).mode & 0o777).toBe(0o644);
    await expect(createAuthority(join(root, 'ca'), deps, { name: 'other' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(openAuthority(join(root, 'ca'), deps)).rejects.toMatchObject({ code: 'bad-passphrase' });
    await expect(openAuthority(join(root, 'ca'), deps, 'wrong')).rejects.toMatchObject({ code: 'bad-passphrase' });
    const opened = await openAuthority(join(root, 'ca'), deps, 'p');
    const { certificate } = await opened.issue((await person('Anna')).pem);
    const trusted = await readAuthorities(authorityCertificatePath(join(root, 'ca')), crypto);
    expect((await checkIssued(crypto, certificate, trusted, deps.clock.now())).name).toBe('school');
    expect(opened.pem).toBe(made.pem);
  });
});

describe('issuing', () => {
  it('renews its own certificates, expired ones too, and takes no other authority’s', async () => {
    const authority = await createAuthority(join(root, 'ca'), deps, { name: 'school' });
    const stranger = await createAuthority(join(root, 'other'), deps, { name: 'school' });
    const first = await authority.issue((await person('Anna')).pem, { days: 1 });
    const later = shifted(40 * DAY);
    const renewed = await (await openAuthority(join(root, 'ca'), later)).issue(first.pem);
    expect(renewed.certificate).toMatchObject({ name: 'Anna', sealingKey: first.certificate.sealingKey });
    await checkIssued(crypto, renewed.certificate, [authority.certificate], later.clock.now());
    await expect(stranger.issue(first.pem)).rejects.toMatchObject({ code: 'bad-certificate' });
  });

  it('ends with the authority, and after it there is none', async () => {
    const authority = await createAuthority(join(root, 'ca'), deps, { name: 'school', days: 10 });
    const { certificate } = await authority.issue((await person('Anna')).pem);
    expect(certificate.notAfter).toBe(authority.certificate.notAfter);
    expect(certificate.notBefore).toBeGreaterThanOrEqual(authority.certificate.notBefore);
    const late = await openAuthority(join(root, 'ca'), shifted(11 * DAY));
    await expect(late.issue((await person('Anna')).pem)).rejects.toMatchObject({ code: 'refused' });
    await expect(authority.issue((await person('Anna')).pem, { days: 0 })).rejects.toMatchObject({ code: 'bad-argument' });
  });

  it('takes a PKCS #10 request that OpenSSL made', async () => {
    const authority = await createAuthority(join(root, 'ca'), deps, { name: 'school' });
    await openssl('genpkey', '-algorithm', 'ed25519', '-out', 'key.pem');
    const [spki] = fromPem(await openssl('pkey', '-in', 'key.pem', '-pubout'));
    const nodeId = nodeIdOf(crypto, spki?.der.subarray(-32) ?? new Uint8Array());
    await openssl(
      'req',
      '-new',
      '-key',
      'key.pem',
      '-subj',
      '/CN=carl',
      '-addext',
      `subjectAltName=URI:urn:uuid:${nodeId}`,
      '-out',
      'carl.csr',
    );
    const request = await readFile(join(root, 'carl.csr'), 'utf8');
    const { certificate } = await authority.issue(request);
    expect(certificate).toMatchObject({ name: 'carl', nodeId, sealingKey: undefined });
    const [block] = fromPem(request);
    const forged = block?.der ?? new Uint8Array();
    forged[forged.length - 5] = (forged[forged.length - 5] as number) ^ 1;
    await expect(authority.issue(toPem('CERTIFICATE REQUEST', forged))).rejects.toMatchObject({ code: 'bad-certificate' });
    await openssl('req', '-new', '-key', 'key.pem', '-subj', '/CN=carl', '-addext', 'subjectAltName=URI:urn:uuid:1', '-out', 'wrong.csr');
    await expect(authority.issue(await readFile(join(root, 'wrong.csr'), 'utf8'))).rejects.toMatchObject({
      code: 'bad-certificate',
      message: expect.stringContaining('node id'),
    });
  });

  it('refuses what is no certificate', async () => {
    const authority = await createAuthority(join(root, 'ca'), deps, { name: 'school' });
    const { pem } = await person('Anna');
    for (const text of ['', 'x', pem + pem, pem.replaceAll('CERTIFICATE', 'PRIVATE KEY')]) {
      await expect(authority.issue(text)).rejects.toMatchObject({ code: 'bad-argument' });
    }
    await expect(authority.issue(authority.pem)).rejects.toMatchObject({ code: 'bad-certificate' });
  });
});

describe('an authority of OpenSSL', () => {
  it('is one of the trusted, and what it issued is accepted', async () => {
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:3072',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '30',
      '-subj',
      '/CN=theirs',
    );
    await openssl('genpkey', '-algorithm', 'ed25519', '-out', 'key.pem');
    await openssl('req', '-new', '-key', 'key.pem', '-subj', '/CN=carl', '-out', 'carl.csr');
    await writeFile(join(root, 'ext'), 'basicConstraints=CA:FALSE\n');
    await openssl(
      'x509',
      '-req',
      '-in',
      'carl.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-days',
      '3',
      '-extfile',
      'ext',
      '-out',
      'carl.pem',
    );
    const [block] = fromPem(await readFile(join(root, 'carl.pem'), 'utf8'));
    const certificate = await parseCertificate(block?.der ?? new Uint8Array(), crypto);
    const trusted = await readAuthorities(join(root, 'ca.pem'), crypto);
    expect((await checkIssued(crypto, certificate, trusted, Date.now() + 1000)).name).toBe('theirs');
    expect(certificate).toMatchObject({ name: 'carl', issuerName: 'theirs', sealingKey: undefined });
  });

  it('is refused when its key is too short or it is no authority', async () => {
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '30',
      '-subj',
      '/CN=weak',
    );
    await expect(readAuthorities(join(root, 'ca.pem'), crypto)).rejects.toMatchObject({ code: 'bad-certificate' });
    await writeFile(join(root, 'anna.pem'), (await person('Anna')).pem);
    await expect(readAuthorities(join(root, 'anna.pem'), crypto)).rejects.toMatchObject({ code: 'bad-certificate' });
    await expect(readAuthorities(join(root, 'absent.pem'), crypto)).rejects.toMatchObject({ code: 'storage' });
  });
});
