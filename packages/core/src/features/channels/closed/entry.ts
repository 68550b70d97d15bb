import type { Identity } from '../../../identity/identity.ts';
import type { Crypto } from '../../../ports/crypto.ts';
import { type Awaitable, chain } from '../../../util/awaitable.ts';
import { base64, base64url, fromBase64 } from '../../../util/base64.ts';
import { utf8 } from '../../../util/bytes.ts';
import type { JsonObject } from '../../../wire/json.ts';
import { type JwsReader, peekJws, signJws } from '../../../wire/jws.ts';
import { parseTimestamp, timestamp } from '../../../wire/message.ts';
import { Guid, KeyId, Name, Nonce, Timestamp, Type, validator } from '../../../wire/schema.ts';
import { MAX_LIFETIME_S } from '../lifetime.ts';

const ROLE_TYPE = 'parley-role';
const SETTINGS_TYPE = 'parley-settings';
const TIMER_TYPE = 'parley-timer';

export const ROLES = ['owner', 'moderator', 'member', 'observer'] as const;
export type Role = (typeof ROLES)[number];
/** What a newcomer may read of the time before it: nothing, the last so many messages, or all. */
export type HistoryPolicy = 'none' | 'all' | number;

interface Signed {
  /** Compact JWS, as it is passed on. */
  readonly signed: string;
  /** First 12 bytes of SHA-256 of that, base64url. */
  readonly digest: string;
  /** Key id. */
  readonly signer: string;
  /** Milliseconds since 1970, by the signer's clock, and after all that the signer knew. */
  readonly time: number;
}

/** Somebody's role, as somebody has signed it. By oneself with the role that one was given: one has accepted. */
export interface RoleEntry extends Signed {
  readonly kind: 'role';
  /** Key id. */
  readonly member: string;
  readonly role: Role | 'none';
  /** Of those who accept: the X25519 key that epochs are sealed to. */
  readonly sealingKey: Uint8Array | undefined;
  /** The signer goes, and hands on what it was: the member is its own next key. */
  readonly successor: boolean;
  /** Of those who accept: the key id of the person whose device they are, who may send them away. */
  readonly person: string | undefined;
}

export interface SettingsEntry extends Signed {
  readonly kind: 'settings';
  readonly name: string;
  readonly history: HistoryPolicy;
}

/** How long messages last. */
export interface TimerEntry extends Signed {
  readonly kind: 'timer';
  /** 0: they stay. */
  readonly seconds: number;
}

/** A change to a closed channel. The state of the channel is what a set of these comes to (`replay`). */
export type Entry = RoleEntry | SettingsEntry | TimerEntry;

/** Most messages that a policy may name. */
export const MAX_POLICY = 100_000;
const History = Type.Union([Type.Literal('none'), Type.Literal('all'), Type.Integer({ minimum: 1, maximum: MAX_POLICY })]);
const RoleName = Type.Union([...ROLES.map((role) => Type.Literal(role)), Type.Literal('none')]);
const RolePayload = validator(
  Type.Object({
    channel_id: Guid,
    member: KeyId,
    role: RoleName,
    time: Timestamp,
    sealing_key: Type.Optional(Nonce),
    successor: Type.Optional(Type.Literal(true)),
    person: Type.Optional(KeyId),
  }),
);
const SettingsPayload = validator(Type.Object({ channel_id: Guid, name: Name, history: History, time: Timestamp }));
const TimerPayload = validator(
  Type.Object({ channel_id: Guid, seconds: Type.Integer({ minimum: 0, maximum: MAX_LIFETIME_S }), time: Timestamp }),
);

/** Signs that a key has a role from `time` (milliseconds since 1970) on. Returns the entry as a compact JWS, as do the two below. */
export function signRole(
  identity: Identity,
  about: {
    channelId: string;
    member: string;
    role: Role | 'none';
    time: number;
    sealingKey?: Uint8Array;
    person?: string;
    successor?: true;
  },
): Awaitable<string> {
  const { channelId, member, role, time, sealingKey, person, successor } = about;
  const more = {
    ...(sealingKey ? { sealing_key: base64(sealingKey) } : {}),
    ...(person === undefined ? {} : { person }),
    ...(successor ? { successor } : {}),
  };
  return signJws(identity, { channel_id: channelId, member, role, time: timestamp(time), ...more }, ROLE_TYPE);
}

/** Signs the name of a channel, and what newcomers may read. */
export function signSettings(
  identity: Identity,
  { channelId, name, history, time }: { channelId: string; name: string; history: HistoryPolicy; time: number },
): Awaitable<string> {
  return signJws(identity, { channel_id: channelId, name, history, time: timestamp(time) }, SETTINGS_TYPE);
}

/** Signs how many seconds messages last that are written from now on; 0: they do not expire. */
export function signTimer(
  identity: Identity,
  { channelId, seconds, time }: { channelId: string; seconds: number; time: number },
): Awaitable<string> {
  return signJws(identity, { channel_id: channelId, seconds, time: timestamp(time) }, TIMER_TYPE);
}

/** Reads entries of one channel. Their signatures count, and nothing else: whether they change anything is `replay`'s to say. */
export class EntryReader {
  readonly #crypto: Crypto;
  readonly #reader: JwsReader;

  constructor(crypto: Crypto, reader: JwsReader) {
    this.#crypto = crypto;
    this.#reader = reader;
  }

  /** Undefined for what is malformed, of another channel, or not signed by whom it says. */
  read(channelId: string, signed: string): Awaitable<Entry | undefined> {
    return chain(this.#reader.verify(signed), (jws) => jws && this.#entry(channelId, signed, jws.kid, jws.typ, jws.payload));
  }

  /** From our own disk, where only what was read before is. */
  trusted(channelId: string, signed: string): Entry | undefined {
    const jws = peekJws(signed);
    const payload = jws?.payload ?? {};
    const typ = 'name' in payload ? SETTINGS_TYPE : 'seconds' in payload ? TIMER_TYPE : ROLE_TYPE;
    return jws && this.#entry(channelId, signed, jws.kid, typ, jws.payload);
  }

  digest(signed: string): string {
    return base64url(this.#crypto.sha256(utf8(signed)).subarray(0, 12));
  }

  #entry(channelId: string, signed: string, signer: string, typ: string | undefined, payload: JsonObject): Entry | undefined {
    const about = { signed, signer, digest: this.digest(signed) };
    if (typ === ROLE_TYPE && RolePayload.check(payload) && payload.channel_id === channelId) {
      const time = parseTimestamp(payload.time);
      const { member, role, sealing_key: key, person } = payload;
      const sealingKey = key === undefined ? undefined : fromBase64(key);
      const successor = payload.successor === true;
      return time === undefined ? undefined : { kind: 'role', ...about, time, member, role, sealingKey, person, successor };
    }
    if (typ === SETTINGS_TYPE && SettingsPayload.check(payload) && payload.channel_id === channelId) {
      const time = parseTimestamp(payload.time);
      return time === undefined ? undefined : { kind: 'settings', ...about, time, name: payload.name, history: payload.history };
    }
    if (typ === TIMER_TYPE && TimerPayload.check(payload) && payload.channel_id === channelId) {
      const time = parseTimestamp(payload.time);
      return time === undefined ? undefined : { kind: 'timer', ...about, time, seconds: payload.seconds };
    }
    return undefined;
  }
}
