import type { Identity } from '../../identity/identity.ts';
import { type Awaitable, chain } from '../../util/awaitable.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import { utf8 } from '../../util/bytes.ts';
import { type JwsReader, signJws } from '../../wire/jws.ts';
import { parseTimestamp, timestamp } from '../../wire/message.ts';
import { KeyId, type Static, Timestamp, Type, validator } from '../../wire/schema.ts';

/** `typ` of what the old key signs, and of what the new key signs inside it. */
const TYP = 'parley-new-key';
const PROOF_TYP = 'parley-new-key-proof';

const Proof = Type.Object({ old: KeyId, time: Timestamp });
const Statement = Type.Object({ new: KeyId, time: Timestamp, proof: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,2048}$' }) });
const proofs = validator(Proof);
const statements = validator(Statement);
const ascii = new TextDecoder('utf-8', { fatal: true });

/** A key that names another to take its place. Both have signed it. */
export interface KeyChange {
  /** Key ids. */
  readonly from: string;
  readonly to: string;
  /** Node id of the new key. */
  readonly nodeId: string;
  /** When it was signed, in milliseconds since 1970. */
  readonly time: number;
}

/** Base64 of a JWS of the old identity that names the new one, which has signed inside that it is the old one's successor. */
export async function signKeyChange(old: Identity, next: Identity, now: number): Promise<string> {
  const time = timestamp(now);
  const proof = await signJws(next, { old: old.keyId, time }, PROOF_TYP);
  return base64(utf8(await signJws(old, { new: next.keyId, time, proof }, TYP)));
}

/** Undefined when either signature does not fit, or they do not speak of each other. */
export function readKeyChange(reader: JwsReader, statement: string): Awaitable<KeyChange | undefined> {
  const bytes = fromBase64(statement);
  if (!bytes) return undefined;
  let compact: string;
  try {
    compact = ascii.decode(bytes);
  } catch {
    return undefined;
  }
  return chain(reader.verify(compact), (signed) => {
    if (signed?.typ !== TYP || !statements.check(signed.payload)) return undefined;
    const said: Static<typeof Statement> = signed.payload;
    return chain(reader.verify(said.proof), (proof) => {
      if (proof?.typ !== PROOF_TYP || !proofs.check(proof.payload)) return undefined;
      const time = parseTimestamp(said.time);
      const fits =
        proof.kid === said.new && proof.payload.old === signed.kid && proof.payload.time === said.time && said.new !== signed.kid;
      return fits && time !== undefined ? { from: signed.kid, to: said.new, nodeId: proof.nodeId, time } : undefined;
    });
  });
}
