import { type Random, utf8 } from '@parley/core';
import { openWith, sealWith } from '../crypto.ts';

/**
 * Bytes under a key that cannot be read out of this browser. They can be kept on disk and handed to other tabs (both copy the handle of a
 * key), and whoever copies the files of the browser's profile alone has nothing.
 */
export interface Sealed {
  readonly key: CryptoKey;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const NONCE_BYTES = 12;

/** `purpose` has to be the same when it is opened again. */
export async function seal(random: Random, bytes: Uint8Array, purpose: string): Promise<Sealed> {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const nonce = random.bytes(NONCE_BYTES);
  return { key, nonce, bytes: await sealWith(key, nonce, bytes, utf8(purpose)) };
}

/** Undefined when it is damaged, or was sealed for something else. */
export async function unseal({ key, nonce, bytes }: Sealed, purpose: string): Promise<Uint8Array | undefined> {
  try {
    return await openWith(key, nonce, bytes, utf8(purpose));
  } catch {
    // A key or a nonce that is none: damaged in another way.
    return undefined;
  }
}

export function isSealed(value: unknown): value is Sealed {
  if (typeof value !== 'object' || value === null) return false;
  const { key, nonce, bytes } = value as Partial<Record<keyof Sealed, unknown>>;
  return key instanceof CryptoKey && nonce instanceof Uint8Array && bytes instanceof Uint8Array;
}
