import { GETCERTIFICATE, overlayDefaults, type Records, type Whereabouts } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network, type ParticipantConfig } from './lib/network.ts';
import { guid } from './lib/stranger.ts';

const DAY = 24 * 60 * 60_000;

async function line(seed: string, config: ParticipantConfig = {}): Promise<{ net: Network; lobby: string }> {
  const net = new Network({ seed });
  await net.server('s', config);
  for (const host of ['a', 'b']) {
    await net.client(host, config);
    net.link(host, 's');
  }
  await net.world.runUntil(() => net.reaches('a', 'b') && net.reaches('b', 'a'));
  return { net, lobby: await net.channel('lobby', 'a', 'b') };
}

const custodyOf = (net: Network, host: string): number =>
  net.get(host).node.metrics.snapshot().gauges.get('custody_messages')?.get('') ?? -1;

async function stateOf(net: Network, host: string, msgId: string): Promise<string | undefined> {
  return (await net.world.until(net.get(host).node.channels.delivery(msgId)))?.state;
}

describe('a recipient who is away', () => {
  it('gets everything once when it comes back after a day, though the sender is gone by then', async () => {
    const { net, lobby } = await line('away-1');
    net.crash('b');
    await net.world.advance(60_000);
    const texts = Array.from({ length: 20 }, (_, i) => `message ${i}`);
    for (const text of texts) await net.send('a', lobby, text);
    await net.world.advance(10_000);
    expect(custodyOf(net, 's')).toBeGreaterThanOrEqual(20);
    net.crash('a');
    await net.world.advance(DAY);
    await net.restart('b');
    await net.world.runUntil(() => net.textsFrom('b', 'a').length >= 20, { limitMs: 120_000 });
    await net.world.advance(60_000);
    expect(net.textsFrom('b', 'a')).toEqual(texts);
  });

  it('and never comes back: the message expires when its time is over, and the sender is told', async () => {
    // A day stands for the week here: idle nodes too have something to do each second.
    expect(overlayDefaults.expiryMs).toBe(7 * DAY);
    const { net, lobby } = await line('away-2', { overlay: { expiryMs: DAY } });
    net.crash('b');
    await net.world.advance(60_000);
    const { msgId } = await net.send('a', lobby, 'are you there?');
    await net.world.advance(10_000);
    expect(await stateOf(net, 'a', msgId)).toBe('stored');
    await net.world.advance(DAY + 60 * 60_000);
    expect(custodyOf(net, 's')).toBe(0);
    expect(custodyOf(net, 'a')).toBe(0);
    expect(await stateOf(net, 'a', msgId)).toBe('failed');
  });
});

describe('a neighbour that does not do with messages what it should', () => {
  it.each([
    { lie: 'takes them and says nothing', drops: ['a s MESSAGE'], stands: ['sending', 'waiting', 'no ack'] },
    { lie: 'acknowledges and drops them', drops: ['s b MESSAGE', 's a RECEIPT'], stands: ['sent', 'sent', 'no receipt'] },
  ])('$lie: the sender is told what is missing, until the message has come', async ({ lie, drops, stands }) => {
    const { net, lobby } = await line(lie);
    const decoder = new TextDecoder();
    let lying = true;
    net.world.network.onFrame(({ kind, from, to, bytes }) => {
      if (!lying || kind !== 'message') return undefined;
      const [, verb] = /"msg_type":"([A-Z]+)"/.exec(decoder.decode(bytes)) ?? [];
      return drops.includes(`${from} ${to} ${verb}`) ? { drop: true } : undefined;
    });
    const { msgId } = await net.send('a', lobby, 'is it there?');
    await net.world.advance(35_000);
    const delivery = await net.world.until(net.get('a').node.channels.delivery(msgId));
    const { state, reason } = delivery?.recipients[net.get('b').identity.nodeId] ?? {};
    expect([delivery?.state, state, reason]).toEqual(stands);
    lying = false;
    await net.world.advance(120_000);
    expect(await stateOf(net, 'a', msgId)).toBe('delivered');
    expect(net.textsFrom('b', 'a')).toEqual(['is it there?']);
  });
});

describe('a neighbour that acknowledges and drops', () => {
  it('is found out by the missing receipt: the sender goes another way, and trusts it less', async () => {
    const net = new Network({ seed: 'drops-1' });
    for (const host of ['good', 'bad']) await net.server(host);
    for (const host of ['a', 'b']) {
      await net.client(host);
      net.link(host, 'bad');
    }
    await net.world.runUntil(() => net.reaches('a', 'b') && net.reaches('b', 'a'));
    const lobby = await net.channel('lobby', 'a', 'b');
    for (const host of ['a', 'b']) net.link(host, 'good');
    await net.world.advance(60_000);
    // `bad` takes custody, says so, and passes no message on.
    const decoder = new TextDecoder();
    net.world.network.onFrame(({ kind, from, to, bytes }) => {
      const isMessage = kind === 'message' && from === 'bad' && to === 'b' && decoder.decode(bytes).includes('"msg_type":"MESSAGE"');
      return isMessage ? { drop: true } : undefined;
    });
    const texts = Array.from({ length: 10 }, (_, i) => `message ${i}`);
    for (const text of texts) {
      await net.send('a', lobby, text);
      await net.world.advance(5000);
    }
    await net.world.runUntil(() => net.textsFrom('b', 'a').length >= 10, { limitMs: 300_000 });
    expect(new Set(net.textsFrom('b', 'a'))).toEqual(new Set(texts));
    expect(net.textsFrom('b', 'a').length).toBe(10);
  });
});

describe('a message that is said again because its RECEIPT was lost', () => {
  it('reaches the recipient at once, by the neighbour that has handed it over before', async () => {
    const { net, lobby } = await line('lost-receipt');
    const arrivals: number[] = [];
    let said = 0;
    let lost = 0;
    net.world.network.onFrame(({ kind, from, to, bytes }) => {
      if (kind !== 'message') return undefined;
      const { msg_type: verb } = JSON.parse(Buffer.from(bytes).toString()) as { msg_type: string };
      if (verb === 'MESSAGE' && from === 'a') said = net.world.clock.now();
      if (verb === 'MESSAGE' && to === 'b') arrivals.push(net.world.clock.now() - said);
      return verb === 'RECEIPT' && from === 'b' && lost++ === 0 ? { drop: true } : undefined;
    });
    const { msgId } = await net.send('a', lobby, 'hello');
    await net.world.advance(2 * overlayDefaults.receiptTimeoutMs);
    expect(await stateOf(net, 'a', msgId)).toBe('delivered');
    expect(arrivals).toHaveLength(2);
    expect(Math.max(...arrivals)).toBeLessThan(1000);
    expect(net.textsFrom('b', 'a')).toEqual(['hello']);
  });
});

describe('a full disk', () => {
  it.each(['a', 's', 'b'] as const)('at %s loses nothing that was acknowledged, and works again when there is room', async (host) => {
    const { net, lobby } = await line(`disk ${host}`);
    await net.world.advance(10_000);
    net.world.drive(host).fail('storage-full', Number.POSITIVE_INFINITY);
    const acknowledged: string[] = [];
    for (let i = 0; i < 5; i++) {
      const text = `full ${i}`;
      net
        .get('a')
        .node.channels.send(lobby, text)
        .then(
          () => acknowledged.push(text),
          () => {},
        );
    }
    await net.world.advance(20_000);
    if (host === 'a') expect(acknowledged).toEqual([]);
    net.world.drive(host).mend();
    await net.send('a', lobby, 'room again');
    await net.world.advance(120_000);
    const shown = net.textsFrom('b', 'a');
    // At the recipient's full disk a gap is shown after five seconds; those that fill it come late.
    if (host === 'b') expect(new Set(shown)).toEqual(new Set([...acknowledged, 'room again']));
    else expect(shown).toEqual([...acknowledged, 'room again']);
    expect(shown.length).toBe(new Set(shown).size);
  });
});

describe('a server that knows a client by its record alone', () => {
  it('takes messages for it after a restart too, though neither the client nor its server is there, and nobody has the record', async () => {
    const net = new Network({ seed: 'by record' });
    const found = new Map<string, Whereabouts>();
    const there = new Map<string, Whereabouts>();
    const records: Records = {
      get: (nodeId) => found.get(nodeId),
      find: async (nodeId) => {
        const record = there.get(nodeId);
        if (record) found.set(nodeId, record);
        return record;
      },
      contacts: () => [],
    };
    // Servers that tell no routes: what they know of each other's clients they have from records.
    const config = { overlay: { ...overlayDefaults, routingHorizon: 0 } };
    await net.server('s1', { ...config, records });
    await net.server('s2', config);
    for (const host of ['a', 'b']) await net.client(host, config);
    net.link('s1', 's2');
    net.link('a', 's1');
    net.link('b', 's2');
    await net.world.runUntil(() => net.reaches('s1', 's2') && net.reaches('s1', 'a') && net.reaches('s2', 'b'));
    const { nodeId, keyId } = net.get('b').identity;
    const [time, expires] = [net.world.clock.now(), net.world.clock.now() + DAY];
    const attachments = [{ ...net.get('s2').identity, endpoints: [] }];
    there.set(nodeId, { nodeId, keyId, nodeType: 'client', endpoints: [], attachments, seq: 1, time, expires });
    await net.world.until(net.get('s1').node.find(nodeId));
    const entrusted = async (host: string, msgId: string): Promise<void> => {
      const data = { msg_id: msgId, recipient_id: nodeId };
      await net.world.until(net.get(host).node.overlay.entrust(GETCERTIFICATE, data, { msgId, recipients: [nodeId], receipts: true }));
      await net.world.advance(20_000);
    };
    const states: string[] = [];
    net.get('a').node.overlay.events.on('delivery', ({ msgId, state }) => {
      if (msgId === guid(2)) states.push(state);
    });
    await entrusted('a', guid(1));
    for (const host of ['b', 's2', 's1']) net.crash(host);
    found.clear();
    there.clear();
    await net.restart('s1');
    await net.world.runUntil(() => net.reaches('s1', 'a'), { limitMs: 120_000 });
    await entrusted('a', guid(2));
    expect(states.at(-1)).toBe('stored');
    expect(custodyOf(net, 's1')).toBe(2);
  });
});
