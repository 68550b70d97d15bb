import { createClock, createCrypto, createRandom } from '@parley/host';
import { beforeAll, describe, expect, it } from 'vitest';
import { createIdentity, type Identity, KeyBook } from '../../identity/index.ts';
import { base64 } from '../../util/base64.ts';
import { utf8 } from '../../util/bytes.ts';
import { JwsReader, signJws } from '../../wire/jws.ts';
import { compactIn, type Device, findDevice, isStatement, readList, signList, signStatement, storedList } from './list.ts';

const deps = { crypto: createCrypto(), random: createRandom(), clock: createClock() };
const keys = new KeyBook(deps.crypto);
const reader = new JwsReader(deps.crypto, keys);
const NOW = Date.UTC(2026, 0, 1);
const encoded = (jws: string): string => base64(utf8(jws));
const compact = (text: string): string => compactIn(text) ?? '';

let ann: Identity;
let phone: Identity;
let eve: Identity;

beforeAll(async () => {
  const make = async (name: string) => (await createIdentity(deps, { name })).identity;
  [ann, phone, eve] = [await make('ann'), await make('phone'), await make('eve')];
});

async function deviceOf(device: Identity, person: Identity, name = 'phone'): Promise<Device> {
  const statement = compact(await signStatement(device, person.keyId, NOW));
  return { keyId: device.keyId, nodeId: device.nodeId, name, added: NOW, statement };
}

const about = { name: 'ann', seq: 1, time: NOW, former: [] };

describe('a list of devices', () => {
  it('is read as it was signed, from others and from our own disk', async () => {
    const device = await deviceOf(phone, ann);
    const { added: until, ...gone } = await deviceOf(eve, ann, 'tablet');
    const list = await signList(ann, { ...about, devices: [device], former: [{ ...gone, until }] });
    expect(await readList(reader, keys, list.signed)).toEqual(list);
    expect(storedList(keys, list.signed)).toEqual(list);
  });

  it('counts only with what each device has signed itself, for this person', async () => {
    const own = await deviceOf(phone, ann);
    const read = async (devices: readonly Device[]) => readList(reader, keys, (await signList(ann, { ...about, devices })).signed);
    expect(await read([own])).toBeDefined();
    // Somebody else's device, one that has agreed to be another's, and one for whom somebody else has signed.
    expect(await read([await deviceOf(phone, eve)])).toBeUndefined();
    expect(await read([{ ...own, keyId: eve.keyId, nodeId: eve.nodeId }])).toBeUndefined();
    expect(await read([own, await deviceOf(phone, ann, 'again')])).toBeUndefined();
    // The first device is the person, and is none of the others.
    expect(await read([await deviceOf(ann, ann)])).toBeUndefined();
    const former = { ...own, until: NOW };
    expect(await readList(reader, keys, (await signList(ann, { ...about, devices: [own], former: [former] })).signed)).toBeUndefined();
  });

  it('is not what was signed for something else, or is no text', async () => {
    const { signed } = await signList(ann, { ...about, devices: [await deviceOf(phone, ann)] });
    const payload = JSON.parse(Buffer.from(compact(signed).split('.')[1] ?? '', 'base64url').toString());
    expect(await readList(reader, keys, encoded(await signJws(ann, payload, 'parley-devices')))).toBeDefined();
    for (const typ of [undefined, 'parley-device', 'parley-role'])
      expect(await readList(reader, keys, encoded(await signJws(ann, payload, typ)))).toBeUndefined();
    // Eve signs Ann's list: it is a list of hers, whose devices have not agreed.
    expect(await readList(reader, keys, encoded(await signJws(eve, payload, 'parley-devices')))).toBeUndefined();
    expect(await readList(reader, keys, encoded(await signJws(ann, { ...payload, seq: 0 }, 'parley-devices')))).toBeUndefined();
    for (const text of ['', 'not base64!', base64(new Uint8Array([0xff, 0xfe])), encoded('a.b.c')])
      expect(await readList(reader, keys, text)).toBeUndefined();
  });

  it('is asked for a device by key, by node or by name, and says when there is none', async () => {
    const list = await signList(ann, { ...about, devices: [await deviceOf(phone, ann, 'Phone'), await deviceOf(eve, ann, 'phone')] });
    expect(findDevice(list, phone.keyId).name).toBe('Phone');
    expect(findDevice(list, eve.nodeId).name).toBe('phone');
    // As it is written, before all that differ in capitals alone.
    expect(findDevice(list, 'phone').keyId).toBe(eve.keyId);
    expect(findDevice(list, 'PHONE').keyId).toBe(phone.keyId);
    for (const [where, who] of [
      [list, 'tablet'],
      [undefined, 'phone'],
    ] as const)
      expect(() => findDevice(where, who)).toThrowError(expect.objectContaining({ code: 'not-found' }));
  });
});

describe('the statement of a device', () => {
  it('is its own word for one person', async () => {
    const statement = compact(await signStatement(phone, ann.keyId, NOW));
    expect(await isStatement(reader, statement, phone.keyId, ann.keyId)).toBe(true);
    expect(await isStatement(reader, statement, phone.keyId, eve.keyId)).toBe(false);
    expect(await isStatement(reader, statement, eve.keyId, ann.keyId)).toBe(false);
    const other = await signJws(phone, { person: ann.keyId, time: new Date(NOW).toISOString() }, 'parley-role');
    expect(await isStatement(reader, other, phone.keyId, ann.keyId)).toBe(false);
    expect(await isStatement(reader, 'a.b.c', phone.keyId, ann.keyId)).toBe(false);
  });
});
