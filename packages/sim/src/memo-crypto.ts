import { type Awaitable, type Crypto, isPromise, LruMap } from '@parley/core';
import type { VirtualClock } from './clock.ts';

/** Verifications that are remembered, unless told otherwise. */
const CAPACITY = 200_000;

/**
 * The same primitives for a whole world. Whether a signature fits is a pure function of its three inputs, so what one
 * node found out serves for all. Whatever answers later (scrypt in a thread of its own) makes the world's time wait.
 */
export function memoCrypto(crypto: Crypto, clock: VirtualClock, capacity: number = CAPACITY): Crypto {
  const known = new LruMap<string, Awaitable<boolean>>(capacity);
  const tied = <T>(value: Awaitable<T>): Awaitable<T> => (isPromise(value) ? clock.external(value) : value);

  function remembered(
    kind: string,
    key: Uint8Array,
    data: Uint8Array,
    signature: Uint8Array,
    verify: () => Awaitable<boolean>,
  ): Awaitable<boolean> {
    const name = `${kind} ${key.length} ${signature.length} ${latin(key)}${latin(signature)}${latin(crypto.sha256(data))}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const result = tied(verify());
    known.set(name, result);
    if (isPromise(result)) {
      result.then(
        (value) => known.set(name, value),
        () => known.delete(name),
      );
    }
    return result;
  }

  return {
    sha256: (data) => crypto.sha256(data),
    // Off the thread its order would be chance.
    digest: (data) => crypto.sha256(data),
    hasher: () => crypto.hasher(),
    signingKey: (seed) => tied(crypto.signingKey(seed)),
    agreementKey: (secret) => tied(crypto.agreementKey(secret)),
    verify: (key, data, signature) => remembered('v', key, data, signature, () => crypto.verify(key, data, signature)),
    verifyIssuer: (spki, data, signature) => remembered('i', spki, data, signature, () => crypto.verifyIssuer(spki, data, signature)),
    scrypt: (passphrase, salt, cost) => clock.external(crypto.scrypt(passphrase, salt, cost)),
    seal: (key, nonce, plaintext, aad) => tied(crypto.seal(key, nonce, plaintext, aad)),
    open: (key, nonce, ciphertext, aad) => tied(crypto.open(key, nonce, ciphertext, aad)),
  };
}

/** One character a byte. */
function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
