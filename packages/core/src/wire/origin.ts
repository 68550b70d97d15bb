import type { KeyBook } from '../identity/ids.ts';
import type { Crypto } from '../ports/crypto.ts';
import { type Awaitable, chain } from '../util/awaitable.ts';
import { type AuthFault, checkAuth, DIRECTED_WINDOW } from './auth.ts';
import { compactParts } from './jwe.ts';
import type { JwsReader, VerifiedJws } from './jws.ts';
import { type Message, parseTimestamp } from './message.ts';
import { type AnyVerb, originOf } from './verb.ts';

export type OriginFault = AuthFault | 'origin-unproved' | 'origin-stale';

/** Who made a message is proved, by the JWS in it where the verb has one; or it is not, and why. */
export type OriginProof = { readonly fault?: undefined; readonly jws?: VerifiedJws } | { readonly fault: OriginFault };

/**
 * `delivery`: as its recipient takes it. `storing`: what was signed long ago is refused whatever signed it, or else everything that an origin
 * ever said could be brought again in its name. `taken`: of what somebody took charge of already; its time counts no more.
 */
export type OriginCheck = 'delivery' | 'storing' | 'taken';

export interface OriginDeps {
  readonly crypto: Crypto;
  readonly keys: KeyBook;
  readonly reader: JwsReader;
}

/** Whether the node that a travelling message names is the one that made it (WIRE "auth"). `now`: milliseconds since 1970. */
export function proveOrigin(deps: OriginDeps, verb: AnyVerb, message: Message, check: OriginCheck, now: number): Awaitable<OriginProof> {
  const { jws } = verb.spec;
  const parts = jws && compactParts(message.msg_data[jws.member] as string);
  // Sealed: what is signed inside is not for those on the way.
  if (jws && parts?.length !== 5) return proveByJws(deps, verb, jws, parts ?? [], message, check === 'storing' ? now : undefined);
  const fault = checkAuth(deps.crypto, deps.keys, verb, message, check === 'taken' ? undefined : now);
  return chain(fault, (found) => (found === undefined ? {} : { fault: found }));
}

function proveByJws(
  deps: OriginDeps,
  verb: AnyVerb,
  { agrees, time }: NonNullable<AnyVerb['spec']['jws']>,
  parts: readonly string[],
  { msg_data: data }: Message,
  now: number | undefined,
): Awaitable<OriginProof> {
  const unproved = { fault: 'origin-unproved' } as const;
  return chain(deps.reader.verifyParts(parts), (jws): OriginProof => {
    // A JWS that was signed for something else says so in `typ`.
    if (!jws || jws.typ !== undefined || jws.nodeId !== originOf(verb, data)) return unproved;
    if (agrees.some((name) => jws.payload[name] === undefined || jws.payload[name] !== data[name])) return unproved;
    if (now === undefined) return { jws };
    const signed = jws.payload[time];
    const at = typeof signed === 'string' ? parseTimestamp(signed) : undefined;
    return at === undefined || at < now - DIRECTED_WINDOW.back ? { fault: 'origin-stale' } : { jws };
  });
}
