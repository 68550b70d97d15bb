import { decryptSecret, encryptSecret } from '../../identity/passphrase.ts';
import type { Crypto, ScryptCost } from '../../ports/crypto.ts';
import type { Random } from '../../ports/random.ts';
import { hex, utf8 } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import type { ByteReader } from './byte-reader.ts';

const FORMAT = 'parley/backup/';
const VERSION = '1';
/** Bytes of plaintext in every chunk but the last, and of the tag behind it. */
export const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
/** A header is some 500 bytes: what has no end of line for longer is something else. */
const MAX_HEADER_BYTES = 8 * 1024;
const KEY_BYTES = 32;
const LF = 10;

const decoder = new TextDecoder('utf-8', { fatal: true });

const damaged = (what: string): ParleyError => new ParleyError('corrupt', `the backup is damaged: ${what}`);

/** Where a chunk stands in which file, and whether it is the last: no chunk can take the place of another, or be left out. */
function place(header: string, index: number, last: boolean): { nonce: Uint8Array; aad: Uint8Array } {
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  view.setUint32(0, last ? 1 : 0);
  view.setBigUint64(4, BigInt(index));
  return { nonce, aad: utf8(`${FORMAT}${VERSION}\n${header}\n${index}\n${last ? 'last' : 'more'}\n`) };
}

/** Encrypts what comes piece by piece under a passphrase, holding one chunk at a time. Errors: `bad-argument` for the passphrase; those of the pieces. */
export async function* sealStream(
  deps: { readonly crypto: Crypto; readonly random: Random },
  plain: AsyncIterable<Uint8Array>,
  passphrase: string,
  cost?: ScryptCost,
): AsyncGenerator<Uint8Array> {
  const key = deps.random.bytes(KEY_BYTES);
  const encrypted = await encryptSecret(deps, key, passphrase, cost);
  const header = utf8(`${JSON.stringify({ format: `${FORMAT}${VERSION}`, encrypted })}\n`);
  yield header;
  const digest = hex(deps.crypto.sha256(header));
  const buffer = new Uint8Array(CHUNK_BYTES);
  let filled = 0;
  let index = 0;
  const seal = async (last: boolean): Promise<Uint8Array> => {
    const { nonce, aad } = place(digest, index++, last);
    const sealed = await deps.crypto.seal(key, nonce, buffer.subarray(0, filled), aad);
    filled = 0;
    return sealed;
  };
  try {
    for await (const piece of plain) {
      for (let at = 0; at < piece.length; ) {
        if (filled === CHUNK_BYTES) yield await seal(false);
        const part = piece.subarray(at, at + CHUNK_BYTES - filled);
        buffer.set(part, filled);
        filled += part.length;
        at += part.length;
      }
    }
    yield await seal(true);
  } finally {
    key.fill(0);
    buffer.fill(0);
  }
}

/** The header of a backup; undefined where the file is not of this kind. Errors: `unsupported` for a later version. */
function readHeader(line: Uint8Array): { readonly encrypted: unknown } | undefined {
  let fields: unknown;
  try {
    fields = JSON.parse(decoder.decode(line));
  } catch {
    // Whatever it is, no backup begins so.
    return undefined;
  }
  if (typeof fields !== 'object' || fields === null || !('format' in fields) || typeof fields.format !== 'string') return undefined;
  if (!fields.format.startsWith(FORMAT)) return undefined;
  if (fields.format !== `${FORMAT}${VERSION}`)
    throw new ParleyError('unsupported', 'the backup was made by a later version of Parley: restore it with that one');
  return { encrypted: 'encrypted' in fields ? fields.encrypted : undefined };
}

/**
 * What `sealStream` encrypted, chunk by chunk, each checked before it is given; undefined where the file is something else, which then can be
 * read from its beginning. The passphrase is checked before it resolves. Errors: `unsupported`, `bad-passphrase`, `bad-argument`, `corrupt`.
 */
export async function openStream(
  crypto: Crypto,
  source: ByteReader,
  passphrase: string,
): Promise<AsyncGenerator<Uint8Array, void> | undefined> {
  const header = await source.peekLine(MAX_HEADER_BYTES);
  const read = header && readHeader(header);
  if (!header || !read) return undefined;
  await source.read(header.length);
  if (header.at(-1) !== LF) throw damaged('it ends in its header');
  const key = await decryptSecret(crypto, read.encrypted, passphrase);
  if (key.length !== KEY_BYTES) throw damaged('its key');
  return openChunks(crypto, source, key, hex(crypto.sha256(header)));
}

async function* openChunks(crypto: Crypto, source: ByteReader, key: Uint8Array, header: string): AsyncGenerator<Uint8Array, void> {
  const open = async (sealed: Uint8Array, index: number, last: boolean): Promise<Uint8Array | undefined> => {
    const { nonce, aad } = place(header, index, last);
    return crypto.open(key, nonce, sealed, aad);
  };
  try {
    let sealed = await source.read(CHUNK_BYTES + TAG_BYTES);
    for (let index = 0; ; index++) {
      const next = await source.read(CHUNK_BYTES + TAG_BYTES);
      const last = next.length === 0;
      const plain = sealed.length < TAG_BYTES ? undefined : await open(sealed, index, last);
      if (!plain) {
        if (!last) throw damaged('part of it was altered');
        const more = sealed.length < TAG_BYTES ? undefined : await open(sealed, index, false);
        throw damaged(more || sealed.length === 0 ? 'its end is missing' : 'its end is missing, or was altered');
      }
      yield plain;
      if (last) return;
      sealed = next;
    }
  } finally {
    key.fill(0);
  }
}
