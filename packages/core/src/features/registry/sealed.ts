import { SEALING_BYTES, seal, type Unsealer, unseal } from '../../identity/hpke.ts';
import { purposeBytes } from '../../identity/signature.ts';
import type { Crypto } from '../../ports/crypto.ts';
import type { Random } from '../../ports/random.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import { utf8 } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import { canonicalJson, parseJson } from '../../wire/json.ts';
import { Attributes, validator } from '../../wire/schema.ts';
import type { RegistryRecord } from './record.ts';

export type Metadata = Readonly<Record<string, string>>;

const INFO = purposeBytes('record-metadata', '');
/** Characters of all pieces together: where the node is has to be said too. */
const ROOM = 560;
const attributes = validator(Attributes);

/** Seals metadata to contacts, a piece for each of these X25519 keys, for the record of `publicKey`: in another's record it is worth nothing. */
export async function sealMetadata(
  deps: { readonly crypto: Crypto; readonly random: Random },
  publicKey: Uint8Array,
  metadata: Metadata,
  contacts: readonly Uint8Array[],
): Promise<string[]> {
  if (!attributes.check(metadata)) throw new ParleyError('bad-argument', `not metadata: ${attributes.explain(metadata)}`);
  const text = utf8(canonicalJson({ ...metadata }));
  if (contacts.length * Math.ceil((text.length + SEALING_BYTES) / 3) * 4 > ROOM) {
    throw new ParleyError('too-large', `a record has no room for this metadata, ${contacts.length} times`);
  }
  return Promise.all(contacts.map(async (contact) => base64(await seal(deps, contact, INFO, text, publicKey))));
}

/** The metadata in a record that is for us; undefined where none is. */
export async function openMetadata(crypto: Crypto, own: Unsealer, record: RegistryRecord): Promise<Metadata | undefined> {
  for (const text of record.sealed) {
    const sealed = fromBase64(text);
    const opened = sealed && (await unseal(crypto, own, INFO, sealed, record.publicKey));
    if (opened) return readMetadata(opened);
  }
  return undefined;
}

function readMetadata(opened: Uint8Array): Metadata | undefined {
  try {
    const value = parseJson(opened);
    return attributes.check(value) ? (value as Metadata) : undefined;
  } catch (error) {
    if (error instanceof ParleyError) return undefined;
    throw error;
  }
}
