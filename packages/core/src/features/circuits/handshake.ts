import { hkdfExpand, hmac } from '../../identity/hkdf.ts';
import { purposeBytes, type Signer, signPurpose, verifyPurpose } from '../../identity/signature.ts';
import type { AgreementKey, Crypto } from '../../ports/crypto.ts';
import type { Random } from '../../ports/random.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import { concat } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import { canonicalJson } from '../../wire/json.ts';

/** The keys that a hop and the maker of a circuit share: one for what goes away from the maker, one for what comes back. 32 bytes each. */
export interface HopKeys {
  readonly forward: Uint8Array;
  readonly backward: Uint8Array;
}

/** What the hop says of it to the maker, over everybody between them. Base64. */
export interface HopAnswer {
  readonly key: string;
  readonly sig: string;
}

interface HandshakeDeps {
  readonly crypto: Crypto;
  readonly random: Random;
}

const KEY_BYTES = 32;

/** A new X25519 key, for one hop of one circuit alone. */
export const freshKey = async ({ crypto, random }: HandshakeDeps): Promise<AgreementKey> => crypto.agreementKey(random.bytes(KEY_BYTES));

/** A hop answers, with its own new key and its signature over both; the keys stay with it. `offered`: base64. Errors: `refused` for a key that is none. */
export async function answer(
  deps: HandshakeDeps,
  hop: Signer & { readonly nodeId: string },
  { key: offered, depth }: { readonly key: string; readonly depth: number },
): Promise<{ readonly said: HopAnswer; readonly keys: HopKeys }> {
  const own = await freshKey(deps);
  const key = base64(own.publicKey);
  const keys = await derive(deps.crypto, own, offered, concat(bytesOf(offered), own.publicKey), hop.nodeId);
  const sig = base64(await signPurpose(hop, 'circuit', signedText(hop.nodeId, depth, offered, key)));
  return { said: { key, sig }, keys };
}

/** The maker reads the answer of a hop whose Ed25519 key it knows. Errors: `bad-signature`, and `refused` for a key that is none. */
export async function conclude(
  crypto: Crypto,
  own: AgreementKey,
  hop: { readonly nodeId: string; readonly publicKey: Uint8Array; readonly depth: number },
  { key, sig }: HopAnswer,
): Promise<HopKeys> {
  const text = signedText(hop.nodeId, hop.depth, base64(own.publicKey), key);
  const fits = await verifyPurpose(crypto, hop.publicKey, 'circuit', text, fromBase64(sig) ?? new Uint8Array(0));
  if (!fits) throw new ParleyError('bad-signature', 'the answer is not from the hop that was meant');
  return derive(crypto, own, key, concat(own.publicKey, bytesOf(key)), hop.nodeId);
}

const signedText = (nodeId: string, depth: number, from: string, to: string): string => canonicalJson({ depth, from, node_id: nodeId, to });

/** HKDF-SHA256 (RFC 5869) of the X25519 secret, salted with both keys, the maker's first. */
async function derive(crypto: Crypto, own: AgreementKey, other: string, both: Uint8Array, nodeId: string): Promise<HopKeys> {
  const shared = await own.agree(bytesOf(other));
  // A key of small order makes a secret that everybody knows (RFC 7748 section 6.1).
  if (shared.every((byte) => byte === 0)) throw new ParleyError('refused', 'no X25519 key');
  const keys = hkdfExpand(crypto, hmac(crypto, both, shared), purposeBytes('circuit-keys', nodeId), 2 * KEY_BYTES);
  return { forward: keys.subarray(0, KEY_BYTES), backward: keys.subarray(KEY_BYTES) };
}

function bytesOf(key: string): Uint8Array {
  const bytes = fromBase64(key);
  if (bytes?.length !== KEY_BYTES) throw new ParleyError('refused', 'no X25519 key');
  return bytes;
}
