import { hkdfExpand, hmac } from '../../identity/hkdf.ts';
import { AES_128, deriveSecret, seal, unseal } from '../../identity/hpke.ts';
import type { Identity } from '../../identity/identity.ts';
import type { AgreementKey, Crypto } from '../../ports/crypto.ts';
import type { Random } from '../../ports/random.ts';
import { equalBytes } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';

const KEY_BYTES = 32;
const NONE = new Uint8Array(0);

interface PrivateKey {
  readonly secret: Uint8Array;
  readonly agreement: AgreementKey;
}

/**
 * MLS's first cipher suite on our own ports: what `ts-mls` calls a `CiphersuiteImpl`. Keys are bytes, or pairs of them. The only key that
 * signs is the node's own, which is never handed over.
 */
export function mlsSuite(ports: { readonly crypto: Crypto; readonly random: Random }, identity: Identity) {
  const { crypto, random } = ports;
  const privateKey = async (secret: Uint8Array): Promise<PrivateKey> => ({ secret, agreement: await crypto.agreementKey(secret) });
  const keyPair = async (secret: Uint8Array): Promise<{ privateKey: PrivateKey; publicKey: Uint8Array }> => {
    const own = await privateKey(secret);
    return { privateKey: own, publicKey: own.agreement.publicKey };
  };
  const opened = (found: Uint8Array | undefined): Uint8Array => {
    if (!found) throw new ParleyError('bad-message', 'it does not open');
    return found;
  };
  const unused = async (): Promise<never> => {
    throw new ParleyError('unsupported', 'nobody joins a direct conversation from outside');
  };
  return {
    name: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519' as const,
    hash: {
      digest: async (data: Uint8Array) => crypto.sha256(data),
      mac: async (key: Uint8Array, data: Uint8Array) => hmac(crypto, key, data),
      verifyMac: async (key: Uint8Array, mac: Uint8Array, data: Uint8Array) => equalBytes(hmac(crypto, key, data), mac),
    },
    kdf: {
      size: KEY_BYTES,
      extract: async (salt: Uint8Array, ikm: Uint8Array) => hmac(crypto, salt, ikm),
      expand: async (prk: Uint8Array, info: Uint8Array, length: number) => hkdfExpand(crypto, prk, info, length),
    },
    rng: { randomBytes: (length: number) => random.bytes(length) },
    signature: {
      sign: async (_: Uint8Array, message: Uint8Array) => identity.sign(message),
      verify: async (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => crypto.verify(key, message, signature),
      keygen: unused,
    },
    hpke: {
      keyLength: AES_128.keyBytes,
      nonceLength: 12,
      async seal(to: Uint8Array, plaintext: Uint8Array, info: Uint8Array, aad: Uint8Array = NONE) {
        const sealed = await seal(ports, to, info, plaintext, aad, AES_128);
        return { enc: sealed.slice(0, KEY_BYTES), ct: sealed.slice(KEY_BYTES) };
      },
      async open({ agreement }: PrivateKey, enc: Uint8Array, ct: Uint8Array, info: Uint8Array, aad: Uint8Array = NONE) {
        const own = { sealingKey: agreement.publicKey, agree: (other: Uint8Array) => agreement.agree(other) };
        const sealed = new Uint8Array(enc.length + ct.length);
        sealed.set(enc);
        sealed.set(ct, enc.length);
        return opened(await unseal(crypto, own, info, sealed, aad, AES_128));
      },
      encryptAead: async (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array = NONE, plaintext: Uint8Array = NONE) =>
        crypto.seal(key, nonce, plaintext, aad),
      decryptAead: async (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array = NONE, ciphertext: Uint8Array = NONE) =>
        opened(await crypto.open(key, nonce, ciphertext, aad)),
      importPrivateKey: privateKey,
      importPublicKey: async (key: Uint8Array) => key,
      exportPrivateKey: async ({ secret }: PrivateKey) => secret,
      exportPublicKey: async (key: Uint8Array) => key,
      deriveKeyPair: async (ikm: Uint8Array) => keyPair(deriveSecret(crypto, ikm)),
      generateKeyPair: async () => keyPair(random.bytes(KEY_BYTES)),
      exportSecret: unused,
      importSecret: unused,
    },
  };
}
