import { createCrypto, createRandom } from '@parley/host';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../util/bytes.ts';
import { errorCode } from '../util/errors.ts';
import { DEFAULT_SCRYPT_COST, decryptSecret, type EncryptedSecret, encryptSecret } from './passphrase.ts';

const crypto = createCrypto();
const deps = { crypto, random: createRandom() };
/** Cheap, so that the tests are quick. */
const COST = { n: 16, r: 1, p: 1 };
const SECRET = utf8('the secret of an identity');

const reread = (encrypted: EncryptedSecret): Record<string, unknown> => JSON.parse(JSON.stringify(encrypted)) as Record<string, unknown>;

describe('a secret under a passphrase', () => {
  it('comes back with the passphrase, also in its other Unicode form', async () => {
    const encrypted = await encryptSecret(deps, SECRET, 'pässwort', COST);
    expect(JSON.stringify(encrypted)).not.toContain('secret of');
    expect(await decryptSecret(crypto, reread(encrypted), 'pässwort'.normalize('NFD'))).toEqual(SECRET);
  });

  it('is encrypted at the full cost unless told otherwise', async () => {
    const encrypted = await encryptSecret(deps, SECRET, 'x');
    expect({ n: encrypted.n, r: encrypted.r, p: encrypted.p }).toEqual(DEFAULT_SCRYPT_COST);
    expect(await decryptSecret(crypto, encrypted, 'x')).toEqual(SECRET);
  });

  it('never looks the same twice', async () => {
    const [one, other] = await Promise.all([encryptSecret(deps, SECRET, 'x', COST), encryptSecret(deps, SECRET, 'x', COST)]);
    expect(one.ciphertext).not.toBe(other.ciphertext);
    expect(one.salt).not.toBe(other.salt);
  });

  it('stays closed to another passphrase', async () => {
    const encrypted = await encryptSecret(deps, SECRET, 'right', COST);
    await expect(decryptSecret(crypto, encrypted, 'wrong')).rejects.toMatchObject({ code: 'bad-passphrase' });
  });

  it('is known as damaged, not as a wrong passphrase, when any field changed', async () => {
    const encrypted = await encryptSecret(deps, SECRET, 'right', COST);
    for (const [name, value] of Object.entries(encrypted)) {
      const changed = typeof value === 'number' ? value * 2 : value.startsWith('A') ? `B${value.slice(1)}` : `A${value.slice(1)}`;
      for (const damaged of [changed, undefined, null, [], {}, -1, '', `${value}=`]) {
        const file = { ...reread(encrypted), [name]: damaged };
        expect(errorCode(await decryptSecret(crypto, file, 'right').catch((error: unknown) => error)), `${name} ${damaged}`).toBe(
          'corrupt',
        );
      }
    }
  });

  it('refuses a file that demands too much, before it derives anything', async () => {
    const encrypted = reread(await encryptSecret(deps, SECRET, 'right', COST));
    let derived = 0;
    const counting = {
      ...crypto,
      scrypt: (...given: Parameters<typeof crypto.scrypt>) => {
        derived++;
        return crypto.scrypt(...given);
      },
    };
    const huge = [
      { n: 2 ** 30 },
      { n: 2 ** 23, r: 8 },
      { p: 2 ** 30 },
      { r: 2 ** 40 },
      { n: 3 },
      { n: 1 },
      { n: 16.5 },
      { n: Number.POSITIVE_INFINITY },
    ];
    for (const cost of huge) {
      await expect(decryptSecret(counting, { ...encrypted, ...cost }, 'right')).rejects.toMatchObject({ code: 'corrupt' });
    }
    expect(derived).toBe(0);
  });

  it('takes anything for a file without another error than corrupt', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (file) => {
        await expect(decryptSecret(crypto, file, 'right')).rejects.toMatchObject({ code: 'corrupt' });
      }),
    );
  });

  it('refuses an empty passphrase and a secret too large', async () => {
    await expect(encryptSecret(deps, SECRET, '', COST)).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(encryptSecret(deps, new Uint8Array(16_385), 'x', COST)).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(encryptSecret(deps, SECRET, 'x', { n: 2 ** 24, r: 8, p: 1 })).rejects.toMatchObject({ code: 'bad-argument' });
  });
});
