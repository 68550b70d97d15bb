import {
  base64,
  CARRIED,
  CARRY,
  circuitDefaults,
  EXTEND,
  EXTENDED,
  encodeCompact,
  HIDDEN,
  type JsonObject,
  RECEIPT,
  SEALED,
  SEEK,
  SOUGHT,
  sealJwe,
} from '@parley/core';
import { describe, expect, it } from 'vitest';
import { CircuitMaker } from './lib/circuit-maker.ts';
import type { Network, ParticipantConfig } from './lib/network.ts';
import { registered } from './lib/registry.ts';
import { guid, Stranger } from './lib/stranger.ts';

const MINUTE = 60_000;
const HOP = '10.0.1.1';
const KEY = base64(new Uint8Array(32).fill(9));

async function place(seed: string, circuits: ParticipantConfig['circuits'] = {}) {
  const { net, servers } = await registered(seed, { servers: 4, clients: 1, config: () => ({ circuits: { serves: true, ...circuits } }) });
  const stranger = await Stranger.meet(net, 'stranger', HOP);
  return { net, servers, stranger };
}

const rejected = (net: Network, host: string, reason: string): number => net.get(host).node.metrics.value('rejections', reason);
const gauge = (net: Network, name: string) => net.get(HOP).node.metrics.snapshot().gauges.get(name)?.get('');

describe('a hop is not brought down', () => {
  it('by circuits without end: a neighbour has its share, and those that stand go on', async () => {
    const { net, stranger } = await place('hostile circuits', { maxPerLink: 20 });
    const first = await CircuitMaker.open(net, stranger, HOP, 1);
    for (let number = 2; number < 300; number++) {
      stranger.say('CIRCUIT_OPEN', { circuit: number, key: KEY, depth: 1 });
      await net.world.advance(100);
    }
    expect(stranger.of('CIRCUIT_OPENED')).toHaveLength(20);
    expect(stranger.of('CIRCUIT_CLOSE').map(({ msg_data: data }) => data.reason)).toContain('quota');
    expect(rejected(net, HOP, 'circuit-refused')).toBeGreaterThan(200);
    first.say(SEEK, { seek_id: 1, target: net.idOf('client0'), what: 'record' });
    await net.world.runUntil(() => first.of(SOUGHT).length === 1, { limitMs: MINUTE, what: 'the answer' });
    // All of them end with the link.
    await net.world.advance(circuitDefaults.hopIdleMs + MINUTE);
    expect(stranger.of('CIRCUIT_CLOSE').filter(({ msg_data: data }) => data.reason === 'idle').length).toBe(20);
    expect(net.errors()).toEqual([]);
  });

  it('by keys that are none, numbers that are taken, and cells for circuits that are not', async () => {
    const { net, stranger } = await place('hostile openings');
    const reasons = (number: number) =>
      stranger.of('CIRCUIT_CLOSE').flatMap(({ msg_data: data }) => (data.circuit === number ? data.reason : []));
    stranger.say('CIRCUIT_OPEN', { circuit: 5, key: base64(new Uint8Array(32)), depth: 1 });
    await net.world.advance(1000);
    expect(reasons(5)).toEqual(['refused']);
    const maker = await CircuitMaker.open(net, stranger, HOP, 7);
    stranger.say('CIRCUIT_OPEN', { circuit: 7, key: KEY, depth: 1 });
    await net.world.advance(1000);
    expect(reasons(7)).toEqual(['refused']);
    for (const circuit of [7.5, -1, 2 ** 60]) stranger.say('CELL', { circuit, cell: base64(new Uint8Array(4096)) });
    stranger.say('CELL', { circuit: 99, cell: base64(new Uint8Array(4096)) });
    stranger.say('CELL', { circuit: 7, cell: base64(new Uint8Array(100)) });
    stranger.say('CIRCUIT_OPENED', { circuit: 99, key: KEY, sig: base64(new Uint8Array(64)) });
    stranger.say('CIRCUIT_CLOSE', { circuit: 99 });
    await net.world.advance(1000);
    expect(rejected(net, HOP, 'circuit-unknown')).toBe(3);
    expect(rejected(net, HOP, 'circuit-cell')).toBe(1);
    // A number that was refused to a second one is still the first one's.
    maker.say(SEEK, { seek_id: 1, target: net.idOf('client0'), what: 'record' });
    await net.world.runUntil(() => maker.of(SOUGHT).length === 1, { what: 'the answer' });
    expect(net.errors()).toEqual([]);
  });

  it('by cells with anything in them: the circuit ends, and nothing else', async () => {
    const { net, stranger } = await place('hostile contents');
    const frame = (text: string): Uint8Array => {
      const bytes = Buffer.from(text);
      return Uint8Array.from([0, 0, bytes.length >> 8, bytes.length & 255, ...bytes]);
    };
    const contents: Record<string, Uint8Array> = {
      'no JSON': frame('{"msg_type"'),
      'a verb that belongs elsewhere': frame('{"msg_type":"HELLO","msg_data":{}}'),
      'of another form': frame('{"msg_type":"CARRY","msg_data":{"msg_id":1}}'),
      'what a hop says': frame(`{"msg_type":"CARRIED","msg_data":{"msg_id":"${guid(1)}"}}`),
      'a frame without end': Uint8Array.from([0x7f, 0xff, 0xff, 0xff]),
      'a data frame': Uint8Array.from([0x80, 0, 0, 5, 0, 0, 0, 1, 1]),
      prototypes: frame('{"msg_type":"SEEK","msg_data":{"__proto__":{}}}'),
    };
    let number = 10;
    for (const [what, content] of Object.entries(contents)) {
      const maker = await CircuitMaker.open(net, stranger, HOP, number++);
      maker.content(content);
      await net.world.advance(1000);
      expect([what, maker.closed !== undefined]).toEqual([what, true]);
    }
    const patient = await CircuitMaker.open(net, stranger, HOP, number++);
    patient.content(frame('{"msg_type":"OF_A_NEWER_VERSION","msg_data":{}}'));
    await net.world.advance(1000);
    expect(patient.closed).toBeUndefined();
    expect(rejected(net, HOP, 'verb-unknown')).toBe(1);
    expect(gauge(net, 'circuit_hops')).toBe(1);
    expect(net.errors()).toEqual([]);
  });

  it('by being told to go on to itself, back, to nobody, or twice', async () => {
    const { net, servers, stranger } = await place('hostile extensions');
    const extend = async (number: number, nodeId: string) => {
      const maker = await CircuitMaker.open(net, stranger, HOP, number);
      maker.say(EXTEND, { node_id: nodeId, key: KEY });
      await net.world.runUntil(() => maker.of(EXTENDED).length > 0, { limitMs: MINUTE, what: 'the answer' });
      return { maker, answer: maker.of(EXTENDED)[0] as { reason?: string; key?: string } };
    };
    expect((await extend(1, net.idOf(HOP))).answer.reason).toBe('refused');
    expect((await extend(2, stranger.nodeId)).answer.reason).toBe('refused');
    expect((await extend(3, (await net.identity('nobody')).nodeId)).answer.reason).toBe('unreachable');
    // A client is no hop, even where it is a neighbour.
    expect((await extend(4, net.idOf('client0'))).answer.reason).toBe('unsupported');
    const { maker, answer } = await extend(5, net.idOf(servers[2] as string));
    expect(answer.key).toBeDefined();
    maker.say(EXTEND, { node_id: net.idOf(servers[3] as string), key: KEY });
    await net.world.advance(1000);
    expect(maker.closed).toBeDefined();
    expect(net.errors()).toEqual([]);
  });
});

/** 16 bytes. */
const PROOF = 'AAAAAAAAAAAAAAAAAAAAAA==';

describe('a last hop is not misused', () => {
  const envelope = async (net: Network, to: string, content: JsonObject, msgId: string) => {
    const about = { nodeId: net.idOf(HOP), msgId };
    return encodeCompact(await sealJwe(net.world, net.get(to).identity, about, content));
  };

  it('to fill its disk: what is held for others has its own room, one recipient a share of it, and nobody holds for nobody', async () => {
    const { net, stranger } = await place('hostile carrying', { maxHeld: 30, maxHeldPerRecipient: 20 });
    net.crash('client0');
    await net.world.advance(MINUTE);
    const maker = await CircuitMaker.open(net, stranger, HOP, 1);
    const carry = (i: number, recipient: string): void =>
      maker.say(CARRY, { msg_id: guid(i), recipient_id: recipient, custody: true, sealed: base64(new Uint8Array(500)) });
    carry(0, (await net.identity('nobody')).nodeId);
    await net.world.advance(10_000);
    expect(maker.of(CARRIED)).toEqual([{ msg_id: guid(0), reason: 'unknown destination' }]);
    for (let i = 1; i <= 40; i++) carry(i, net.idOf('client0'));
    await net.world.advance(10_000);
    // The oldest have given way: whoever made them holds them too, and says them again.
    expect(maker.of(CARRIED).filter(({ reason }) => reason === undefined)).toHaveLength(40);
    expect(gauge(net, 'circuit_held')).toBe(20);
    expect(net.errors()).toEqual([]);
  });

  it('as an origin for itself, or under the id of what it already carries for somebody else', async () => {
    const { net, servers, stranger } = await place('hostile ids');
    const maker = await CircuitMaker.open(net, stranger, HOP, 1);
    const sealed = await envelope(net, 'client0', {}, guid(1));
    maker.say(CARRY, { msg_id: guid(1), recipient_id: net.idOf(HOP), custody: true, sealed });
    maker.say(CARRY, { msg_id: guid(2), recipient_id: net.idOf('client0'), custody: true, sealed });
    await net.world.runUntil(() => maker.of(CARRIED).length === 2, { limitMs: MINUTE, what: 'the answers' });
    maker.say(CARRY, { msg_id: guid(2), recipient_id: net.idOf(servers[2] as string), custody: true, sealed });
    await net.world.advance(5000);
    expect(maker.of(CARRIED)).toEqual([
      { msg_id: guid(1), reason: 'hop-is-recipient' },
      { msg_id: guid(2) },
      { msg_id: guid(2), reason: 'message-id' },
    ]);
  });

  it('by more than it takes in a second: the rest is refused, and counted', async () => {
    const { net, stranger } = await place('hostile pace');
    const maker = await CircuitMaker.open(net, stranger, HOP, 1);
    for (let i = 0; i < 100; i++) maker.say(SEEK, { seek_id: i, target: guid(i), what: 'record' });
    await net.world.runUntil(() => maker.of(SOUGHT).length === 100, { limitMs: 2 * MINUTE, what: 'all answers' });
    expect(rejected(net, HOP, 'circuit-quota')).toBeGreaterThan(50);
  });

  it('to say something in the name of others: what is hidden must be signed by its origin, be for the recipient, and be a directed verb', async () => {
    const { net, stranger } = await place('hostile hidden');
    const client = net.get('client0');
    const sealed = async (i: number, message: JsonObject): Promise<void> => {
      const msgId = guid(i);
      const content = { msg_type: HIDDEN.name, msg_data: { msg_id: msgId, node_id: stranger.nodeId, proof: PROOF, message } };
      const jwe = await sealJwe(net.world, client.identity, { nodeId: stranger.nodeId, msgId }, content);
      stranger.send(
        await stranger.compose(SEALED, { msg_id: msgId, recipient: [{ node_id: client.identity.nodeId }], sealed: encodeCompact(jwe) }),
      );
      await net.world.advance(2000);
    };
    const receipt = {
      msg_id: guid(50),
      recipient_id: client.identity.nodeId,
      recipient: [{ node_id: stranger.nodeId }],
      state: 'delivered',
    };
    const good = (await stranger.compose(RECEIPT, receipt)) as unknown as JsonObject;
    await sealed(1, { ...good, msg_data: { ...(good.msg_data as JsonObject), state: 'read' } });
    await sealed(2, { ...good, auth: undefined } as unknown as JsonObject);
    await sealed(3, { ...good, msg_type: 'HELLO' });
    await sealed(4, { ...good, msg_type: 'NO_VERB' });
    await sealed(5, (await stranger.compose(RECEIPT, { ...receipt, recipient_id: net.idOf(HOP) })) as unknown as JsonObject);
    await sealed(6, { msg_type: 'CHANNEL', msg_data: {}, ttl: 1, flood: true });
    await sealed(7, good);
    const { node } = client;
    expect(node.metrics.value('rejections', 'auth-signature')).toBe(1);
    expect(node.metrics.value('rejections', 'auth-missing')).toBe(1);
    expect(node.metrics.value('rejections', 'circuit-recipient')).toBe(1);
    expect(node.metrics.value('rejections', 'verb-unknown')).toBe(1);
    expect(node.metrics.value('rejections', 'schema')).toBeGreaterThanOrEqual(2);
    expect(net.errors()).toEqual([]);
  });
});
