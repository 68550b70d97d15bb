import type { Identity } from '../../../identity/identity.ts';
import type { Crypto } from '../../../ports/crypto.ts';
import { base64, fromBase64 } from '../../../util/base64.ts';
import { utf8 } from '../../../util/bytes.ts';
import { guidFromDigest } from '../../../util/guid.ts';
import { type JwsReader, peekJws, signJws } from '../../../wire/jws.ts';
import { parseTimestamp, timestamp } from '../../../wire/message.ts';
import { Guid, type Static, Timestamp, Type, validator } from '../../../wire/schema.ts';
import { MAX_REMOVALS } from './roles.ts';

const EPOCH_TYPE = 'parley-epoch';
/** Numbers decide only where nothing else does: any up to this one is taken. */
export const MAX_EPOCH = 2 ** 52;

/** A key of a closed channel, and who made it when, for whom. */
export interface Epoch {
  readonly kid: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly number: number;
  /** Key id of its maker. */
  readonly by: string;
  readonly time: number;
  /** Removals that its maker knew: those who went by them have not got the key. */
  readonly covers: ReadonlySet<string>;
  /** What the maker signed: compact JWS. */
  readonly statement: string;
  /** When a later one took its place here, in milliseconds since 1970. */
  replaced: number | undefined;
}

const Payload = Type.Object({
  channel_id: Guid,
  number: Type.Integer({ minimum: 1, maximum: MAX_EPOCH }),
  kid: Guid,
  time: Timestamp,
  covers: Type.Array(Type.String({ pattern: '^[A-Za-z0-9_-]{16}$' }), { maxItems: MAX_REMOVALS }),
});
const payloads = validator(Payload);

/** The id of a key commits to it: nobody can give two members different keys under one id. */
export function epochId(crypto: Crypto, channelId: string, number: number, key: Uint8Array): string {
  return guidFromDigest(crypto.sha256(utf8(`parley/epoch/1\n${channelId}\n${number}\n${base64(key)}`)));
}

/** An epoch with a statement signed by this node. `covers`: digests of the entries by which somebody left or was sent away. `time`: milliseconds since 1970. */
export async function makeEpoch(
  { crypto, identity }: { readonly crypto: Crypto; readonly identity: Identity },
  about: { channelId: string; number: number; key: Uint8Array; time: number; covers: readonly string[] },
): Promise<Epoch> {
  const { channelId, number, key, time, covers } = about;
  const kid = epochId(crypto, channelId, number, key);
  const payload = { channel_id: channelId, number, kid, time: timestamp(time), covers: [...covers] };
  const statement = await signJws(identity, payload, EPOCH_TYPE);
  return { kid, key, number, by: identity.keyId, time, covers: new Set(covers), statement, replaced: undefined };
}

/** What KEY carries of an epoch, and our disk. */
export interface EpochRow {
  readonly statement: string;
  /** Base64. */
  readonly key: string;
  readonly replaced?: number;
}

/** Undefined when the maker did not sign it for this channel, or the key is another. */
export async function readEpoch(
  { crypto, reader }: { readonly crypto: Crypto; readonly reader: JwsReader },
  channelId: string,
  row: EpochRow,
): Promise<Epoch | undefined> {
  const jws = await reader.verify(row.statement);
  return jws?.typ === EPOCH_TYPE && payloads.check(jws.payload) ? epochOf(crypto, channelId, row, jws.kid, jws.payload) : undefined;
}

/** From our own disk. */
export function storedEpoch(crypto: Crypto, channelId: string, row: EpochRow): Epoch | undefined {
  const jws = peekJws(row.statement);
  return jws && payloads.check(jws.payload) ? epochOf(crypto, channelId, row, jws.kid, jws.payload) : undefined;
}

function epochOf(crypto: Crypto, channelId: string, row: EpochRow, by: string, payload: Static<typeof Payload>): Epoch | undefined {
  const key = fromBase64(row.key);
  const time = parseTimestamp(payload.time);
  if (key?.length !== 32 || time === undefined || payload.channel_id !== channelId) return undefined;
  if (payload.kid !== epochId(crypto, channelId, payload.number, key)) return undefined;
  const { kid, number, covers } = payload;
  return { kid, key, number, by, time, covers: new Set(covers), statement: row.statement, replaced: row.replaced };
}

/** An epoch as it is kept on disk and carried by KEY. */
export function rowOf({ statement, key, replaced }: Epoch): EpochRow {
  return { statement, key: base64(key), ...(replaced === undefined ? {} : { replaced }) };
}

/** Whether one epoch counts rather than another: the later number; of those made at once the lower key id of their makers (WIRE). */
export function supersedes(a: Epoch, b: Epoch): boolean {
  return a.number !== b.number ? a.number > b.number : a.by < b.by || (a.by === b.by && a.kid < b.kid);
}
