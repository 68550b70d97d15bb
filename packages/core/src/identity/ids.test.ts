import { createHash, createPublicKey } from 'node:crypto';
import { createCrypto } from '@parley/host';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, utf8 } from '../util/bytes.ts';
import { ed25519FromSpki, ed25519Spki, KeyBook, keyIdOf, nodeIdOf, publicKeyOf } from './ids.ts';

const crypto = createCrypto();
const key32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
/** The public key of RFC 8032 section 7.1, test 1. */
const RFC_KEY = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a') as Uint8Array;

describe('node id', () => {
  it('is made of the digest of the SubjectPublicKeyInfo that OpenSSL writes', () => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(RFC_KEY).toString('base64url') };
    const spki = createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'der', type: 'spki' });
    expect(ed25519Spki(RFC_KEY)).toEqual(new Uint8Array(spki));
    const digest = createHash('sha256').update(spki).digest('hex');
    const id = nodeIdOf(crypto, RFC_KEY);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    // All but the six bits of version and variant.
    const plain = id.replaceAll('-', '');
    expect(plain.slice(0, 12)).toBe(digest.slice(0, 12));
    expect(plain.slice(13, 16)).toBe(digest.slice(13, 16));
    expect(plain.slice(17)).toBe(digest.slice(17, 32));
  });

  it('refuses keys of another length', () => {
    expect(() => nodeIdOf(crypto, RFC_KEY.subarray(1))).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });

  it('has a way back from the SubjectPublicKeyInfo, for Ed25519 alone', () => {
    const spki = ed25519Spki(RFC_KEY);
    expect(ed25519FromSpki(spki)).toEqual(RFC_KEY);
    const x25519 = spki.slice();
    x25519[8] = 0x6e;
    expect(ed25519FromSpki(x25519)).toBeUndefined();
    expect(ed25519FromSpki(spki.subarray(0, 43))).toBeUndefined();
  });
});

describe('key id', () => {
  it('is base58btc behind key_', () => {
    expect(keyIdOf(RFC_KEY)).toBe('key_FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z');
    expect(keyIdOf(new Uint8Array(32))).toBe(`key_${'1'.repeat(32)}`);
  });

  it('leads back to the key', () => {
    fc.assert(
      fc.property(key32, (key) => {
        expect(publicKeyOf(keyIdOf(key))).toEqual(key);
      }),
    );
  });

  it('is the only text that names its key', () => {
    const text = fc.stringMatching(/^key_[1-9A-HJ-NP-Za-km-z]{32,44}$/);
    fc.assert(
      fc.property(text, (keyId) => {
        const key = publicKeyOf(keyId);
        if (key) expect(keyIdOf(key)).toBe(keyId);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused when malformed', () => {
    const good = keyIdOf(RFC_KEY);
    const bad = ['', 'key_', good.slice(4), `KEY_${good.slice(4)}`, good.slice(0, -2), `${good}1`, `${good.slice(0, -1)}0`, ` ${good}`];
    for (const keyId of [
      ...bad,
      good.replace('key_', 'key_1'),
      `key_${'z'.repeat(44)}`,
      `key_${'1'.repeat(44)}`,
      `key_${'é'.repeat(40)}`,
    ]) {
      expect(publicKeyOf(keyId), keyId).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.string(), (keyId) => {
        expect(publicKeyOf(keyId)).toBeUndefined();
      }),
    );
  });
});

describe('KeyBook', () => {
  it('knows a key under all of its names', () => {
    const book = new KeyBook(crypto);
    const known = book.resolve(keyIdOf(RFC_KEY));
    expect(known).toEqual({ keyId: keyIdOf(RFC_KEY), nodeId: nodeIdOf(crypto, RFC_KEY), publicKey: RFC_KEY });
    expect(book.of(RFC_KEY)).toBe(known);
    expect(book.resolve('key_nonsense')).toBeUndefined();
  });

  it('works an id out once, and stays within its bounds', () => {
    let hashed = 0;
    const counting = {
      ...crypto,
      sha256: (data: Uint8Array) => {
        hashed++;
        return crypto.sha256(data);
      },
    };
    const book = new KeyBook(counting, 2);
    const ids = ['a', 'b', 'c'].map((text) => keyIdOf(crypto.sha256(utf8(text))));
    for (const id of [...ids.slice(0, 2), ...ids.slice(0, 2)]) book.resolve(id);
    expect(hashed).toBe(2);
    book.resolve(ids[2] as string);
    book.resolve(ids[1] as string);
    expect(hashed).toBe(3);
    book.resolve(ids[0] as string);
    expect(hashed).toBe(4);
  });

  it('does not change with the array that it was given', () => {
    const book = new KeyBook(crypto);
    const given = RFC_KEY.slice();
    const known = book.of(given);
    given.fill(0);
    expect(known.publicKey).toEqual(RFC_KEY);
  });
});
