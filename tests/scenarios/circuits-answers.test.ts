import { base64, CARRIED, CARRY, encodeCompact, GETKEY, HIDDEN, type JsonObject, type Message, SEALED, sealJwe } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { CircuitMaker } from './lib/circuit-maker.ts';
import { ANN, BEN, friends, hopsOf, MINUTE, scene, shows, stateOf } from './lib/circuits.ts';
import { befriend } from './lib/friends.ts';
import type { Network } from './lib/network.ts';
import { hostOf } from './lib/registry.ts';
import { guid, Stranger } from './lib/stranger.ts';

const parsed = (bytes: Uint8Array): Message => JSON.parse(Buffer.from(bytes).toString());

/** The last hop keeps what ann writes to ben to itself. Resolves with its host, the id under which it has that, and what ben signs from then on. */
async function withheld(net: Network, servers: readonly string[]) {
  await net.send(ANN, `@${BEN}`, 'honest');
  await shows(net, BEN, 1);
  const exit = hopsOf(net, servers)[2] as string;
  const ids: string[] = [];
  const signed: Message[] = [];
  let forged: string | undefined;
  net.world.network.onFrame(({ kind, bytes, from }) => {
    if (kind !== 'message') return undefined;
    const message = parsed(bytes);
    const { msg_type: verb, msg_data: data } = message;
    if (from === BEN && (verb === 'RECEIPT' || verb === 'NACK')) signed.push(message);
    if (from !== exit || verb !== 'SEALED' || data.node_id !== net.idOf(exit) || data.sealed === forged) return undefined;
    ids.push(data.msg_id as string);
    return { drop: true };
  });
  const { msgId } = await net.send(ANN, `@${BEN}`, 'never delivered');
  await net.world.advance(3000);
  expect(net.texts(BEN)).toEqual(['honest']);
  /** Passes on to ann what ben has signed about an id, whatever it was about. */
  const reported = async (verb: string): Promise<void> => {
    const about = (message: Message): boolean => message.msg_type === verb && message.msg_data.msg_id === ids[0];
    await net.world.runUntil(() => signed.some(about), { limitMs: MINUTE, what: 'what ben signs' });
    const message = signed.find(about) as never;
    net.get(exit).node.overlay.events.emit('report', { message, msgIds: new Set(ids.slice(0, 1)), by: net.idOf(BEN) });
    await net.world.advance(3000);
  };
  const lets = (sealed: string): void => {
    forged = sealed;
  };
  return { exit, msgId, id: ids[0] as string, reported, lets };
}

describe('a last hop that withholds a message', () => {
  it('cannot make it look delivered by what its recipient signs for another under the same id', async () => {
    const { net, servers } = await friends('false receipt');
    await net.client('mallory');
    net.link('mallory', hostOf(4));
    await net.world.advance(MINUTE);
    const lobby = await net.channel('lobby', 'mallory', BEN);
    const { exit, id, msgId, reported, lets } = await withheld(net, servers);
    // What an accomplice has written to ben, which gets there in the same envelope.
    let words: Message | undefined;
    net.world.network.onFrame(({ kind, bytes, from }) => {
      const message = kind === 'message' && from === 'mallory' ? parsed(bytes) : undefined;
      if (message?.msg_type !== 'MESSAGE') return undefined;
      words = message;
      return { drop: true };
    });
    await net.send('mallory', lobby, 'hello all');
    await net.world.advance(1000);
    const nodeId = net.idOf(exit);
    const content = { msg_type: HIDDEN.name, msg_data: { msg_id: id, node_id: nodeId, proof: 'AAAAAAAAAAAAAAAAAAAAAA==', message: words } };
    const jwe = await sealJwe(net.world, net.get(BEN).identity, { nodeId, msgId: id }, content as unknown as JsonObject);
    const envelope = { msg_id: id, recipient: [{ node_id: net.idOf(BEN) }], sealed: encodeCompact(jwe) };
    lets(envelope.sealed);
    await net.world.until(net.get(exit).node.overlay.send(SEALED, envelope));
    await reported('RECEIPT');
    expect(await stateOf(net, msgId)).not.toBe('delivered');
    expect(net.get(ANN).node.overlay.pendingRecipients(msgId)).toEqual([net.idOf(BEN)]);
    expect(net.get(ANN).node.metrics.value('rejections', 'circuit-proof')).toBeGreaterThan(0);
  });

  it('nor make it look refused', async () => {
    const { net, servers } = await friends('false refusal');
    const { id, msgId, reported } = await withheld(net, servers);
    const stranger = await Stranger.meet(net, 'stranger', hostOf(5));
    await net.world.advance(5000);
    const question = { msg_id: id, recipient_id: net.idOf(BEN), channel: 'x', channel_id: guid(77) };
    stranger.send(await stranger.compose(GETKEY, question));
    await reported('NACK');
    expect(await stateOf(net, msgId)).not.toBe('failed');
    expect(net.get(ANN).node.metrics.value('rejections', 'circuit-proof')).toBeGreaterThan(0);
  });
});

describe('what a last hop learns and tells', () => {
  it('is not when a message was written, by whose clock: envelopes have ids of their own', async () => {
    const skewMs = 37_123;
    const { net, servers } = await friends('clock', { client: { skewMs } });
    const ids: string[] = [];
    net.world.network.onFrame(({ kind, bytes, from }) => {
      const message = kind === 'message' && servers.includes(from) ? parsed(bytes) : undefined;
      if (message?.msg_type === 'SEALED' && message.msg_data.node_id === net.idOf(from)) ids.push(message.msg_data.msg_id as string);
      return undefined;
    });
    for (let i = 0; i < 5; i++) {
      const { msgId } = await net.send(ANN, `@${BEN}`, `word ${i}`);
      await net.world.advance(1000);
      expect(ids).not.toContain(msgId);
    }
    expect(ids.length).toBeGreaterThanOrEqual(5);
    expect(ids.filter((id) => id[14] === '7')).toEqual([]);
  });

  it('is not what others have sent by it to the same recipient', async () => {
    const { net } = await friends('batch', { hops: 1, servers: 2 });
    const CID = 'client2';
    await net.client(CID);
    for (const server of [1, 2]) net.link(CID, hostOf(server));
    await net.world.until(net.get(CID).node.settings.set({ circuits: 1 }));
    await net.world.advance(MINUTE);
    await befriend(net, CID, BEN);
    await net.world.advance(MINUTE);
    const several: unknown[] = [];
    let reports = 0;
    const { circuits } = net.get(ANN).node.overlay;
    const real = circuits.reported.bind(circuits);
    circuits.reported = (raw, sent) => {
      reports++;
      const { msg_id: id, also = [] } = (raw as unknown as Message).msg_data as { msg_id: string; also?: string[] };
      several.push(...[id, ...also].filter((each) => sent(each) === undefined));
      return real(raw, sent);
    };
    for (let round = 0; round < 4; round++) {
      const words = [ANN, CID].flatMap((host) => [1, 2, 3].map((i) => net.get(host).node.channels.send(`@${BEN}`, `word ${i}`)));
      for (const sent of words) await net.world.until(sent);
      await net.world.advance(11 * MINUTE);
    }
    expect(reports).toBeGreaterThanOrEqual(12);
    expect(several).toEqual([]);
  });

  it('is custody of nothing that it has not: one id is for one recipient', async () => {
    const { net } = await scene('one id');
    const hop = hostOf(3);
    const maker = await CircuitMaker.open(net, await Stranger.meet(net, 'stranger', hop), hop, 1);
    const sent = new Set<unknown>();
    net.world.network.onFrame(({ kind, bytes, from }) => {
      const message = kind === 'message' && from === hop ? parsed(bytes) : undefined;
      if (message?.msg_type === 'SEALED') sent.add(JSON.stringify(message.msg_data.recipient));
      return undefined;
    });
    for (const host of [ANN, BEN])
      maker.say(CARRY, { msg_id: guid(1), recipient_id: net.idOf(host), custody: true, sealed: base64(new Uint8Array(500)) });
    await net.world.advance(10_000);
    expect(maker.of(CARRIED).filter(({ reason }) => reason === undefined)).toHaveLength(sent.size);
  });
});
