import { createCrypto, createRandom } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { fromHex, utf8 } from '../util/bytes.ts';
import { SEALING_BYTES, seal, unseal } from './hpke.ts';

const crypto = createCrypto();
const deps = { crypto, random: createRandom() };
const key = crypto.agreementKey(Uint8Array.from({ length: 32 }, (_, i) => 0x61 + i));
const own = { sealingKey: key.publicKey, agree: (other: Uint8Array) => key.agree(other) };
const INFO = utf8('parley/test/1');

describe('HPKE', () => {
  it('opens what another implementation sealed', async () => {
    // By the npm package hpke 1.1.7, with KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256 and AEAD_AES_256_GCM.
    const sealed =
      '7f10344b9706455d198c320fccaadcd2bb0b4acafcb244968f8cce64717fb733' + '3a5221c9061386a148f0c611b8d56f223e72f9a737f5f1c4042d0a';
    const opened = await unseal(crypto, own, INFO, fromHex(sealed) as Uint8Array, utf8('around'));
    expect(new TextDecoder().decode(opened)).toBe('Gruess dich');
  });

  it('opens what it sealed, and nothing that was changed or is for something else', async () => {
    const sealed = await seal(deps, own.sealingKey, INFO, utf8('secret'));
    expect(sealed.length).toBe(6 + SEALING_BYTES);
    expect(await unseal(crypto, own, INFO, sealed)).toEqual(utf8('secret'));
    expect(await unseal(crypto, own, utf8('another'), sealed)).toBeUndefined();
    expect(await unseal(crypto, own, INFO, sealed, utf8('more'))).toBeUndefined();
    for (const at of [0, 31, 32, sealed.length - 1]) {
      const changed = new Uint8Array(sealed);
      changed[at] = (changed[at] as number) ^ 1;
      expect(await unseal(crypto, own, INFO, changed)).toBeUndefined();
    }
    expect(await unseal(crypto, own, INFO, sealed.subarray(0, SEALING_BYTES - 1))).toBeUndefined();
    // The key of the sender is of small order.
    expect(await unseal(crypto, own, INFO, new Uint8Array(64))).toBeUndefined();
    const other = crypto.agreementKey(new Uint8Array(32).fill(9));
    expect(await unseal(crypto, { sealingKey: other.publicKey, agree: (to) => other.agree(to) }, INFO, sealed)).toBeUndefined();
  });

  it('does not seal to what is no key', async () => {
    await expect(seal(deps, new Uint8Array(32), INFO, utf8('x'))).rejects.toMatchObject({ code: 'bad-argument' });
  });
});
