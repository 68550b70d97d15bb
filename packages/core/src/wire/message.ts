import type { JsonObject } from './json.ts';
import { Guid, KeyId, Signature, Timestamp, Type, validator } from './schema.ts';

/** `ttl` above this is taken as this (WIRE "ttl"). */
export const MAX_TTL = 64;
/** S2: the `ttl` of what may go any distance. */
export const DEFAULT_TTL = 32;
/** Node ids that `via` holds at most. */
export const MAX_VIA = 64;
/** Bytes that `via` adds to a message at most: `,"via":[`, and for each GUID its quotes and what stands behind it. */
export const MAX_VIA_BYTES = 8 + 39 * MAX_VIA;
/** The same of `toward`. */
export const TOWARD_BYTES = 48;
/** The same of what the first forwarder fills in: a host of at most 255 bytes, and a colon. */
export const SEEN_BYTES = 256;

/** Who sent it, when, and their signature (WIRE "auth"). */
export interface Auth {
  readonly key: string;
  readonly time: string;
  readonly sig: string;
}

/** One JSON object on a link: S2's head. */
export interface Message<D = JsonObject> {
  msg_type: string;
  msg_data: D;
  ttl: number;
  flood: boolean;
  auth?: Auth;
  /** The node ids that passed it on, in order; `false` where the origin forbids it. */
  via?: string[] | false;
  /** The server to which whoever passed it on has addressed it anew: the recipients have signed to be attached there. */
  toward?: string;
}

const Head = Type.Object({
  msg_type: Type.String({ pattern: '^[A-Z][A-Z0-9_]{0,31}$' }),
  msg_data: Type.Object({}),
  ttl: Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
  flood: Type.Boolean(),
  auth: Type.Optional(Type.Object({ key: KeyId, time: Timestamp, sig: Signature })),
  via: Type.Optional(Type.Union([Type.Literal(false), Type.Array(Guid, { maxItems: MAX_VIA })])),
  toward: Type.Optional(Guid),
});

/** Checks S2's head: the four keys and, where present, `auth`, `via` and `toward`. */
export const head = validator(Head);

/** A timestamp as the wire has it (WIRE "Formats"), from milliseconds since 1970. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** Milliseconds since 1970; undefined for what is not written as `timestamp` does, and for a date that does not exist. */
export function parseTimestamp(text: string): number | undefined {
  // ECMAScript writes years beyond 9999 with six digits and a sign.
  if (text.length !== 24) return undefined;
  const ms = Date.parse(text);
  // Date.parse carries the 31st of February over into March.
  return Number.isNaN(ms) || timestamp(ms) !== text ? undefined : ms;
}
