import { createCrypto } from '@parley/host';
import { beforeAll, describe, expect, it } from 'vitest';
import { createIdentity, type Identity } from '../../identity/identity.ts';
import { base64 } from '../../util/base64.ts';
import { answer, conclude, freshKey } from './handshake.ts';

const crypto = createCrypto();
let count = 0;
const random = { bytes: (length: number) => new Uint8Array(length).fill(++count), number: () => 0.5 };
const deps = { crypto, random, clock: { now: () => 0, monotonic: () => 0, after: () => ({ cancel() {} }) } };
let hop: Identity;
let other: Identity;

beforeAll(async () => {
  [hop, other] = (await Promise.all(
    [1, 2].map(async (seed) => (await createIdentity(deps, { name: 'hop', seed: new Uint8Array(32).fill(seed) })).identity),
  )) as [Identity, Identity];
});

const offer = async () => {
  const own = await freshKey(deps);
  return { own, key: base64(own.publicKey) };
};

describe('the handshake with a hop', () => {
  it('gives both sides the same two keys, others each time', async () => {
    const seen = new Set<string>();
    for (let i = 0; i < 2; i++) {
      const { own, key } = await offer();
      const answered = await answer(deps, hop, { key, depth: 2 });
      const keys = await conclude(crypto, own, { ...hop, depth: 2 }, answered.said);
      expect(keys).toEqual(answered.keys);
      expect(Object.keys(answered.said)).toEqual(['key', 'sig']);
      for (const half of [keys.forward, keys.backward]) seen.add(base64(half));
    }
    expect(seen.size).toBe(4);
  });

  it('fails where another answers, for another place in the circuit, or with another key than it signed', async () => {
    const { own, key } = await offer();
    const { said } = await answer(deps, hop, { key, depth: 1 });
    const { key: another } = await offer();
    const wrong = { code: 'bad-signature' };
    await expect(conclude(crypto, own, { ...other, depth: 1 }, said)).rejects.toMatchObject(wrong);
    await expect(conclude(crypto, own, { ...hop, depth: 2 }, said)).rejects.toMatchObject(wrong);
    await expect(conclude(crypto, own, { ...hop, depth: 1 }, { ...said, key: another })).rejects.toMatchObject(wrong);
    await expect(conclude(crypto, own, { ...hop, depth: 1 }, { ...said, sig: 'x' })).rejects.toMatchObject(wrong);
  });

  it('refuses keys of small order, with which everybody would know the secret, and what is no key', async () => {
    for (const key of [base64(new Uint8Array(32)), base64(Uint8Array.of(1, ...new Uint8Array(31))), base64(new Uint8Array(31)), '!'])
      await expect(answer(deps, hop, { key, depth: 1 })).rejects.toThrow();
  });
});
