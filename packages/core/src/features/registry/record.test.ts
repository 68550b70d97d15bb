import { createCrypto, createRandom } from '@parley/host';
import { beforeAll, describe, expect, it } from 'vitest';
import { createIdentity, type Identity } from '../../identity/identity.ts';
import { KeyBook } from '../../identity/ids.ts';
import { purposeBytes } from '../../identity/signature.ts';
import { concat, utf8 } from '../../util/bytes.ts';
import { canonicalJson } from '../../wire/json.ts';
import { MAX_LIFETIME_MS, MAX_RECORD_BYTES, makeRecord, type RecordContent, type RegistryRecord, readRecord } from './record.ts';

const crypto = createCrypto();
const NOW = Date.UTC(2026, 5, 1);
const HOUR = 60 * 60_000;
const clock = { now: () => NOW, monotonic: () => 0, after: () => ({ cancel() {} }) };
const deps = { crypto, keys: new KeyBook(crypto) };
const LIFE = { seq: 7, time: NOW, expires: NOW + 24 * HOUR };
let ann: Identity;
let hub: Identity;

beforeAll(async () => {
  const make = async (name: string) => (await createIdentity({ crypto, random: createRandom(), clock }, { name })).identity;
  [ann, hub] = await Promise.all([make('ann'), make('hub')]);
});

function content(changes: Partial<RecordContent> = {}): RecordContent {
  const attachments = [{ keyId: hub.keyId, endpoints: ['tls:203.0.113.5:4717'] }];
  return { nodeType: 'client', endpoints: [], attachments, metadata: {}, sealed: [], ...changes };
}

const read = (bytes: Uint8Array, now = NOW) => readRecord(deps, bytes, now);

/** A payload that was signed as it is. */
async function signed(text: string): Promise<Uint8Array> {
  const signature = await ann.sign(purposeBytes('record', text));
  return concat(Uint8Array.of(1), ann.publicKey, signature, utf8(text));
}

describe('a record', () => {
  it('says where a node is, signed', async () => {
    const bytes = await makeRecord(
      ann,
      content({ endpoints: ['tls:[2001:db8::1]:4717'], metadata: { city: 'Graz' }, sealed: ['AAAA'] }),
      LIFE,
    );
    expect(await read(bytes)).toEqual({
      keyId: ann.keyId,
      nodeId: ann.nodeId,
      publicKey: ann.publicKey,
      nodeType: 'client',
      endpoints: ['tls:[2001:db8::1]:4717'],
      attachments: [{ keyId: hub.keyId, nodeId: hub.nodeId, endpoints: ['tls:203.0.113.5:4717'] }],
      ...LIFE,
      metadata: { city: 'Graz' },
      sealed: ['AAAA'],
      bytes,
    } satisfies RegistryRecord);
  });

  it('is worth nothing once a bit of it has changed, or with another key before it', async () => {
    const bytes = await makeRecord(ann, content(), LIFE);
    for (const at of [1, 20, 33, 60, 96, 97, 150, bytes.length - 1]) {
      const changed = new Uint8Array(bytes);
      changed[at] = (changed[at] as number) ^ 1;
      expect(await read(changed), String(at)).toMatch(/^record-(format|signature)$/);
    }
    const stolen = new Uint8Array(bytes);
    stolen.set(hub.publicKey, 1);
    expect(await read(stolen)).toBe('record-signature');
  });

  it('is refused before its signature is looked at when it is too long, too short, or of another version', async () => {
    const bytes = await makeRecord(ann, content(), LIFE);
    expect(await read(concat(bytes, new Uint8Array(MAX_RECORD_BYTES)))).toBe('record-size');
    expect(await read(bytes.subarray(0, 97))).toBe('record-size');
    expect(await read(concat(Uint8Array.of(2), bytes.subarray(1)))).toBe('record-format');
  });

  it('has one form: canonical JSON', async () => {
    const bytes = await makeRecord(ann, content(), LIFE);
    const text = new TextDecoder().decode(bytes.subarray(97));
    expect(await read(await signed(text))).toBeTypeOf('object');
    expect(await read(await signed(text.replace('{', '{ ')))).toBe('record-format');
    expect(await read(await signed(text.replace(',"endpoints"', ',"endpoints":[],"endpoints"')))).toBe('record-format');
    // As long as it was, and in another order.
    expect(await read(await signed(text.replace(/^\{(.*),("time":"[^"]*")\}$/, '{$2,$1}')))).toBe('record-format');
    expect(await read(await signed(`${text} `))).toBe('record-format');
  });

  it('may say what a later version adds', async () => {
    const value = { ...JSON.parse(new TextDecoder().decode((await makeRecord(ann, content(), LIFE)).subarray(97))), zone: 'x' };
    expect(await read(await signed(canonicalJson(value)))).toMatchObject({ seq: 7 });
  });

  it('holds for a time, at most a week', async () => {
    const bytes = await makeRecord(ann, content(), LIFE);
    expect(await read(bytes, LIFE.expires - 1)).toBeTypeOf('object');
    expect(await read(bytes, LIFE.expires)).toBe('record-expired');
    expect(await read(bytes, NOW - 16 * 60_000)).toBe('record-future');
    expect(await read(await makeRecord(ann, content(), { ...LIFE, expires: NOW + MAX_LIFETIME_MS + 1 }))).toBe('record-format');
    expect(await read(await makeRecord(ann, content(), { ...LIFE, expires: NOW }))).toBe('record-format');
  });

  it('leaves out what there is no room for, the least important first', async () => {
    const endpoint = (i: number) => `tls:${`host${i}`.padEnd(60, 'x')}:4717`;
    const attachments = Array.from({ length: 6 }, (_, i) => ({
      keyId: hub.keyId,
      endpoints: [0, 1, 2, 3].map((n) => endpoint(10 * i + n)),
    }));
    const bytes = await makeRecord(ann, content({ attachments }), LIFE);
    expect(bytes.length).toBeLessThanOrEqual(MAX_RECORD_BYTES);
    const record = (await read(bytes)) as RegistryRecord;
    expect(record.attachments.length).toBe(4);
    expect(record.attachments[0]?.endpoints[0]).toBe(endpoint(0));
    const metadata = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`key${i}`, 'x'.repeat(200)]));
    await expect(async () => makeRecord(ann, content({ metadata }), LIFE)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('does not say what others would refuse', async () => {
    await expect(async () => makeRecord(ann, content({ endpoints: ['nonsense'] }), LIFE)).rejects.toMatchObject({ code: 'bad-argument' });
  });
});
