import { purposeBytes } from '../../identity/signature.ts';
import type { AgreementKey, Crypto } from '../../ports/crypto.ts';
import { type Awaitable, chain } from '../../util/awaitable.ts';
import { concat, equalBytes } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import { PACKET_BYTES } from './config.ts';
import { MAC_BYTES } from './packets.ts';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const PURPOSE = purposeBytes('session', '');
/** What the two hashes of HMAC are of: filled and hashed at once, for each packet anew. */
const INNER = new Uint8Array(BLOCK_BYTES + HASH_BYTES + PACKET_BYTES);
const OUTER = new Uint8Array(BLOCK_BYTES + HASH_BYTES);

/** A key for HMAC-SHA256 (RFC 2104), 32 bytes: a server keeps thousands, so they are kept as they are. */
export type MacKey = Uint8Array;

/** Authenticators between two nodes that have met: what a signature costs a hundred times as much to do. */
export class SessionKeys {
  readonly #crypto: Crypto;
  readonly #own: AgreementKey;

  /** `own`: an X25519 key of this run. */
  constructor(crypto: Crypto, own: AgreementKey) {
    this.#crypto = crypto;
    this.#own = own;
  }

  get publicKey(): Uint8Array {
    return this.#own.publicKey;
  }

  /**
   * The key of answers from one node to another: SHA-256 of `parley/session/1` LF, the X25519 secret, both X25519 keys, the asker's first, and
   * the Ed25519 key of the one who answers. Undefined when the other's key is none.
   */
  derive(other: Uint8Array, role: 'asker' | 'answerer', answererKey: Uint8Array): Awaitable<MacKey | undefined> {
    let secret: Awaitable<Uint8Array>;
    try {
      secret = this.#own.agree(other);
    } catch (error) {
      if (error instanceof ParleyError) return undefined;
      throw error;
    }
    const both = role === 'asker' ? [this.publicKey, other] : [other, this.publicKey];
    return chain(secret, (shared) => this.#crypto.sha256(concat(PURPOSE, shared, ...both, answererKey)));
  }

  /** Of a packet that answers a question. `question`: its SHA-256. */
  mac(key: MacKey, question: Uint8Array, covered: Uint8Array): Uint8Array {
    const { sha256 } = this.#crypto;
    INNER.set(question, pad(INNER, key, 0x36));
    INNER.set(covered, BLOCK_BYTES + question.length);
    OUTER.set(sha256(INNER.subarray(0, BLOCK_BYTES + question.length + covered.length)), pad(OUTER, key, 0x5c));
    return sha256(OUTER).subarray(0, MAC_BYTES);
  }

  fits(key: MacKey, question: Uint8Array, covered: Uint8Array, mac: Uint8Array): boolean {
    return equalBytes(this.mac(key, question, covered), mac);
  }
}

/** The key as the first block of a hash of HMAC. Returns where that ends. */
function pad(hashed: Uint8Array, key: MacKey, byte: number): number {
  hashed.fill(byte, key.length, BLOCK_BYTES);
  for (let i = 0; i < key.length; i++) hashed[i] = byte ^ (key[i] as number);
  return BLOCK_BYTES;
}

const PING_PURPOSE = purposeBytes('registry-ping', '');
const ANSWER_PURPOSE = purposeBytes('registry-answer', '');

/** What the signature of a PING covers: whom it is for, and the packet as far as the token. */
export function pingBytes(answererKey: Uint8Array, packet: Uint8Array): Uint8Array {
  return concat(PING_PURPOSE, answererKey, packet);
}

/** What the signature of an answer covers. `question`: SHA-256 of the packet that it answers, so that it is worth nothing for another. */
export function answerBytes(question: Uint8Array, covered: Uint8Array): Uint8Array {
  return concat(ANSWER_PURPOSE, question, covered);
}
