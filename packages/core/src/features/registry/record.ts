import type { Identity } from '../../identity/identity.ts';
import { type KeyBook, PUBLIC_KEY_BYTES } from '../../identity/ids.ts';
import { purposeBytes } from '../../identity/signature.ts';
import type { Crypto } from '../../ports/crypto.ts';
import { type Awaitable, chain } from '../../util/awaitable.ts';
import { concat, utf8 } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import { canonicalJson, type JsonObject, parseJson } from '../../wire/json.ts';
import { parseTimestamp, timestamp } from '../../wire/message.ts';
import { Attributes, Base64, KeyId, type Static, Timestamp, Type, validator } from '../../wire/schema.ts';

/** A record in all (DESIGN section 9). */
export const MAX_RECORD_BYTES = 1024;
export const MAX_ATTACHMENTS = 4;
const MAX_ENDPOINTS = 8;
const MAX_ATTACHMENT_ENDPOINTS = 3;
const VERSION = 1;
const SIGNATURE_BYTES = 64;
const HEAD_BYTES = 1 + PUBLIC_KEY_BYTES + SIGNATURE_BYTES;
const MINUTE = 60_000;
/** How far ahead the clock of its owner may be. */
const AHEAD_MS = 15 * MINUTE;
/** Nobody may ask for more. */
export const MAX_LIFETIME_MS = 7 * 24 * 60 * MINUTE;

/** The name of a transport and an address: `tls:203.0.113.5:4717`, `udp:[2001:db8::1]:4717`, `wss:chat.example.org`. */
const Endpoint = Type.String({ pattern: '^[a-z][a-z0-9]{1,15}:[!-~]{1,128}$', description: 'transport:address' });

const payloadSchema = Type.Object({
  attachments: Type.Array(Type.Object({ endpoints: Type.Array(Endpoint, { maxItems: MAX_ATTACHMENT_ENDPOINTS }), key: KeyId }), {
    maxItems: MAX_ATTACHMENTS,
  }),
  endpoints: Type.Array(Endpoint, { maxItems: MAX_ENDPOINTS }),
  expires: Timestamp,
  metadata: Type.Optional(Attributes),
  node_type: Type.Union([Type.Literal('client'), Type.Literal('server')]),
  sealed: Type.Optional(Type.Array(Base64(600), { maxItems: 8 })),
  seq: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  time: Timestamp,
});
const payload = validator(payloadSchema);
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const PURPOSE = purposeBytes('record', '');
type Payload = Static<typeof payloadSchema>;

/** A server that a node is attached to. */
export interface Attachment {
  readonly keyId: string;
  readonly nodeId: string;
  readonly endpoints: readonly string[];
}

/** Where a node is, as it says itself: decoded, and its signature checked. */
export interface RegistryRecord {
  readonly keyId: string;
  readonly nodeId: string;
  readonly publicKey: Uint8Array;
  readonly nodeType: 'server' | 'client';
  readonly endpoints: readonly string[];
  /** Best first. */
  readonly attachments: readonly Attachment[];
  readonly seq: number;
  /** When it was made: the node was there then. Milliseconds since 1970. */
  readonly time: number;
  readonly expires: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Metadata for chosen contacts alone, one piece for each, base64: see `sealMetadata`. */
  readonly sealed: readonly string[];
  /** As signed, at most 1,024 bytes. */
  readonly bytes: Uint8Array;
}

/** What a node says of itself. */
export interface RecordContent {
  readonly nodeType: 'server' | 'client';
  readonly endpoints: readonly string[];
  readonly attachments: readonly { readonly keyId: string; readonly endpoints: readonly string[] }[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly sealed: readonly string[];
}

/**
 * Makes a record: version, key, signature over `parley/record/1` LF payload, and the payload, canonical JSON. Endpoints of attachments, and
 * then attachments, are left out from the end where there is no room for them. Errors: `bad-argument` for what a record cannot say,
 * `too-large`.
 */
export function makeRecord(
  identity: Identity,
  content: RecordContent,
  life: { readonly seq: number; readonly time: number; readonly expires: number },
): Awaitable<Uint8Array> {
  const text = fittingPayload(content, life);
  return chain(identity.sign(purposeBytes('record', text)), (signature) =>
    concat(Uint8Array.of(VERSION), identity.publicKey, signature, utf8(text)),
  );
}

function fittingPayload(content: RecordContent, life: { readonly seq: number; readonly time: number; readonly expires: number }): string {
  const attachments = content.attachments.slice(0, MAX_ATTACHMENTS).map(({ keyId, endpoints }) => ({
    key: keyId,
    endpoints: endpoints.slice(0, MAX_ATTACHMENT_ENDPOINTS),
  }));
  for (;;) {
    const value: JsonObject = {
      attachments,
      endpoints: content.endpoints.slice(0, MAX_ENDPOINTS),
      expires: timestamp(life.expires),
      node_type: content.nodeType,
      seq: life.seq,
      time: timestamp(life.time),
    };
    if (Object.keys(content.metadata).length > 0) value.metadata = { ...content.metadata };
    if (content.sealed.length > 0) value.sealed = [...content.sealed];
    if (!payload.check(value)) throw new ParleyError('bad-argument', `a record cannot say that: ${payload.explain(value)}`);
    const text = canonicalJson(value);
    const bytes = HEAD_BYTES + utf8(text).length;
    if (bytes <= MAX_RECORD_BYTES) return text;
    const longest = attachments.findLast(({ endpoints }) => endpoints.length > 1);
    if (longest) longest.endpoints.pop();
    else if (!attachments.pop()) throw new ParleyError('too-large', `a record of ${bytes} bytes, above ${MAX_RECORD_BYTES}`);
  }
}

export type RecordFault = 'record-size' | 'record-format' | 'record-signature' | 'record-expired' | 'record-future';

/** Reads a record that anybody may have made, and checks it. Cheap tests come before the signature. `now`: milliseconds since 1970. */
export function readRecord(
  deps: { readonly crypto: Crypto; readonly keys: KeyBook },
  given: Uint8Array,
  now: number,
): Awaitable<RegistryRecord | RecordFault> {
  if (given.length > MAX_RECORD_BYTES || given.length <= HEAD_BYTES) return 'record-size';
  if (given[0] !== VERSION) return 'record-format';
  const bytes = new Uint8Array(given);
  const said = bytes.subarray(HEAD_BYTES);
  const value = readPayload(said);
  if (!value) return 'record-format';
  const [time, expires] = [parseTimestamp(value.time), parseTimestamp(value.expires)];
  if (time === undefined || expires === undefined || expires <= time || expires - time > MAX_LIFETIME_MS) return 'record-format';
  if (expires <= now) return 'record-expired';
  if (time > now + AHEAD_MS) return 'record-future';
  const attachments: Attachment[] = [];
  for (const { key, endpoints } of value.attachments) {
    const server = deps.keys.resolve(key);
    if (!server) return 'record-format';
    attachments.push({ keyId: server.keyId, nodeId: server.nodeId, endpoints });
  }
  const signature = bytes.subarray(1 + PUBLIC_KEY_BYTES, HEAD_BYTES);
  return chain(deps.crypto.verify(bytes.subarray(1, 1 + PUBLIC_KEY_BYTES), concat(PURPOSE, said), signature), (fits) => {
    if (!fits) return 'record-signature';
    const { keyId, nodeId, publicKey } = deps.keys.of(bytes.subarray(1, 1 + PUBLIC_KEY_BYTES));
    const { endpoints, node_type: nodeType, seq, metadata = {}, sealed = [] } = value;
    return { keyId, nodeId, publicKey, nodeType, endpoints, attachments, seq, time, expires, metadata, sealed, bytes };
  });
}

function readPayload(bytes: Uint8Array): Payload | undefined {
  try {
    const value = parseJson(bytes);
    // One form of each record: what is signed is what was sent.
    return payload.check(value) && decoder.decode(bytes) === canonicalJson(value) ? value : undefined;
  } catch (error) {
    if (error instanceof ParleyError) return undefined;
    throw error;
  }
}
