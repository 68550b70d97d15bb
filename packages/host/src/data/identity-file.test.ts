import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { base64 } from '@parley/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../authority.ts';
import { createCrypto } from '../crypto.ts';
import { createClock, createRandom } from '../platform.ts';
import {
  changePassphrase,
  createIdentityFile,
  exportCertificate,
  identityPath,
  installCertificate,
  loadIdentity,
  openIdentity,
  privateKeyOf,
  readPublicIdentity,
  renameIdentity,
} from './identity-file.ts';
import { fromPem, toPem } from './pem.ts';

const crypto = createCrypto();
const deps = { crypto, random: createRandom(), clock: createClock() };
/** Cheap, so that the tests are quick. */
const COST = { n: 16, r: 1, p: 1 };
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'parley-identity-'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const fields = async (): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(identityPath(root), 'utf8')) as Record<string, unknown>;
const rewrite = (content: unknown): Promise<void> =>
  writeFile(identityPath(root), typeof content === 'string' ? content : JSON.stringify(content));

describe('identity file', () => {
  it('is made once and loaded from then on', async () => {
    const made = await openIdentity(root, deps, { name: 'Anna' });
    const loaded = await openIdentity(root, deps, { name: 'Other' });
    expect(loaded.identity).toMatchObject({ name: 'Anna', keyId: made.identity.keyId, certificate: made.identity.certificate });
    expect(loaded.secret).toEqual(made.secret);
    expect((await stat(identityPath(root))).mode & 0o777).toBe(0o600);
    await expect(createIdentityFile(root, deps, { name: 'Ben' })).rejects.toMatchObject({ code: 'conflict' });
    expect((await loadIdentity(root, deps)).identity.keyId).toBe(made.identity.keyId);
  });

  it('says when there is none', async () => {
    await expect(loadIdentity(root, deps)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('keeps the secret under a passphrase', async () => {
    const { secret, identity } = await openIdentity(root, deps, { name: 'Anna', passphrase: 'right', cost: COST });
    expect(await readFile(identityPath(root), 'utf8')).not.toContain(base64(secret).slice(0, 20));
    expect((await loadIdentity(root, deps, 'right')).secret).toEqual(secret);
    for (const passphrase of ['wrong', '', undefined]) {
      await expect(loadIdentity(root, deps, passphrase)).rejects.toMatchObject({ code: 'bad-passphrase' });
    }
    expect(await readPublicIdentity(root, crypto)).toMatchObject({ name: 'Anna', keyId: identity.keyId, encrypted: true });
  });

  it('changes its passphrase, and loses it', async () => {
    const { identity } = await createIdentityFile(root, deps, { name: 'Anna' });
    await changePassphrase(root, deps, undefined, { passphrase: 'one', cost: COST });
    await expect(loadIdentity(root, deps)).rejects.toMatchObject({ code: 'bad-passphrase' });
    await changePassphrase(root, deps, 'one', { passphrase: 'two', cost: COST });
    await expect(loadIdentity(root, deps, 'one')).rejects.toMatchObject({ code: 'bad-passphrase' });
    await changePassphrase(root, deps, 'two', {});
    expect(await loadIdentity(root, deps)).toMatchObject({ encrypted: false, identity: { keyId: identity.keyId } });
  });

  it('is refused while others may read it', async () => {
    await createIdentityFile(root, deps, { name: 'Anna' });
    for (const mode of [0o640, 0o604, 0o660]) {
      await chmod(identityPath(root), mode);
      await expect(loadIdentity(root, deps)).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('chmod 600') });
    }
    await chmod(identityPath(root), 0o400);
    await loadIdentity(root, deps);
  });

  it('is corrupt in whatever way it is damaged, and left as it is', async () => {
    const other = await createIdentityFile(root, deps, { name: 'Ben' });
    await rm(identityPath(root));
    await createIdentityFile(root, deps, { name: 'Anna' });
    const good = await fields();
    const text = await readFile(identityPath(root), 'utf8');
    const damages: unknown[] = [
      '',
      text.slice(0, 100),
      'null',
      '[]',
      { ...good, version: 2 },
      { ...good, certificate: undefined },
      { ...good, certificate: 'AAAA' },
      { ...good, certificate: base64(other.identity.certificate) },
      { ...good, secret: undefined },
      { ...good, secret: 'no base64' },
      { ...good, secret: 'AAAA' },
      { ...good, secret: base64(other.secret) },
      { ...good, encrypted: {} },
      { ...good, secret: undefined, encrypted: {} },
      ' '.repeat(300_000),
    ];
    for (const damage of damages) {
      await rewrite(damage);
      const before = await readFile(identityPath(root), 'utf8');
      await expect(openIdentity(root, deps, { name: 'Carl', passphrase: 'x' }), before.slice(0, 300)).rejects.toMatchObject({
        code: 'corrupt',
      });
      expect(await readFile(identityPath(root), 'utf8')).toBe(before);
    }
  });

  it('never shows what is in it when it cannot be read', async () => {
    const { secret } = await createIdentityFile(root, deps, { name: 'Anna' });
    await rewrite((await readFile(identityPath(root), 'utf8')).replace(/"secret": /, '"secret" '));
    const error = await loadIdentity(root, deps).catch((thrown: unknown) => thrown);
    const shown = `${String(error)} ${JSON.stringify(error)} ${String((error as Error).cause)}`;
    expect(shown).toContain('not JSON');
    expect(shown).not.toContain(base64(secret).slice(0, 8));
  });

  it('takes another name', async () => {
    const made = await createIdentityFile(root, deps, { name: 'Anna', passphrase: 'p', cost: COST });
    const renamed = await renameIdentity(root, deps, 'Anna K.', 'p');
    expect(renamed.identity).toMatchObject({ name: 'Anna K.', keyId: made.identity.keyId });
    expect((await loadIdentity(root, deps, 'p')).identity.name).toBe('Anna K.');
    await expect(renameIdentity(root, deps, 'a#b', 'p')).rejects.toMatchObject({ code: 'bad-argument' });
  });

  it('gives the key that TLS needs', async () => {
    const { identity, secret } = await createIdentityFile(root, deps, { name: 'Anna' });
    const jwk = privateKeyOf(secret).export({ format: 'jwk' });
    expect(jwk.x).toBe(Buffer.from(identity.publicKey).toString('base64url'));
  });
});

describe('an issued certificate', () => {
  it('is installed without the passphrase, and used from then on', async () => {
    const authority = await createAuthority(join(root, 'ca'), deps, { name: 'school' });
    const { identity } = await createIdentityFile(root, deps, { name: 'Anna', passphrase: 'p', cost: COST });
    const issued = await authority.issue(await exportCertificate(root, crypto), { name: 'Anna K.' });
    await installCertificate(root, crypto, issued.pem);
    const loaded = await loadIdentity(root, deps, 'p');
    expect(loaded.identity).toMatchObject({ name: 'Anna K.', keyId: identity.keyId, certificate: issued.certificate.der });
    expect((await readPublicIdentity(root, crypto)).certificate.issuerName).toBe('school');
    await expect(renameIdentity(root, deps, 'Other', 'p')).rejects.toMatchObject({ code: 'refused' });
    expect(fromPem(await exportCertificate(root, crypto))[0]?.der).toEqual(issued.certificate.der);
  });

  it("is refused when it is another's, or no certificate", async () => {
    const { identity: other } = await createIdentityFile(root, deps, { name: 'Ben' });
    await rm(identityPath(root));
    await createIdentityFile(root, deps, { name: 'Anna' });
    const before = await fields();
    const refused: [string, string][] = [
      [toPem('CERTIFICATE', other.certificate), 'bad-certificate'],
      [toPem('CERTIFICATE', Uint8Array.of(1)), 'bad-certificate'],
      [toPem('PRIVATE KEY', other.certificate), 'bad-argument'],
      ['nothing', 'bad-argument'],
    ];
    for (const [pem, code] of refused) await expect(installCertificate(root, crypto, pem)).rejects.toMatchObject({ code });
    expect(await fields()).toEqual(before);
  });
});
