import type { Crypto, ScryptCost } from '../ports/crypto.ts';
import type { Random } from '../ports/random.ts';
import { base64, fromBase64 } from '../util/base64.ts';
import { concat, equalBytes, utf8 } from '../util/bytes.ts';
import { ParleyError } from '../util/errors.ts';

/**
 * 128 MiB and about 0.4 s on a desktop processor of 2024: what a person waits for without complaint when a node starts, and what makes
 * a guess dear.
 */
export const DEFAULT_SCRYPT_COST: ScryptCost = { n: 2 ** 17, r: 8, p: 1 };
/** Most bytes that may be encrypted here. */
export const MAX_SECRET_BYTES = 16 * 1024;
/** Most memory (128 · n · r bytes) and work (n · r · p) that a file may ask for: 1 GiB, and eight times the default. */
const MAX_SCRYPT_MEMORY = 2 ** 30;
const MAX_SCRYPT_WORK = 2 ** 23;
const MAX_PASSPHRASE_CHARACTERS = 1024;
/** Fewest characters of one that a person makes up for a file which others may come to have. */
export const MIN_PASSPHRASE_CHARACTERS = 8;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Throws `bad-argument` for a passphrase that is too short to keep a backup: whoever has the file may guess at it for as long as they like. */
export function checkBackupPassphrase(passphrase: string): void {
  if (passphrase.length < MIN_PASSPHRASE_CHARACTERS)
    throw new ParleyError('bad-argument', `the passphrase of a backup has at least ${MIN_PASSPHRASE_CHARACTERS} characters`);
}

/** A secret under a passphrase, as JSON. Bytes are base64. */
export interface EncryptedSecret {
  readonly version: 1;
  readonly kdf: 'scrypt';
  readonly n: number;
  readonly r: number;
  readonly p: number;
  /** 16 bytes. */
  readonly salt: string;
  readonly cipher: 'A256GCM';
  /** 12 bytes. */
  readonly nonce: string;
  /** Ciphertext and the 16-byte tag behind it. */
  readonly ciphertext: string;
  /** SHA-256 over all of the above, so that a damaged file is not taken for a wrong passphrase. It says nothing about the secret. */
  readonly digest: string;
}

/** What the tag of the ciphertext covers beside it. */
function header(cost: ScryptCost, salt: string, nonce: string): Uint8Array<ArrayBuffer> {
  return utf8(`parley/passphrase/1\nscrypt ${cost.n} ${cost.r} ${cost.p} ${salt}\nA256GCM ${nonce}\n`);
}

/** The same passphrase typed on two systems may come in two Unicode forms. */
function normal(passphrase: string): string {
  if (passphrase.length === 0 || passphrase.length > MAX_PASSPHRASE_CHARACTERS) {
    throw new ParleyError('bad-argument', `a passphrase has 1 to ${MAX_PASSPHRASE_CHARACTERS} characters`);
  }
  return passphrase.normalize('NFKC');
}

function costFits({ n, r, p }: ScryptCost): boolean {
  const whole = Number.isSafeInteger(n) && Number.isSafeInteger(r) && Number.isSafeInteger(p) && n >= 2 && r >= 1 && p >= 1;
  return whole && Number.isInteger(Math.log2(n)) && 128 * n * r <= MAX_SCRYPT_MEMORY && n * r * p <= MAX_SCRYPT_WORK;
}

/**
 * Encrypts a secret of at most 16 KiB with AES-256-GCM under a key that scrypt (RFC 7914) makes of the passphrase.
 * Throws `bad-argument` for an empty or overlong passphrase, a secret too large, or a cost out of bounds.
 */
export async function encryptSecret(
  deps: { readonly crypto: Crypto; readonly random: Random },
  secret: Uint8Array,
  passphrase: string,
  cost: ScryptCost = DEFAULT_SCRYPT_COST,
): Promise<EncryptedSecret> {
  if (secret.length > MAX_SECRET_BYTES) throw new ParleyError('bad-argument', 'the secret is too large');
  if (!costFits(cost)) throw new ParleyError('bad-argument', 'the cost of scrypt is out of bounds');
  const saltBytes = deps.random.bytes(SALT_BYTES);
  const nonceBytes = deps.random.bytes(NONCE_BYTES);
  const salt = base64(saltBytes);
  const nonce = base64(nonceBytes);
  const head = header(cost, salt, nonce);
  const key = await deps.crypto.scrypt(normal(passphrase), saltBytes, cost);
  const sealed = await deps.crypto.seal(key, nonceBytes, secret, head);
  key.fill(0);
  return {
    version: 1,
    kdf: 'scrypt',
    n: cost.n,
    r: cost.r,
    p: cost.p,
    salt,
    cipher: 'A256GCM',
    nonce,
    ciphertext: base64(sealed),
    digest: base64(deps.crypto.sha256(concat(head, sealed))),
  };
}

interface Parts {
  readonly cost: ScryptCost;
  readonly head: Uint8Array;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

function bytesOf(value: unknown, least: number, most: number): Uint8Array | undefined {
  if (typeof value !== 'string' || value.length > Math.ceil(most / 3) * 4) return undefined;
  const bytes = fromBase64(value);
  return bytes && bytes.length >= least && bytes.length <= most ? bytes : undefined;
}

function readParts(crypto: Crypto, encrypted: unknown): Parts {
  const corrupt = (what: string): ParleyError => new ParleyError('corrupt', `the encrypted secret is damaged: ${what}`);
  if (typeof encrypted !== 'object' || encrypted === null) throw corrupt('not an object');
  const fields = encrypted as Readonly<Record<string, unknown>>;
  if (fields.version !== 1 || fields.kdf !== 'scrypt' || fields.cipher !== 'A256GCM') {
    throw new ParleyError('corrupt', 'the encrypted secret is of an unknown version');
  }
  const { n, r, p } = fields;
  if (typeof n !== 'number' || typeof r !== 'number' || typeof p !== 'number') throw corrupt('cost');
  const cost = { n, r, p };
  if (!costFits(cost)) throw corrupt('cost out of bounds');
  const salt = bytesOf(fields.salt, SALT_BYTES, SALT_BYTES);
  const nonce = bytesOf(fields.nonce, NONCE_BYTES, NONCE_BYTES);
  const ciphertext = bytesOf(fields.ciphertext, TAG_BYTES, MAX_SECRET_BYTES + TAG_BYTES);
  const digest = bytesOf(fields.digest, 32, 32);
  if (!salt || !nonce || !ciphertext || !digest) throw corrupt('not the right bytes');
  const head = header(cost, base64(salt), base64(nonce));
  if (!equalBytes(digest, crypto.sha256(concat(head, ciphertext)))) throw corrupt('the digest does not fit');
  return { cost, head, salt, nonce, ciphertext };
}

/**
 * The secret again, from what `encryptSecret` returned, read back as JSON. Throws `corrupt` when it is damaged, of an unknown version,
 * or asks for more than 1 GiB of memory; `bad-passphrase` when the passphrase is another.
 */
export async function decryptSecret(crypto: Crypto, encrypted: unknown, passphrase: string): Promise<Uint8Array> {
  const { cost, head, salt, nonce, ciphertext } = readParts(crypto, encrypted);
  const key = await crypto.scrypt(normal(passphrase), salt, cost);
  const secret = await crypto.open(key, nonce, ciphertext, head);
  key.fill(0);
  if (!secret) throw new ParleyError('bad-passphrase', 'the passphrase is wrong');
  return secret;
}
