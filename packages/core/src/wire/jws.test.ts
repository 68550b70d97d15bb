import { createCrypto, createRandom } from '@parley/host';
import { beforeAll, describe, expect, it } from 'vitest';
import { createIdentity, type Identity } from '../identity/identity.ts';
import { KeyBook } from '../identity/ids.ts';
import type { Crypto } from '../ports/crypto.ts';
import { base64url, fromBase64url } from '../util/base64.ts';
import { utf8 } from '../util/bytes.ts';
import { JwsReader, MAX_JWS_HEADER, peekJws, signJws } from './jws.ts';

const crypto = createCrypto();
const clock = { now: () => 0, monotonic: () => 0, after: () => ({ cancel() {} }) };
const reader = (with_: Crypto = crypto) => new JwsReader(with_, new KeyBook(crypto));
const part = (value: unknown): string => base64url(utf8(typeof value === 'string' ? value : JSON.stringify(value)));

let ann: Identity;
let ben: Identity;

beforeAll(async () => {
  const make = async (name: string) => (await createIdentity({ crypto, random: createRandom(), clock }, { name })).identity;
  [ann, ben] = [await make('ann'), await make('ben')];
});

/** A JWS with a header of our choice, whose signature is true. */
async function signed(header: unknown, payload: unknown = { text: 'hello' }, by: Identity = ann): Promise<string> {
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${base64url(await by.sign(utf8(input)))}`;
}

describe('JWS', () => {
  it('has the header of the protocol, and says who signed what', async () => {
    const compact = await signJws(ann, { text: 'hello' });
    const [header = '', payload = ''] = compact.split('.');
    expect(new TextDecoder().decode(fromBase64url(header))).toBe(`{"alg":"EdDSA","kid":"${ann.keyId}"}`);
    expect(new TextDecoder().decode(fromBase64url(payload))).toBe('{"text":"hello"}');
    expect(await reader().verify(compact)).toEqual({ kid: ann.keyId, nodeId: ann.nodeId, typ: undefined, payload: { text: 'hello' } });
    expect((await reader().verify(await signJws(ann, {}, 'parley-test')))?.typ).toBe('parley-test');
    expect(peekJws(compact)).toEqual({ kid: ann.keyId, payload: { text: 'hello' } });
  });

  it('takes members of the header that it does not know', async () => {
    expect(await reader().verify(await signed({ alg: 'EdDSA', kid: ann.keyId, cty: 'x', x: [1] }))).toBeDefined();
  });

  it.each<[string, () => unknown]>([
    ['no algorithm', () => ({ kid: ann.keyId })],
    ['algorithm none', () => ({ alg: 'none', kid: ann.keyId })],
    ['another algorithm', () => ({ alg: 'HS256', kid: ann.keyId })],
    ['an algorithm in other letters', () => ({ alg: 'eddsa', kid: ann.keyId })],
    ['no key', () => ({ alg: 'EdDSA' })],
    ["another's key", () => ({ alg: 'EdDSA', kid: ben.keyId })],
    ['a key that is a number', () => ({ alg: 'EdDSA', kid: 1 })],
    ['a key that is none', () => ({ alg: 'EdDSA', kid: 'key_1' })],
    ['a node id for a key', () => ({ alg: 'EdDSA', kid: ann.nodeId })],
    ['critical extensions', () => ({ alg: 'EdDSA', kid: ann.keyId, crit: ['exp'], exp: 1 })],
    ['an empty list of critical extensions', () => ({ alg: 'EdDSA', kid: ann.keyId, crit: [] })],
    ['a type that is no string', () => ({ alg: 'EdDSA', kid: ann.keyId, typ: 1 })],
    ['an array', () => ['EdDSA', ann.keyId]],
    ['nothing', () => ''],
    ['what is not JSON', () => '{"alg":"EdDSA"'],
    ['a prototype', () => `{"__proto__":{"alg":"EdDSA","kid":"${ann.keyId}"}}`],
    ['more than a header needs', () => ({ alg: 'EdDSA', kid: ann.keyId, pad: 'x'.repeat(MAX_JWS_HEADER) })],
  ])('refuses a header with %s', async (_, header) => {
    expect(await reader().verify(await signed(header()))).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['an array', []],
    ['a string', '"hello"'],
    ['what is not JSON', '{'],
    ['nothing', ''],
    ['a lone surrogate', '{"text":"\\ud800"}'],
  ])('refuses a payload that is %s', async (_, payload) => {
    expect(await reader().verify(await signed({ alg: 'EdDSA', kid: ann.keyId }, payload))).toBeUndefined();
  });

  it.each<[string, (compact: string) => string]>([
    ['a part missing', (compact) => compact.split('.').slice(0, 2).join('.')],
    ['a part too many', (compact) => `${compact}.`],
    ['a part in front', (compact) => `.${compact}`],
    ['dots alone', () => '..'],
    ['nothing', () => ''],
    ['padding', (compact) => `${compact}==`],
    ['padding of the header', (compact) => compact.replace('.', '=.')],
    ['base64 in place of base64url', (compact) => compact.replace(/.$/, '+')],
    ['no signature', (compact) => compact.replace(/[^.]*$/, '')],
    ['half a signature', (compact) => compact.slice(0, -43)],
    ['a signature with something behind it', (compact) => `${compact}AAAA`],
    ['a space', (compact) => `${compact} `],
    ['a signature with unused bits set', (compact) => compact.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1))],
    ['another payload', (compact) => compact.replace(/\.[^.]*\./, `.${part({ text: 'Hello' })}.`)],
    ['a payload spelt otherwise', (compact) => compact.replace(/\.[^.]*\./, `.${part('{"text": "hello"}')}.`)],
  ])('refuses %s', async (_, change) => {
    const compact = await signJws(ann, { text: 'hello' });
    expect(await reader().verify(change(compact))).toBeUndefined();
  });

  it('remembers a header, and not that its first signature was true', async () => {
    const one = reader();
    const good = await signJws(ann, { text: 'hello' });
    const forged = `${good.slice(0, good.lastIndexOf('.'))}.${base64url(new Uint8Array(64))}`;
    expect(await one.verify(good)).toBeDefined();
    expect(await one.verify(forged)).toBeUndefined();
    expect(await one.verify(await signJws(ann, { text: 'more' }))).toBeDefined();
  });

  it('waits for a platform that verifies later', async () => {
    const later: Crypto = { ...crypto, verify: async (key, data, signature) => crypto.verify(key, data, signature) };
    expect(await reader(later).verify(await signJws(ann, { text: 'hello' }))).toMatchObject({ kid: ann.keyId });
  });
});
