import type { Crypto } from '../../ports/crypto.ts';
import type { Random } from '../../ports/random.ts';
import { type Awaitable, chain } from '../../util/awaitable.ts';
import { CELL_BYTES } from './verbs.ts';

const TAG_BYTES = 16;
/** What each layer takes: its tag, and a byte that says for whom the rest is. */
const LAYER_BYTES = TAG_BYTES + 1;
const NONCE_BYTES = 12;
const LENGTH_BYTES = 2;
const NOTHING = new Uint8Array(0);

const PASS = 0;
const HERE = 1;

/** Bytes of a cell as hop `depth` gets them, from 1: what lies behind is filled up at random by the one before, who has taken its own layer away. */
const layerBytes = (depth: number): number => CELL_BYTES - LAYER_BYTES * (depth - 1);

/** Bytes that one cell brings to hop `depth`, or back from it. */
export const contentBytes = (depth: number): number => layerBytes(depth) - LAYER_BYTES - LENGTH_BYTES;

/** One direction of one hop: its key, and how many cells went by. Cells come in order or not at all, so that the count is the nonce. */
export class Layer {
  readonly #crypto: Crypto;
  readonly #key: Uint8Array;
  readonly #depth: number;
  #count = 0;

  constructor(crypto: Crypto, key: Uint8Array, depth: number) {
    this.#crypto = crypto;
    this.#key = key;
    this.#depth = depth;
  }

  /** A cell whose content is for the one at the other end of this layer: at most `contentBytes`. */
  close(content: Uint8Array): Awaitable<Uint8Array> {
    const plain = new Uint8Array(layerBytes(this.#depth) - TAG_BYTES);
    plain[0] = HERE;
    plain[1] = content.length >> 8;
    plain[2] = content.length & 0xff;
    plain.set(content, 1 + LENGTH_BYTES);
    return this.#seal(plain);
  }

  /** A further layer around the one of the next hop. */
  wrap(inner: Uint8Array): Awaitable<Uint8Array> {
    const plain = new Uint8Array(layerBytes(this.#depth) - TAG_BYTES);
    plain[0] = PASS;
    plain.set(inner.subarray(0, plain.length - 1), 1);
    return this.#seal(plain);
  }

  /** Takes the layer away. Undefined for a cell that was altered, lost or repeated on the way: the circuit cannot go on. */
  open(cell: Uint8Array): Awaitable<{ readonly content: Uint8Array } | { readonly inner: Uint8Array } | undefined> {
    const nonce = this.#nonce();
    return chain(this.#crypto.open(this.#key, nonce, cell.subarray(0, layerBytes(this.#depth)), NOTHING), (plain) => {
      if (!plain) return undefined;
      if (plain[0] === PASS) return { inner: plain.subarray(1) };
      const length = ((plain[1] ?? 0) << 8) | (plain[2] ?? 0);
      if (plain[0] !== HERE || length > contentBytes(this.#depth)) return undefined;
      return { content: plain.subarray(1 + LENGTH_BYTES, 1 + LENGTH_BYTES + length) };
    });
  }

  #seal(plain: Uint8Array): Awaitable<Uint8Array> {
    return this.#crypto.seal(this.#key, this.#nonce(), plain, NOTHING);
  }

  /** 96 bits, big-endian (NIST SP 800-38D section 8.2.1). */
  #nonce(): Uint8Array {
    const nonce = new Uint8Array(NONCE_BYTES);
    const view = new DataView(nonce.buffer);
    view.setUint32(4, Math.floor(this.#count / 2 ** 32));
    view.setUint32(8, this.#count >>> 0);
    this.#count++;
    return nonce;
  }
}

/** As long as every cell. */
export function filled(random: Random, part: Uint8Array): Uint8Array {
  if (part.length === CELL_BYTES) return part;
  const cell = new Uint8Array(CELL_BYTES);
  cell.set(part);
  cell.set(random.bytes(CELL_BYTES - part.length), part.length);
  return cell;
}
