import type { Identity, KeyBook } from '../../identity/index.ts';
import type { Awaitable } from '../../util/awaitable.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import { utf8 } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import { type JwsReader, peekJws, signJws } from '../../wire/jws.ts';
import { parseTimestamp, timestamp } from '../../wire/message.ts';
import { KeyId, Name, type Static, Timestamp, Type, validator } from '../../wire/schema.ts';

/** `typ` of what a device signs, and of what the person signs around it. */
const STATEMENT = 'parley-device';
const LIST = 'parley-devices';
/** What a schema lets through: configuration may allow less. */
const MOST = 64;

const Jws = Type.String({ pattern: '^[A-Za-z0-9_.-]{1,1024}$' });
const Statement = Type.Object({ person: KeyId, time: Timestamp });
const List = Type.Object({
  name: Name,
  seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  time: Timestamp,
  devices: Type.Array(Type.Object({ key: KeyId, name: Name, added: Timestamp, statement: Jws }), { maxItems: MOST }),
  former: Type.Array(Type.Object({ key: KeyId, name: Name, until: Timestamp, statement: Jws }), { maxItems: MOST }),
});
const statements = validator(Statement);
const lists = validator(List);
const ascii = new TextDecoder('utf-8', { fatal: true });

/** A node, by both of its names. */
export interface NodeKey {
  readonly keyId: string;
  readonly nodeId: string;
}

export interface Device extends NodeKey {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly added: number;
  /** By which the device has agreed: a compact JWS. */
  readonly statement: string;
}

/** A device that was revoked. */
export interface FormerDevice extends NodeKey {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly statement: string;
}

/** The devices of a person beside the first, whose key is the person's. */
export interface DeviceList {
  readonly person: NodeKey;
  readonly name: string;
  /** Grows with each list of the person. */
  readonly seq: number;
  readonly time: number;
  readonly devices: readonly Device[];
  readonly former: readonly FormerDevice[];
  /** Base64 of the compact JWS. */
  readonly signed: string;
}

/** Signed by a device: it is one of that person. Base64 of a compact JWS. */
export async function signStatement(device: Identity, person: string, now: number): Promise<string> {
  return base64(utf8(await signJws(device, { person, time: timestamp(now) }, STATEMENT)));
}

/** Whether a key has signed to be a device of a person. `compact`: a compact JWS. */
export async function isStatement(reader: JwsReader, compact: string, device: string, person: string): Promise<boolean> {
  const jws = await reader.verify(compact);
  return jws?.typ === STATEMENT && jws.kid === device && statements.check(jws.payload) && jws.payload.person === person;
}

/** The compact form of what travels as base64; undefined for what is no text. */
export function compactIn(encoded: string): string | undefined {
  const bytes = fromBase64(encoded);
  if (!bytes) return undefined;
  try {
    return ascii.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The linked device that a person means: by key id, node id or name. Errors: `not-found`. */
export function findDevice(list: DeviceList | undefined, who: string): Device {
  const all = list?.devices ?? [];
  const found = all.filter(({ keyId, nodeId, name }) => [keyId, nodeId, name].includes(who));
  const [only] = found.length > 0 ? found : all.filter(({ name }) => name.toLowerCase() === who.toLowerCase());
  if (!only) throw new ParleyError('not-found', `there is no linked device ${who}`);
  return only;
}

export async function signList(person: Identity, list: Omit<DeviceList, 'person' | 'signed'>): Promise<DeviceList> {
  const { name, seq, time, devices, former } = list;
  const payload = {
    name,
    seq,
    time: timestamp(time),
    devices: devices.map(({ keyId, name: called, added, statement }) => ({ key: keyId, name: called, added: timestamp(added), statement })),
    former: former.map(({ keyId, name: called, until, statement }) => ({ key: keyId, name: called, until: timestamp(until), statement })),
  };
  const signed = base64(utf8(await signJws(person, payload, LIST)));
  return { ...list, person: { keyId: person.keyId, nodeId: person.nodeId }, signed };
}

/** Undefined when a signature does not fit, the person's or that of any device; or a key stands there twice. */
export async function readList(reader: JwsReader, keys: KeyBook, signed: string): Promise<DeviceList | undefined> {
  const compact = compactIn(signed);
  const jws = compact === undefined ? undefined : await reader.verify(compact);
  if (jws?.typ !== LIST) return undefined;
  const list = listIn(keys, jws.kid, jws.payload, signed);
  if (!list) return undefined;
  const all = [...list.devices, ...list.former];
  const named = new Set([jws.kid, ...all.map(({ keyId }) => keyId)]);
  if (named.size !== all.length + 1) return undefined;
  const agreed = await Promise.all(all.map(({ keyId, statement }): Awaitable<boolean> => isStatement(reader, statement, keyId, jws.kid)));
  return agreed.every(Boolean) ? list : undefined;
}

/** The person whose list it says to be: nothing is verified. */
export function personNamed(signed: string): string | undefined {
  const compact = compactIn(signed);
  return compact === undefined ? undefined : peekJws(compact)?.kid;
}

/** From our own disk, where only what was read before is. */
export function storedList(keys: KeyBook, signed: string): DeviceList | undefined {
  const compact = compactIn(signed);
  const read = compact === undefined ? undefined : peekJws(compact);
  return read && listIn(keys, read.kid, read.payload, signed);
}

function listIn(keys: KeyBook, person: string, payload: unknown, signed: string): DeviceList | undefined {
  const key = keys.resolve(person);
  if (!key || !lists.check(payload)) return undefined;
  const said: Static<typeof List> = payload;
  const time = parseTimestamp(said.time);
  const devices: Device[] = [];
  const former: FormerDevice[] = [];
  for (const { key: keyId, name, added, statement } of said.devices) {
    const nodeId = keys.resolve(keyId)?.nodeId;
    const at = parseTimestamp(added);
    if (nodeId === undefined || at === undefined) return undefined;
    devices.push({ keyId, nodeId, name, added: at, statement });
  }
  for (const { key: keyId, name, until, statement } of said.former) {
    const nodeId = keys.resolve(keyId)?.nodeId;
    const at = parseTimestamp(until);
    if (nodeId === undefined || at === undefined) return undefined;
    former.push({ keyId, nodeId, name, until: at, statement });
  }
  if (time === undefined) return undefined;
  return { person: { keyId: key.keyId, nodeId: key.nodeId }, name: said.name, seq: said.seq, time, devices, former, signed };
}
