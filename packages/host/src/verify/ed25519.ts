import sodium from 'sodium-native';

export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

export function isShaped(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return publicKey.length === PUBLIC_KEY_BYTES && signature.length === SIGNATURE_BYTES;
}

/**
 * libsodium refuses what RFC 8032 lets a verifier refuse and every node has to agree on: S not below the group order, a public key that
 * is not canonical or of small order, an R of small order.
 */
export function verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  return isShaped(publicKey, signature) && sodium.crypto_sign_verify_detached(signature, data, publicKey);
}
