import type { Identity } from '../identity/identity.ts';
import type { KeyBook } from '../identity/ids.ts';
import { purposeBytes } from '../identity/signature.ts';
import type { Crypto } from '../ports/crypto.ts';
import { type Awaitable, chain } from '../util/awaitable.ts';
import { base64, fromBase64 } from '../util/base64.ts';
import { ParleyError } from '../util/errors.ts';
import { canonicalJson, isLongerAsJson, type JsonObject } from './json.ts';
import { compactParts } from './jwe.ts';
import { type Message, parseTimestamp, timestamp } from './message.ts';
import { type AnyVerb, originOf } from './verb.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** How far `auth.time` may lie from now, in milliseconds (WIRE "auth"). */
export const FLOOD_WINDOW = { back: 15 * MINUTE, ahead: 15 * MINUTE } as const;
export const DIRECTED_WINDOW = { back: 8 * DAY, ahead: 15 * MINUTE } as const;

/** Bytes that `auth` adds to a message at most: its punctuation, a key id, a timestamp and a signature. */
const AUTH_BYTES = 37 + 48 + 24 + 88;

export type AuthFault = 'auth-missing' | 'auth-node-id' | 'auth-stale' | 'auth-future' | 'auth-signature';

/** What `auth.sig` covers: `parley/auth/1` LF JCS `{auth: {key, time}, flood, msg_data, msg_type}`. */
function signedBytes(verb: AnyVerb, data: JsonObject, flood: boolean, key: string, time: string): Uint8Array {
  let covered = data;
  if (verb.spec.unsigned) {
    covered = { ...data };
    for (const name of verb.spec.unsigned) delete covered[name];
  }
  return purposeBytes('auth', canonicalJson({ auth: { key, time }, flood, msg_data: covered, msg_type: verb.name }));
}

/**
 * Makes a message of a verb and signs it, where the verb, or what is sealed in it, asks for `auth`. Throws `bad-argument` when the verb does not allow such
 * data and `too-large` above its limit (S2: messages are validated before transmission): every neighbour would refuse it, and hold it
 * against us.
 */
export function composeMessage(identity: Identity, verb: AnyVerb, data: JsonObject, now: number): Awaitable<Message> {
  if (!verb.validate.check(data)) throw new ParleyError('bad-argument', `${verb.name} cannot say that: ${verb.validate.explain(data)}`);
  const flood = verb.spec.reach === 'flood';
  const message: Message = { ttl: verb.spec.ttl, flood, msg_type: verb.name, msg_data: data };
  const signs =
    verb.spec.proof === 'auth' || (verb.spec.jws !== undefined && compactParts(data[verb.spec.jws.member] as string)?.length === 5);
  const { maxBytes } = verb.spec;
  if (isLongerAsJson(message as unknown as JsonObject, maxBytes - (signs ? AUTH_BYTES : 0)))
    throw new ParleyError('too-large', `${verb.name} above ${maxBytes} bytes`);
  if (!signs) return message;
  const time = timestamp(now);
  return chain(identity.sign(signedBytes(verb, data, flood, identity.keyId, time)), (signature) => {
    message.auth = { key: identity.keyId, time, sig: base64(signature) };
    return message;
  });
}

/**
 * Undefined when `auth` proves the origin of the message; else what is wrong. Cheap tests come before the signature. Without `now` any
 * time will do.
 */
export function checkAuth(
  crypto: Crypto,
  keys: KeyBook,
  verb: AnyVerb,
  message: Message,
  now: number | undefined,
): Awaitable<AuthFault | undefined> {
  const auth = message.auth;
  if (!auth) return 'auth-missing';
  const who = keys.resolve(auth.key);
  if (!who || who.nodeId !== originOf(verb, message.msg_data)) return 'auth-node-id';
  const time = parseTimestamp(auth.time);
  const window = message.flood ? FLOOD_WINDOW : DIRECTED_WINDOW;
  if (time === undefined || (now !== undefined && time < now - window.back)) return 'auth-stale';
  if (now !== undefined && time > now + window.ahead) return 'auth-future';
  const signature = fromBase64(auth.sig);
  if (!signature) return 'auth-signature';
  const bytes = signedBytes(verb, message.msg_data, message.flood, auth.key, auth.time);
  return chain(crypto.verify(who.publicKey, bytes, signature), (fits) => (fits ? undefined : 'auth-signature'));
}
