import { createCrypto, createRandom } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { equalBytes, hex, utf8 } from '../util/bytes.ts';
import { parseCertificate } from './certificate.ts';
import { createIdentity, createSecret, identityFromSecret, splitSecret } from './identity.ts';
import { keyIdOf, nodeIdOf } from './ids.ts';

const crypto = createCrypto();
const NOW = Date.UTC(2026, 5, 1, 12, 30, 15, 250);
const deps = { crypto, random: createRandom(), clock: { now: () => NOW, monotonic: () => 0, after: () => ({ cancel() {} }) } };
const SEED = new Uint8Array(32).fill(7);

describe('createIdentity', () => {
  it('makes keys that fit its certificate', async () => {
    const { identity, secret } = await createIdentity(deps, { name: ' Anna ' });
    const certificate = await parseCertificate(identity.certificate, crypto);
    expect(identity).toMatchObject({
      name: 'Anna',
      nodeId: nodeIdOf(crypto, identity.publicKey),
      keyId: keyIdOf(identity.publicKey),
      sealingKey: certificate.sealingKey,
    });
    expect(certificate).toMatchObject({ selfSigned: true, name: 'Anna', publicKey: identity.publicKey, notBefore: NOW - 250 });
    expect(crypto.verify(identity.publicKey, utf8('x'), (await identity.sign(utf8('x'))) as Uint8Array)).toBe(true);
    const peer = crypto.agreementKey(new Uint8Array(32).fill(9));
    expect(await identity.agree(peer.publicKey)).toEqual(peer.agree(identity.sealingKey));
    expect(secret).toHaveLength(64);
    expect(JSON.stringify(identity)).not.toContain(JSON.stringify([...secret.subarray(0, 8)]).slice(1, -1));
  });

  it('gives the same keys for the same seed, and others without one', async () => {
    const [one, same, other] = [
      await createIdentity(deps, { name: 'a', seed: SEED }),
      await createIdentity(deps, { name: 'b', seed: SEED }),
      await createIdentity(deps, { name: 'a' }),
    ];
    expect(same.identity.keyId).toBe(one.identity.keyId);
    expect(same.identity.sealingKey).toEqual(one.identity.sealingKey);
    expect(other.identity.keyId).not.toBe(one.identity.keyId);
  });

  it('keeps its two secrets apart', () => {
    const { signing, sealing } = splitSecret(createSecret(deps, SEED));
    expect(signing).toEqual(SEED);
    expect(hex(sealing)).toBe(hex(crypto.sha256(Uint8Array.of(...utf8('parley/sealing-seed/1\n'), ...SEED))));
    const random = splitSecret(createSecret(deps));
    expect(equalBytes(random.signing, random.sealing)).toBe(false);
  });

  it('refuses names and seeds that cannot be used', async () => {
    await expect(createIdentity(deps, { name: 'a#b' })).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(createIdentity(deps, { name: 'a', seed: SEED.subarray(1) })).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(identityFromSecret(deps, { name: 'a', secret: SEED })).rejects.toMatchObject({ code: 'bad-argument' });
  });
});

describe('identityFromSecret', () => {
  it('takes the certificate that it had, name and all', async () => {
    const { identity, secret } = await createIdentity(deps, { name: 'Anna' });
    const again = await identityFromSecret(deps, { secret, certificate: identity.certificate });
    expect(again).toMatchObject({ name: 'Anna', keyId: identity.keyId, certificate: identity.certificate });
  });

  it("refuses another's certificate, and one with another sealing key", async () => {
    const one = await createIdentity(deps, { name: 'Anna' });
    const other = await createIdentity(deps, { name: 'Ben' });
    const attempt = identityFromSecret(deps, { secret: one.secret, certificate: other.identity.certificate });
    await expect(attempt).rejects.toMatchObject({ code: 'bad-certificate', message: expect.stringContaining('another key') });
    const mixed = Uint8Array.of(...one.secret.subarray(0, 32), ...other.secret.subarray(32));
    const attempt2 = identityFromSecret(deps, { secret: mixed, certificate: one.identity.certificate });
    await expect(attempt2).rejects.toMatchObject({ code: 'bad-certificate', message: expect.stringContaining('sealing key') });
  });
});
