import { hash } from 'node:crypto';
import { type AgreementKey, type Crypto, concat, equalBytes, isPromise, latin, ParleyError, type SigningKey } from '@parley/core';

function now<T>(value: T | Promise<T>): T {
  if (isPromise(value)) throw new ParleyError('unsupported', 'a simulated world wants primitives that answer at once');
  return value;
}

export interface WorldCrypto extends Crypto {
  /** The key pair to these 32 bytes, whether or not they are a point of the curve: whoever looks for a key with a certain id makes none but the one that fits. */
  keyOf(publicKey: Uint8Array): SigningKey;
}

/**
 * The primitives of a world of many thousand servers. Keys are those of `crypto`; what is done with them is a hash: a signature is SHA-512 of
 * the secret and the data, made again by whoever checks it, since this world has all secrets, and two keys agree on the hash of both. Lengths
 * and answers are the same, so nodes do the same, bit for bit but for the signatures themselves; what they cost is not measured here.
 */
export function worldCrypto(crypto: Crypto): WorldCrypto {
  const secrets = new Map<string, Uint8Array>();
  const tag = (secret: Uint8Array, data: Uint8Array): Uint8Array => new Uint8Array(hash('sha512', concat(secret, data), 'buffer'));
  return {
    ...crypto,
    signingKey(seed): SigningKey {
      const secret = new Uint8Array(seed);
      const { publicKey } = now(crypto.signingKey(seed));
      secrets.set(latin(publicKey), secret);
      return { publicKey, sign: (data) => tag(secret, data) };
    },
    keyOf(publicKey): SigningKey {
      const secret = crypto.sha256(publicKey);
      secrets.set(latin(publicKey), secret);
      return { publicKey, sign: (data) => tag(secret, data) };
    },
    agreementKey(secret): AgreementKey {
      const { publicKey } = now(crypto.agreementKey(secret));
      const own = latin(publicKey);
      return {
        publicKey,
        agree: (other) => crypto.sha256(own < latin(other) ? concat(publicKey, other) : concat(other, publicKey)),
      };
    },
    verify(publicKey, data, signature) {
      const secret = secrets.get(latin(publicKey));
      return secret !== undefined && equalBytes(tag(secret, data), signature);
    },
  };
}
