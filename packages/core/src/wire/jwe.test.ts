import { createClock, createCrypto, createRandom } from '@parley/host';
import { beforeAll, describe, expect, it } from 'vitest';
import { createIdentity, type Identity } from '../identity/identity.ts';
import { base64url, fromBase64url } from '../util/base64.ts';
import { utf8 } from '../util/bytes.ts';
import { compactParts, encodeCompact, type Jwe, openJwe, PADDING_BYTES, readJwe, sealJwe } from './jwe.ts';

const crypto = createCrypto();
const deps = { crypto, random: createRandom() };
const about = { nodeId: '00000000-0000-8000-8000-000000000001', msgId: '00000000-0000-4000-8000-000000000002' };
const inChannel = { ...about, channelId: '00000000-0000-8000-8000-000000000003' };
const key = { kid: '00000000-0000-8000-8000-000000000004', key: crypto.sha256(utf8('key')) };
const content = { msg_type: 'X', msg_data: { text: 'Grüße' } };

let ben: Identity;
let eve: Identity;

beforeAll(async () => {
  const about = { crypto, random: deps.random, clock: createClock() };
  ben = (await createIdentity(about, { name: 'ben' })).identity;
  eve = (await createIdentity(about, { name: 'eve' })).identity;
});

const read = (compact: string, binding = about): Jwe => {
  const jwe = readJwe(compact.split('.'), binding);
  if (!jwe) throw new Error('refused');
  return jwe;
};
/** With one character of a part changed, so that it stays base64url. */
const changed = (compact: string, part: number): string => {
  const parts = compact.split('.');
  const bytes = fromBase64url(parts[part] ?? '');
  if (!bytes) throw new Error('no base64url');
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  parts[part] = base64url(bytes);
  return parts.join('.');
};
/** With other words in the header. */
const reheaded = (compact: string, changes: object): string => {
  const [header = '', ...rest] = compact.split('.');
  const fields = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), ...changes };
  return [base64url(utf8(JSON.stringify(fields))), ...rest].join('.');
};

describe('what is sealed to a certificate', () => {
  it('opens for its holder alone', async () => {
    const compact = await sealJwe(deps, ben, about, content);
    expect(read(compact)).toMatchObject({ kid: ben.keyId, toCertificate: true });
    expect(await openJwe(crypto, read(compact), ben)).toEqual(content);
    expect(await openJwe(crypto, read(compact), eve)).toBeUndefined();
    expect(await openJwe(crypto, read(compact), key.key)).toBeUndefined();
  });

  it('opens no more when any part of it was changed', async () => {
    const compact = await sealJwe(deps, ben, about, content);
    for (const part of [1, 2, 3, 4]) expect(await openJwe(crypto, read(changed(compact, part)), ben), `part ${part}`).toBeUndefined();
    expect(await openJwe(crypto, read(reheaded(compact, { more: 1 })), ben)).toBeUndefined();
  });
});

describe('what is sealed with a key', () => {
  it('opens with it alone, and not when it was changed', async () => {
    const compact = await sealJwe(deps, key, inChannel, content);
    expect(read(compact, inChannel)).toMatchObject({ kid: key.kid, toCertificate: false });
    expect(await openJwe(crypto, read(compact, inChannel), key.key)).toEqual(content);
    expect(await openJwe(crypto, read(compact, inChannel), crypto.sha256(utf8('another')))).toBeUndefined();
    for (const part of [2, 3, 4]) expect(await openJwe(crypto, read(changed(compact, part), inChannel), key.key)).toBeUndefined();
  });

  it('is another text each time', async () => {
    expect(await sealJwe(deps, key, inChannel, content)).not.toBe(await sealJwe(deps, key, inChannel, content));
  });

  it('has a length that says little', async () => {
    const bodies = await Promise.all(
      ['', 'yes', 'x'.repeat(200)].map(async (text) => (await sealJwe(deps, key, inChannel, { text })).split('.')[3]?.length),
    );
    expect(new Set(bodies).size).toBe(1);
    const long = (await sealJwe(deps, key, inChannel, { text: 'x'.repeat(300) })).split('.')[3] ?? '';
    expect((fromBase64url(long)?.length ?? 1) % PADDING_BYTES).toBe(0);
  });
});

describe('a JWE', () => {
  it('made for one message is refused around another', async () => {
    const compact = await sealJwe(deps, key, inChannel, content);
    const parts = compact.split('.');
    for (const other of [
      { nodeId: inChannel.channelId },
      { msgId: inChannel.channelId },
      { channelId: about.msgId },
      { channelId: undefined },
    ])
      expect(readJwe(parts, { ...inChannel, ...other }), JSON.stringify(other)).toBeUndefined();
    expect(readJwe((await sealJwe(deps, key, about, content)).split('.'), inChannel)).toBeUndefined();
  });

  it('is refused in any other form', async () => {
    const compact = await sealJwe(deps, key, about, content);
    const refused = [
      compact.split('.').slice(1).join('.'),
      `${compact}.`,
      reheaded(compact, { alg: 'none' }),
      reheaded(compact, { alg: 'parley-hpke' }),
      reheaded(compact, { enc: 'A128GCM' }),
      reheaded(compact, { zip: 'DEF' }),
      reheaded(compact, { crit: [] }),
      reheaded(compact, { kid: 1 }),
      reheaded(compact, { long: 'x'.repeat(1000) }),
      compact.replace('.', '.AAAA'),
      compact.slice(0, -1),
      `${compact}AAAA`,
      'eyJ....',
    ];
    for (const text of refused) expect(readJwe(text.split('.'), about), text).toBeUndefined();
    expect(compactParts(encodeCompact(compact))?.join('.')).toBe(compact);
    expect(compactParts('****')).toBeUndefined();
    expect(compactParts('/////w==')).toBeUndefined();
  });

  it('that holds no JSON object does not open', async () => {
    const compact = await sealJwe(deps, key, about, content);
    const jwe = read(compact);
    const ciphertext = await crypto.seal(key.key, jwe.nonce, utf8('[1]'), utf8(jwe.header));
    expect(await openJwe(crypto, { ...jwe, ciphertext }, key.key)).toBeUndefined();
  });
});
