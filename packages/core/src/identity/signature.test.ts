import { createCrypto } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { purposeBytes, signPurpose, verifyPurpose } from './signature.ts';

const crypto = createCrypto();
const key = crypto.signingKey(new Uint8Array(32).fill(4));

describe('signatures for a purpose', () => {
  it('cover the purpose, one line feed, and the text in UTF-8', () => {
    expect(Buffer.from(purposeBytes('auth', '{"a":"é"}')).toString('hex')).toBe(
      Buffer.from('parley/auth/1\n{"a":"é"}', 'utf8').toString('hex'),
    );
  });

  it('fit their own purpose and text alone', async () => {
    const signature = await signPurpose(key, 'link', 'text');
    expect(verifyPurpose(crypto, key.publicKey, 'link', 'text', signature)).toBe(true);
    expect(verifyPurpose(crypto, key.publicKey, 'auth', 'text', signature)).toBe(false);
    expect(verifyPurpose(crypto, key.publicKey, 'link', 'text ', signature)).toBe(false);
    expect(verifyPurpose(crypto, key.publicKey.slice(1), 'link', 'text', signature)).toBe(false);
  });
});
