import { type Crypto, concat, ed25519Spki, equalBytes, fromHex, hex, isPromise, utf8 } from '@parley/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const result = fromHex(text);
  if (!result) throw new Error(`not hex: ${text}`);
  return new Uint8Array(result);
}

/** Little-endian, as Ed25519 has its numbers. */
function little(number: bigint): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((number >> BigInt(8 * i)) & 255n));
}

function number(littleEndian: Uint8Array): bigint {
  return littleEndian.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

async function sha512(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-512', data));
}

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const FIELD = 2n ** 255n - 19n;
/** The base point, y = 4/5. */
const BASE = bytes(`58${'66'.repeat(31)}`);
/** y of a point of order eight. */
const EIGHT = number(bytes('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'));

/** RFC 8032 section 7.1: seed, public key, message, signature. */
const ED25519 = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const;

/** What every implementation of the Crypto port answers: nodes have to agree on which signatures hold, wherever they run. */
export function cryptoContract(name: string, crypto: Crypto): void {
  /** Also where the platform throws at once. */
  const later = async <T>(run: () => T | Promise<T>): Promise<T> => run();

  describe(`crypto: ${name}`, () => {
    it('hashes (FIPS 180-4), into a plain array of its own', () => {
      const digest = crypto.sha256(utf8('abc'));
      digest.slice(0, 1).fill(0);
      expect(hex(digest)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
      expect(hex(crypto.sha256(new Uint8Array()))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    });

    it.each([0, 3, 65_535, 65_536, 300_000])('hashes %i bytes beside other work as it does at once', async (length) => {
      const data = new Uint8Array(length + 5).fill(7).subarray(5);
      expect(hex(await crypto.digest(data))).toBe(hex(crypto.sha256(data)));
    });

    it('hashes what comes piece by piece', () => {
      const hasher = crypto.hasher();
      for (const piece of ['a', '', 'bc']) hasher.update(utf8(piece));
      expect(hex(hasher.digest())).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    });

    describe('Ed25519', () => {
      it.each(ED25519)('signs and verifies with seed %s', async (seed, publicKey, message, signature) => {
        const key = await crypto.signingKey(bytes(seed));
        expect(hex(key.publicKey)).toBe(publicKey);
        expect(hex(await key.sign(bytes(message)))).toBe(signature);
        expect(await crypto.verify(bytes(publicKey), bytes(message), bytes(signature))).toBe(true);
        expect(await crypto.verify(bytes(publicKey), bytes(`${message}00`), bytes(signature))).toBe(false);
      });

      it('refuses a seed of the wrong length', async () => {
        await expect(later(() => crypto.signingKey(new Uint8Array(31)))).rejects.toMatchObject({ code: 'bad-argument' });
      });

      const data = utf8('strict');
      const seed = new Uint8Array(32).fill(9);

      it('refuses S that is not below the group order', async () => {
        const key = await crypto.signingKey(seed);
        const signature = await key.sign(data);
        const s = number(signature.subarray(32));
        expect(await crypto.verify(key.publicKey, data, concat(signature.subarray(0, 32), little(s)))).toBe(true);
        expect(await crypto.verify(key.publicKey, data, concat(signature.subarray(0, 32), little(s + ORDER)))).toBe(false);
      });

      it.each([
        ['of small order', 1n],
        ['of small order, with a sign', 1n + 2n ** 255n],
        ['that is not canonical', FIELD + 1n],
      ])('refuses a public key %s', async (_, y) => {
        // With the neutral element as public key, S = 1 and R = B fulfil the equation for every message.
        expect(await crypto.verify(little(y), data, concat(BASE, little(1n)))).toBe(false);
      });

      it.each([
        ['the neutral element', 1n],
        ['the neutral element, not canonical', FIELD + 1n],
        ['a point of order two', FIELD - 1n],
        ['a point of order four', 0n],
        ['a point of order eight', EIGHT],
      ])('refuses R that is %s', async (_, r) => {
        const key = await crypto.signingKey(seed);
        const scalar = (await sha512(seed)).slice(0, 32);
        scalar[0] = (scalar[0] as number) & 248;
        scalar[31] = ((scalar[31] as number) & 63) | 64;
        const challenge = number(await sha512(concat(little(r), key.publicKey, data)));
        const signature = concat(little(r), little((challenge * number(scalar)) % ORDER));
        expect(await crypto.verify(key.publicKey, data, signature)).toBe(false);
      });

      it('answers in the order in which it is asked, whatever takes longer', async () => {
        const told: number[] = [];
        const said: Promise<unknown>[] = [];
        const all: { readonly key: Uint8Array; readonly signature: Uint8Array; readonly fits: boolean }[] = [];
        for (let at = 0; at < 40; at++) {
          const signer = await crypto.signingKey(new Uint8Array(32).fill(at + 1));
          const { publicKey } = signer;
          const signature = await signer.sign(data);
          // Some are malformed, and some do not fit: those are the quickest to see.
          if (at % 5 === 3) all.push({ key: publicKey, signature: signature.subarray(1), fits: false });
          else if (at % 5 === 4) all.push({ key: publicKey, signature: new Uint8Array(64), fits: false });
          else all.push({ key: publicKey, signature, fits: true });
        }
        for (let round = 0; round < 5; round++) {
          for (const [at, { key, signature, fits }] of all.entries()) {
            const place = round * all.length + at;
            const answer = crypto.verify(key, data, signature);
            const tell = (value: boolean): void => {
              expect(value).toBe(fits);
              told.push(place);
            };
            if (isPromise(answer)) said.push(answer.then(tell));
            else tell(answer);
          }
          // The second core begins with the first burst.
          if (round === 0) await new Promise((resolve) => setTimeout(resolve, 300));
        }
        await Promise.all(said);
        expect(told).toEqual(Array.from({ length: 5 * all.length }, (_, place) => place));
      });

      it('never throws', async () => {
        const key = fc.uint8Array({ maxLength: 40 });
        await fc.assert(
          fc.asyncProperty(key, fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 80 }), async (k, m, s) => {
            expect(await crypto.verify(k, m, s)).toBe(false);
          }),
          { numRuns: 200 },
        );
        const whole = fc.uint8Array({ minLength: 32, maxLength: 32 });
        await fc.assert(
          fc.asyncProperty(whole, fc.uint8Array({ minLength: 64, maxLength: 64 }), async (k, s) => {
            expect(await crypto.verify(k, data, s)).toBe(false);
          }),
          { numRuns: 200 },
        );
      });
    });

    describe('X25519 (RFC 7748)', () => {
      it('agrees as in section 6.1', async () => {
        const alice = await crypto.agreementKey(bytes('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'));
        const bob = await crypto.agreementKey(bytes('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'));
        expect(hex(alice.publicKey)).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
        expect(hex(bob.publicKey)).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
        const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
        expect(hex(await alice.agree(bob.publicKey))).toBe(shared);
        expect(hex(await bob.agree(alice.publicKey))).toBe(shared);
      });

      it('multiplies as in section 5.2', async () => {
        const key = await crypto.agreementKey(bytes('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4'));
        const u = bytes('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c');
        expect(hex(await key.agree(u))).toBe('c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552');
      });

      it('refuses keys of small order and of the wrong length', async () => {
        const key = await crypto.agreementKey(new Uint8Array(32).fill(3));
        for (const other of [little(0n), little(1n), little(FIELD), new Uint8Array(31)]) {
          await expect(later(() => key.agree(other))).rejects.toMatchObject({ code: 'bad-argument' });
        }
      });
    });

    describe('verifyIssuer', () => {
      const data = utf8('issued');
      const rsa = async (modulusLength: number, hash: string, name = 'RSASSA-PKCS1-v1_5') => {
        const { subtle } = globalThis.crypto;
        const algorithm = { name, modulusLength, publicExponent: Uint8Array.of(1, 0, 1), hash };
        const pair = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
        const spki = new Uint8Array(await subtle.exportKey('spki', pair.publicKey));
        const signature = new Uint8Array(await subtle.sign({ name, saltLength: 32 }, pair.privateKey, data));
        return { spki, signature };
      };

      it('takes RSA of 3072 bits with PKCS #1 v1.5 and SHA-256, and Ed25519', async () => {
        const { spki, signature } = await rsa(3072, 'SHA-256');
        expect(await crypto.verifyIssuer(spki, data, signature)).toBe(true);
        expect(await crypto.verifyIssuer(spki, utf8('other'), signature)).toBe(false);
        const key = await crypto.signingKey(new Uint8Array(32).fill(1));
        expect(await crypto.verifyIssuer(ed25519Spki(key.publicKey), data, await key.sign(data))).toBe(true);
      });

      it('refuses shorter RSA keys, other hashes, other paddings and other kinds', async () => {
        for (const { spki, signature } of [await rsa(2048, 'SHA-256'), await rsa(3072, 'SHA-384'), await rsa(3072, 'SHA-256', 'RSA-PSS')]) {
          expect(await crypto.verifyIssuer(spki, data, signature)).toBe(false);
        }
        const ec = await globalThis.crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
        const spki = new Uint8Array(await globalThis.crypto.subtle.exportKey('spki', ec.publicKey));
        expect(await crypto.verifyIssuer(spki, data, new Uint8Array(64))).toBe(false);
      });

      it('never throws', async () => {
        await fc.assert(
          fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), async (k, s) => {
            expect(await crypto.verifyIssuer(k, data, s)).toBe(false);
          }),
          { numRuns: 100 },
        );
      });
    });

    it('derives keys with scrypt (RFC 7914 section 12)', async () => {
      const derive = async (passphrase: string, salt: string, n: number, r: number, p: number): Promise<string> =>
        hex(await crypto.scrypt(passphrase, utf8(salt), { n, r, p }));
      expect(await derive('', '', 16, 1, 1)).toBe('77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442');
      expect(await derive('password', 'NaCl', 1024, 8, 16)).toBe('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162');
      await expect(crypto.scrypt('p', utf8('s'), { n: 15, r: 8, p: 1 })).rejects.toMatchObject({ code: 'bad-argument' });
    });

    describe('AES-256-GCM', () => {
      // Test case 16 of the specification of GCM.
      const key = bytes('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308');
      const nonce = bytes('cafebabefacedbaddecaf888');
      const plaintext = bytes(
        'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
      );
      const aad = bytes('feedfacedeadbeeffeedfacedeadbeefabaddad2');
      const sealed =
        '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662' +
        '76fc6ece0f4e1768cddf8853bb2d551b';

      it('seals and opens', async () => {
        expect(hex(await crypto.seal(key, nonce, plaintext, aad))).toBe(sealed);
        const opened = await crypto.open(key, nonce, bytes(sealed), aad);
        expect(opened && equalBytes(opened, plaintext)).toBe(true);
      });

      it('does the same with keys of 128 bits', async () => {
        // Test case 4, which differs in the length of the key alone.
        const short = key.subarray(0, 16);
        const other =
          '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091' +
          '5bc94fbc3221a5db94fae95ae7121a47';
        expect(hex(await crypto.seal(short, nonce, plaintext, aad))).toBe(other);
        const opened = await crypto.open(short, nonce, bytes(other), aad);
        expect(opened && equalBytes(opened, plaintext)).toBe(true);
      });

      it('does not open what was changed, and refuses keys and nonces of the wrong length', async () => {
        for (let at = 0; at < sealed.length / 2; at += 15) {
          const changed = bytes(sealed);
          changed[at] = (changed[at] as number) ^ 1;
          expect(await crypto.open(key, nonce, changed, aad)).toBeUndefined();
        }
        expect(await crypto.open(key, nonce, bytes(sealed), new Uint8Array())).toBeUndefined();
        expect(await crypto.open(key, nonce, new Uint8Array(15), aad)).toBeUndefined();
        await expect(later(() => crypto.seal(new Uint8Array(20), nonce, plaintext, aad))).rejects.toMatchObject({ code: 'bad-argument' });
        await expect(later(() => crypto.open(key, new Uint8Array(8), plaintext, aad))).rejects.toMatchObject({ code: 'bad-argument' });
      });
    });
  });
}
