import { createHash, generateKeyPairSync, sign as nodeSign } from 'node:crypto';
import { concat, ed25519Spki, fromHex, hex, utf8 } from '@parley/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCrypto } from './crypto.ts';

const crypto = createCrypto();

function bytes(text: string): Uint8Array {
  const result = fromHex(text);
  if (!result) throw new Error(`not hex: ${text}`);
  return result;
}

/** Little-endian, as Ed25519 has its numbers. */
function little(number: bigint): Uint8Array {
  const result = new Uint8Array(32);
  for (let i = 0; i < 32; i++) result[i] = Number((number >> BigInt(8 * i)) & 255n);
  return result;
}

function number(littleEndian: Uint8Array): bigint {
  return littleEndian.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const FIELD = 2n ** 255n - 19n;
/** The base point, y = 4/5. */
const BASE = bytes(`58${'66'.repeat(31)}`);

describe('SHA-256 (FIPS 180-4)', () => {
  it('hashes', () => {
    expect(hex(crypto.sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hex(crypto.sha256(new Uint8Array()))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('gives a plain array whose slices are copies', () => {
    const digest = crypto.sha256(utf8('abc'));
    digest.slice(0, 1).fill(0);
    expect(digest[0]).toBe(0xba);
  });
});

describe('Ed25519 (RFC 8032 section 7.1)', () => {
  const vectors = [
    {
      seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      message: '',
      signature:
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    },
    {
      seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      message: '72',
      signature:
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    },
    {
      seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      message: 'af82',
      signature:
        '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    },
  ];
  for (const [index, { seed, publicKey, message, signature }] of vectors.entries()) {
    it(`signs and verifies vector ${index + 1}`, () => {
      const key = crypto.signingKey(bytes(seed));
      expect(hex(key.publicKey)).toBe(publicKey);
      expect(hex(key.sign(bytes(message)))).toBe(signature);
      expect(crypto.verify(bytes(publicKey), bytes(message), bytes(signature))).toBe(true);
      expect(crypto.verify(bytes(publicKey), bytes(`${message}00`), bytes(signature))).toBe(false);
    });
  }

  it('refuses a seed of the wrong length', () => {
    expect(() => crypto.signingKey(new Uint8Array(31))).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });

  const data = utf8('strict');
  const seed = new Uint8Array(32).fill(9);
  const key = crypto.signingKey(seed);

  it('refuses S that is not below the group order', () => {
    const signature = key.sign(data);
    const s = number(signature.subarray(32));
    expect(crypto.verify(key.publicKey, data, concat(signature.subarray(0, 32), little(s)))).toBe(true);
    expect(crypto.verify(key.publicKey, data, concat(signature.subarray(0, 32), little(s + ORDER)))).toBe(false);
  });

  // With the neutral element as public key, S = 1 and R = B fulfil the equation for every message.
  const forged = concat(BASE, little(1n));

  it('refuses a public key of small order', () => {
    expect(crypto.verify(little(1n), data, forged)).toBe(false);
  });

  it('refuses a public key that is not canonical', () => {
    expect(crypto.verify(little(FIELD + 1n), data, forged)).toBe(false);
  });

  it('refuses R of small order or not canonical', () => {
    const expanded = createHash('sha512').update(seed).digest();
    const scalar = new Uint8Array(expanded.subarray(0, 32));
    scalar[0] = (scalar[0] as number) & 248;
    scalar[31] = ((scalar[31] as number) & 63) | 64;
    for (const r of [1n, FIELD + 1n]) {
      const challenge = createHash('sha512')
        .update(concat(little(r), key.publicKey, data))
        .digest();
      const signature = concat(little(r), little((number(challenge) * number(scalar)) % ORDER));
      expect(crypto.verify(key.publicKey, data, signature)).toBe(false);
    }
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 80 }), (k, m, s) => {
        expect(crypto.verify(k, m, s)).toBe(false);
      }),
      { numRuns: 300 },
    );
    expect(crypto.verify(new Uint8Array(), data, new Uint8Array())).toBe(false);
  });
});

describe('X25519 (RFC 7748)', () => {
  it('agrees as in section 6.1', () => {
    const alice = crypto.agreementKey(bytes('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'));
    const bob = crypto.agreementKey(bytes('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'));
    expect(hex(alice.publicKey)).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    expect(hex(bob.publicKey)).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
    expect(hex(alice.agree(bob.publicKey))).toBe(shared);
    expect(hex(bob.agree(alice.publicKey))).toBe(shared);
  });

  it('multiplies as in section 5.2', () => {
    const key = crypto.agreementKey(bytes('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4'));
    const u = bytes('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c');
    expect(hex(key.agree(u))).toBe('c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552');
  });

  it('refuses keys of small order and of the wrong length', () => {
    const key = crypto.agreementKey(new Uint8Array(32).fill(3));
    for (const other of [little(0n), little(1n), little(FIELD), new Uint8Array(31)]) {
      expect(() => key.agree(other)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
    }
  });
});

describe('verifyIssuer', () => {
  const data = utf8('issued');
  const rsa = (modulusLength: number, type: 'rsa' | 'rsa-pss' = 'rsa') => {
    const pair = generateKeyPairSync(type as 'rsa', { modulusLength });
    return { ...pair, spki: new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' })) };
  };

  it('takes RSA of 3072 bits with PKCS #1 v1.5 and SHA-256, and Ed25519', () => {
    const { privateKey, spki } = rsa(3072);
    const signature = nodeSign('sha256', data, privateKey);
    expect(crypto.verifyIssuer(spki, data, signature)).toBe(true);
    expect(crypto.verifyIssuer(spki, utf8('other'), signature)).toBe(false);
    expect(crypto.verifyIssuer(spki, data, nodeSign('sha384', data, privateKey))).toBe(false);
    const key = crypto.signingKey(new Uint8Array(32).fill(1));
    expect(crypto.verifyIssuer(ed25519Spki(key.publicKey), data, key.sign(data))).toBe(true);
  });

  it('refuses shorter RSA keys and other kinds, and never throws', () => {
    const weak = rsa(2048);
    expect(crypto.verifyIssuer(weak.spki, data, nodeSign('sha256', data, weak.privateKey))).toBe(false);
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const spki = new Uint8Array(ec.publicKey.export({ format: 'der', type: 'spki' }));
    expect(crypto.verifyIssuer(spki, data, nodeSign('sha256', data, ec.privateKey))).toBe(false);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), (k, s) => {
        expect(crypto.verifyIssuer(k, data, s)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});

describe('scrypt (RFC 7914 section 12)', () => {
  it('derives', async () => {
    const derive = async (passphrase: string, salt: string, n: number, r: number, p: number): Promise<string> =>
      hex(await crypto.scrypt(passphrase, utf8(salt), { n, r, p }));
    expect(await derive('', '', 16, 1, 1)).toBe('77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442');
    expect(await derive('password', 'NaCl', 1024, 8, 16)).toBe('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162');
    expect(await derive('pleaseletmein', 'SodiumChloride', 16384, 8, 1)).toBe(
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2',
    );
  });

  it('refuses impossible parameters with an error of ours', async () => {
    await expect(crypto.scrypt('x', utf8('salt'), { n: 3, r: 8, p: 1 })).rejects.toMatchObject({ code: 'bad-argument' });
  });
});

describe('AES-256-GCM', () => {
  const key = bytes('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308');
  const nonce = bytes('cafebabefacedbaddecaf888');
  const aad = bytes('feedfacedeadbeeffeedfacedeadbeefabaddad2');
  const plaintext = bytes(
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
  );

  it('seals as the published test case 16, and opens', () => {
    const sealed = crypto.seal(key, nonce, plaintext, aad);
    expect(hex(sealed)).toBe(
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
    );
    expect(crypto.open(key, nonce, sealed, aad)).toEqual(plaintext);
  });

  it('opens nothing that was changed', () => {
    const sealed = crypto.seal(key, nonce, plaintext, aad);
    for (let at = 0; at < sealed.length; at += 7) {
      const changed = sealed.slice();
      changed[at] = (changed[at] as number) ^ 1;
      expect(crypto.open(key, nonce, changed, aad)).toBeUndefined();
    }
    expect(crypto.open(key, nonce, sealed, utf8('other'))).toBeUndefined();
    expect(crypto.open(key, nonce, sealed.subarray(0, 15), aad)).toBeUndefined();
    expect(() => crypto.seal(key, nonce.subarray(1), plaintext, aad)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });
});
