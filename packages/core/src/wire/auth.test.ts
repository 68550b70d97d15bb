import { createCrypto, createRandom } from '@parley/host';
import { beforeAll, describe, expect, it } from 'vitest';
import { createIdentity, type Identity } from '../identity/identity.ts';
import { KeyBook } from '../identity/ids.ts';
import { base64, fromBase64 } from '../util/base64.ts';
import { utf8 } from '../util/bytes.ts';
import { errorCode } from '../util/errors.ts';
import { checkAuth, composeMessage, DIRECTED_WINDOW, FLOOD_WINDOW } from './auth.ts';
import { canonicalJson, type JsonObject, parseJson } from './json.ts';
import type { Auth, Message } from './message.ts';
import { Guid, NodeRef, Text, Type } from './schema.ts';
import { type AnyVerb, defineVerb } from './verb.ts';

const crypto = createCrypto();
const keys = new KeyBook(crypto);
const NOW = Date.parse('2026-03-01T12:00:00.000Z');
const clock = { now: () => NOW, monotonic: () => 0, after: () => ({ cancel() {} }) };

const common = {
  summary: '',
  source: '+',
  ttl: 32,
  proof: 'auth',
  acked: false,
  maxBytes: 4096,
  rate: { perSecond: 1, burst: 1 },
} as const;
const FLOOD = defineVerb({ ...common, name: 'FLOOD', reach: 'flood', data: Type.Object({ node_id: Guid, text: Text(4000) }) });
const DIRECTED = defineVerb({ ...common, name: 'DIRECTED', reach: 'directed', data: Type.Object({ node_id: Guid, recipient_id: Guid }) });
const SPLIT = defineVerb({
  ...common,
  name: 'SPLIT',
  reach: 'directed',
  split: true,
  unsigned: ['recipient'],
  data: Type.Object({ node_id: Guid, text: Text(10), recipient: Type.Array(NodeRef) }),
});
/** As CONNECT: whose message it is turns about once `dst` is filled. */
const TURN = defineVerb({
  ...common,
  name: 'TURN',
  reach: 'directed',
  unsigned: ['src', 'dst'],
  data: Type.Object({ src_node_id: Guid, dst_node_id: Guid, src: Text(100), dst: Text(100) }),
  origin: (data) => (data.dst === '' ? data.src_node_id : data.dst_node_id),
});

let ann: Identity;
let ben: Identity;

beforeAll(async () => {
  const make = async (name: string) => (await createIdentity({ crypto, random: createRandom(), clock }, { name })).identity;
  [ann, ben] = [await make('ann'), await make('ben')];
});

const check = (verb: AnyVerb, message: Message, now = NOW) => checkAuth(crypto, keys, verb, message, now);
/** As it comes out at the other end of a link. */
const sent = (message: Message): Message => parseJson(JSON.stringify(message)) as unknown as Message;
const flood = async (from: Identity = ann, now = NOW): Promise<Message> =>
  sent(await composeMessage(from, FLOOD, { node_id: from.nodeId, text: 'hello' }, now));

describe('auth', () => {
  it('proves the origin', async () => {
    const message = await flood();
    expect(message).toMatchObject({ msg_type: 'FLOOD', ttl: 32, flood: true, msg_data: { node_id: ann.nodeId, text: 'hello' } });
    expect(message.auth).toMatchObject({ key: ann.keyId, time: '2026-03-01T12:00:00.000Z' });
    expect(await check(FLOOD, message)).toBeUndefined();
  });

  it('covers exactly what the protocol says', async () => {
    const message = await flood();
    const { key, time, sig } = message.auth as Auth;
    const covered = `parley/auth/1\n{"auth":{"key":"${key}","time":"${time}"},"flood":true,"msg_data":{"node_id":"${ann.nodeId}","text":"hello"},"msg_type":"FLOOD"}`;
    expect(await crypto.verify(ann.publicKey, utf8(covered), fromBase64(sig) as Uint8Array)).toBe(true);
  });

  it.each<[string, (message: Message) => void, string]>([
    ['is missing', (message) => delete message.auth, 'auth-missing'],
    ['bears a text that is no key', (message) => Object.assign(message.auth as Auth, { key: `key_${'z'.repeat(40)}` }), 'auth-node-id'],
    ["bears another's key", (message) => Object.assign(message.auth as Auth, { key: ben.keyId }), 'auth-node-id'],
    ["is for another's node id", (message) => Object.assign(message.msg_data, { node_id: ben.nodeId }), 'auth-node-id'],
    [
      'has a time that does not exist',
      (message) => Object.assign(message.auth as Auth, { time: '2026-02-30T12:00:00.000Z' }),
      'auth-stale',
    ],
    ['has another time', (message) => Object.assign(message.auth as Auth, { time: '2026-03-01T12:00:00.001Z' }), 'auth-signature'],
    ['is over changed data', (message) => Object.assign(message.msg_data, { text: 'Hello' }), 'auth-signature'],
    ['is over data with something added', (message) => Object.assign(message.msg_data, { more: 1 }), 'auth-signature'],
    ['is over data with something left out', (message) => delete message.msg_data.text, 'auth-signature'],
    ['has another flood flag', (message) => Object.assign(message, { flood: false }), 'auth-signature'],
    ['has a signature of zeros', (message) => Object.assign(message.auth as Auth, { sig: base64(new Uint8Array(64)) }), 'auth-signature'],
    ['has half a signature', (message) => Object.assign(message.auth as Auth, { sig: base64(new Uint8Array(32)) }), 'auth-signature'],
    [
      'has a signature that is not base64',
      (message) => Object.assign(message.auth as Auth, { sig: `${'!'.repeat(86)}==` }),
      'auth-signature',
    ],
    [
      'has a signature with unused bits set',
      (message) => Object.assign(message.auth as Auth, { sig: respelt((message.auth as Auth).sig) }),
      'auth-signature',
    ],
  ])('that %s does not', async (_, change, fault) => {
    const message = await flood();
    change(message);
    expect(await check(FLOOD, message)).toBe(fault);
  });

  it('of another verb does not, though all else is the same', async () => {
    const message = await flood();
    const OTHER = defineVerb({ ...FLOOD.spec, name: 'OTHER' });
    expect(await check(OTHER, { ...message, msg_type: 'OTHER' })).toBe('auth-signature');
  });

  it('made for another purpose does not', async () => {
    const message = await flood();
    const { key, time } = message.auth as Auth;
    const text = canonicalJson({ auth: { key, time }, flood: true, msg_data: message.msg_data, msg_type: 'FLOOD' });
    const sig = base64(await ann.sign(utf8(`parley/link/1\n${text}`)));
    expect(await check(FLOOD, { ...message, auth: { key, time, sig } })).toBe('auth-signature');
  });

  it('does not cover what forwarders change: ttl, via and unknown members of the head', async () => {
    const message = await flood();
    expect(await check(FLOOD, { ...message, ttl: 3, via: [ben.nodeId], hops: 7 } as Message)).toBeUndefined();
  });

  it('survives that a forwarder writes the message anew, in another order and with other spaces', async () => {
    const message = await flood();
    const turned: JsonObject = {};
    for (const [key, value] of Object.entries(message.msg_data).reverse()) turned[key] = value;
    expect(await check(FLOOD, sent({ ...message, msg_data: turned }))).toBeUndefined();
    expect(await check(FLOOD, parseJson(JSON.stringify(message, undefined, 3)) as unknown as Message)).toBeUndefined();
  });

  it('leaves the unsigned members of a verb free, and nothing else', async () => {
    const data = { node_id: ann.nodeId, text: 'hello', recipient: [{ node_id: ben.nodeId }] };
    const message = sent(await composeMessage(ann, SPLIT, data, NOW));
    expect(await check(SPLIT, message)).toBeUndefined();
    expect(await check(SPLIT, { ...message, msg_data: { ...data, recipient: [] } })).toBeUndefined();
    const { recipient: _, ...without } = data;
    expect(await check(SPLIT, { ...message, msg_data: without })).toBeUndefined();
    expect(await check(SPLIT, { ...message, msg_data: { ...data, text: 'Hello' } })).toBe('auth-signature');
  });

  it('turns about with whose message it is', async () => {
    const ids = { src_node_id: ann.nodeId, dst_node_id: ben.nodeId };
    const question = sent(await composeMessage(ann, TURN, { ...ids, src: '4000', dst: '' }, NOW));
    expect(await check(TURN, question)).toBeUndefined();
    // A forwarder fills in the address that it saw.
    expect(await check(TURN, { ...question, msg_data: { ...ids, src: '192.0.2.1:4000', dst: '' } })).toBeUndefined();
    // Filled in by anybody but the destination it is not the destination's word.
    expect(await check(TURN, { ...question, msg_data: { ...ids, src: '4000', dst: '5000' } })).toBe('auth-node-id');
    const answer = sent(await composeMessage(ben, TURN, { ...ids, src: '4000', dst: '5000' }, NOW));
    expect(await check(TURN, answer)).toBeUndefined();
    expect(await check(TURN, { ...answer, msg_data: { ...ids, src: '4000', dst: '192.0.2.2:5000' } })).toBeUndefined();
    expect(await check(TURN, { ...answer, msg_data: { ...ids, src: '4000', dst: '' } })).toBe('auth-node-id');
  });

  it('holds for its window and not a millisecond longer', async () => {
    const floods = await flood();
    const data = { node_id: ann.nodeId, recipient_id: ben.nodeId };
    const directed = sent(await composeMessage(ann, DIRECTED, data, NOW));
    for (const [verb, message, window] of [
      [FLOOD, floods, FLOOD_WINDOW],
      [DIRECTED, directed, DIRECTED_WINDOW],
    ] as const) {
      expect(await check(verb, message, NOW + window.back)).toBeUndefined();
      expect(await check(verb, message, NOW + window.back + 1)).toBe('auth-stale');
      expect(await check(verb, message, NOW - window.ahead)).toBeUndefined();
      expect(await check(verb, message, NOW - window.ahead - 1)).toBe('auth-future');
    }
  });
});

/** The same bytes, spelt with a bit set that base64 does not use. */
function respelt(sig: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const last = alphabet.indexOf(sig.charAt(85));
  return `${sig.slice(0, 85)}${alphabet.charAt(last | 1)}==`;
}

describe('composeMessage', () => {
  const composing = async (verb: AnyVerb, data: JsonObject): Promise<string> => {
    try {
      await composeMessage(ann, verb, data, NOW);
      return 'made';
    } catch (error) {
      return errorCode(error);
    }
  };

  it('makes nothing that neighbours would refuse', async () => {
    expect(await composing(FLOOD, { node_id: ann.nodeId })).toBe('bad-argument');
    expect(await composing(FLOOD, { node_id: ann.nodeId, text: 'two\nlines' })).toBe('bad-argument');
    expect(await composing(FLOOD, { node_id: ann.nodeId, text: '\ud800' })).toBe('bad-argument');
    expect(await composing(FLOOD, { node_id: ann.nodeId, text: 'x'.repeat(3500) })).toBe('made');
    expect(await composing(FLOOD, { node_id: ann.nodeId, text: 'x'.repeat(4000) })).toBe('too-large');
    expect(await composing(FLOOD, { node_id: ann.nodeId, text: '😀'.repeat(1000) })).toBe('too-large');
  });

  it('makes messages that are as long as it says', async () => {
    let longest = 0;
    for (let length = 3500; length < 4000; length++) {
      const data = { node_id: ann.nodeId, text: 'x'.repeat(length) };
      if ((await composing(FLOOD, data)) === 'too-large') break;
      longest = utf8(JSON.stringify(await composeMessage(ann, FLOOD, data, NOW))).length;
    }
    expect(longest).toBeLessThanOrEqual(FLOOD.spec.maxBytes);
    expect(longest).toBeGreaterThan(FLOOD.spec.maxBytes - 20);
  });

  it('signs nothing that the link or a signature inside proves', async () => {
    const LINK = defineVerb({ ...FLOOD.spec, name: 'LINK', reach: 'link', proof: 'link' });
    expect((await composeMessage(ann, LINK, { node_id: ann.nodeId, text: '' }, NOW)).auth).toBeUndefined();
  });
});
