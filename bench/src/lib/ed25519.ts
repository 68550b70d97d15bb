import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import sodium from 'sodium-native';
import { now } from './time.ts';

export const signatureLength = 64;

/** Ed25519 with one key pair, as one library does it. */
export interface Ed25519 {
  readonly library: string;
  sign(message: Uint8Array): Uint8Array;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** A DER PrivateKeyInfo for an Ed25519 seed, up to the seed itself (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

function withNode(seed: Buffer): Ed25519 {
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  return {
    library: 'node:crypto',
    sign: (message) => sign(null, message, privateKey),
    verify: (message, signature) => verify(null, message, publicKey, signature),
  };
}

function withSodium(seed: Buffer): Ed25519 {
  const publicKey = Buffer.alloc(32);
  const secretKey = Buffer.alloc(64);
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
  return {
    library: 'sodium-native',
    sign(message) {
      const signature = Buffer.alloc(signatureLength);
      sodium.crypto_sign_detached(signature, message, secretKey);
      return signature;
    },
    verify: (message, signature) => sodium.crypto_sign_verify_detached(signature, message, publicKey),
  };
}

/** Long enough to compile the code and to tell one library from the other. */
const trialMs = 60;

function operationsIn(ms: number, operation: () => unknown): number {
  let count = 0;
  for (const end = now() + ms; now() < end; count++) operation();
  return count;
}

/** The library that verifies faster on this machine, with the key pair of `seed` (32 bytes). */
export function fastestEd25519(seed: Buffer): Ed25519 {
  const candidates = [withSodium(seed), withNode(seed)].map((each) => {
    const message = Buffer.alloc(200, 'm');
    const signature = each.sign(message);
    if (!each.verify(message, signature)) throw new Error(`${each.library} refuses its own signature`);
    return { each, count: operationsIn(trialMs, () => each.verify(message, signature)) };
  });
  const [fastest] = candidates.toSorted((a, b) => b.count - a.count);
  if (fastest === undefined) throw new Error('no library');
  return fastest.each;
}
