import { describe, expect, it } from 'vitest';
import { ANN, BEN, delivered, Eyes, friends, hopsOf, MINUTE, scene, shows } from './lib/circuits.ts';
import { befriend } from './lib/friends.ts';
import { hostOf } from './lib/registry.ts';

describe('two who talk by circuit', () => {
  for (const hops of [2, 3])
    it(`become contacts, write and sign for it over ${hops} servers, and none of them sees both`, async () => {
      const { net, servers } = await scene(`circuit ${hops}`, { hops });
      const eyes = new Eyes(net);
      await befriend(net, ANN, BEN);
      const id = net.get(ANN).node.direct.idWith(net.get(BEN).identity.keyId);
      await net.world.runUntil(() => [ANN, BEN].every((host) => net.knows(host, id)), { limitMs: MINUTE, what: 'the conversation' });
      const { msgId } = await net.send(ANN, `@${BEN}`, 'nobody knows that I write to you');
      await shows(net, BEN, 1);
      await net.send(BEN, `@${ANN}`, 'nor that I answer');
      await shows(net, ANN, 2);
      await delivered(net, msgId);
      expect(net.texts(BEN)).toEqual(['nobody knows that I write to you', 'nor that I answer']);
      expect(hopsOf(net, servers)).toHaveLength(hops);
      expect(eyes.linking(net, ANN, BEN)).toEqual([]);
      // What ann says to her servers names nobody else, not even as a number of its own.
      expect(eyes.of(ANN).readable([net.get(BEN).identity.keyId])).toEqual([]);
      expect(net.errors()).toEqual([]);
    });

  it('are seen together by the servers on the way when they do without: the search above finds what there is', async () => {
    const { net } = await scene('circuit none', { hops: 0 });
    const eyes = new Eyes(net);
    await befriend(net, ANN, BEN);
    expect(eyes.linking(net, ANN, BEN).length).toBeGreaterThan(0);
  });

  it('send cells of one length, whatever they say, and nothing else to the first hop', async () => {
    const { net } = await friends('circuit cells');
    const lengths = new Set<number>();
    const verbs = new Set<string>();
    net.world.network.onFrame(({ kind, bytes, from }) => {
      if (kind !== 'message' || from !== ANN) return undefined;
      const { msg_type: verb, msg_data: data } = JSON.parse(Buffer.from(bytes).toString());
      verbs.add(verb);
      if (verb === 'CELL') lengths.add(data.cell.length);
      return undefined;
    });
    await net.send(ANN, `@${BEN}`, 'x');
    await net.send(ANN, `@${BEN}`, 'y'.repeat(20_000));
    await shows(net, BEN, 2);
    expect([...lengths]).toEqual([5464]);
    expect([...verbs].filter((verb) => ['MESSAGE', 'SEALED', 'RECEIPT', 'GETCERTIFICATE', 'FIND'].includes(verb))).toEqual([]);
  });

  it('look others up without being seen', async () => {
    const { net } = await friends('circuit lookup');
    const eyes = new Eyes(net);
    const found = await net.world.until(net.get(ANN).node.find(net.get(BEN).identity.keyId));
    expect(found).toMatchObject({ nodeId: net.idOf(BEN), nodeType: 'client' });
    expect(eyes.of(ANN).count('FIND')).toBe(0);
    expect(eyes.linking(net, ANN, BEN)).toEqual([]);
    const nobody = (await net.identity('nobody')).keyId;
    await expect(net.world.until(net.get(ANN).node.find(nobody))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('wait where fewer servers are known than they want, say so, and say nothing in the open', async () => {
    const { net, servers } = await scene('circuit few', { servers: 2, hops: 3 });
    const eyes = new Eyes(net);
    await net.world.until(net.get(ANN).node.contacts.add(net.get(BEN).node.contacts.link));
    await net.world.advance(2 * MINUTE);
    expect(net.get(ANN).node.circuits.status()).toMatchObject({
      wanted: 3,
      circuits: [],
      trouble: expect.stringContaining('fewer than 3'),
    });
    expect(eyes.linking(net, ANN, BEN)).toEqual([]);
    expect(net.get(BEN).node.contacts.list()).toEqual([]);
    // One more comes, and is found without anybody doing anything.
    await net.server(hostOf(9), { udp: true });
    net.link(hostOf(9), servers[0] as string);
    await net.world.runUntil(() => net.get(BEN).node.contacts.list().length === 1, { limitMs: 20 * MINUTE, what: 'the request' });
    expect(net.errors()).toEqual([]);
  });

  it('use none with fewer servers than they want by now, though it was being made when they wanted fewer', async () => {
    const { net, servers } = await friends('circuit changed', { hops: 1 });
    await net.world.until(net.get(ANN).node.settings.set({ circuits: 2 }));
    const sending = net.get(ANN).node.channels.send(`@${BEN}`, 'over three');
    // The first hop has answered, and the second is being asked.
    await net.world.advance(60);
    await net.world.until(net.get(ANN).node.settings.set({ circuits: 3 }));
    await net.world.until(sending);
    await shows(net, BEN, 1);
    for (const { hops } of net.get(ANN).node.circuits.status().circuits) expect(hops).toHaveLength(3);
    expect(hopsOf(net, servers)).toHaveLength(3);
  });

  it('hide it also from the servers what is said last to somebody who is no contact any more, and who is asked for a certificate', async () => {
    const { net } = await friends('circuit removed');
    const eyes = new Eyes(net);
    net.crash(BEN);
    await net.world.advance(MINUTE);
    await net.send(ANN, `@${BEN}`, 'too late');
    await net.world.until(net.get(ANN).node.contacts.remove(net.get(BEN).identity.keyId));
    await net.restart(BEN);
    await net.world.advance(5 * MINUTE);
    expect(eyes.linking(net, ANN, BEN)).toEqual([]);
  });

  it('send nothing in the open any more from the moment that they want circuits, not even what waited for its turn at a neighbour', async () => {
    const { net } = await friends('circuit queued', { hops: 0, client: { overlay: { windowMessages: 1 } } });
    const { node } = net.get(ANN);
    // One is under way, which is known to whoever has it by now; the others wait for its ACK.
    const sending = Array.from({ length: 5 }, (_, i) => node.channels.send(`@${BEN}`, `word ${i}`));
    await net.world.until(Promise.all(sending));
    const said: string[] = [];
    net.world.network.onFrame(({ kind, bytes, from }) => {
      if (kind === 'message' && from === ANN) said.push((JSON.parse(Buffer.from(bytes).toString()) as { msg_type: string }).msg_type);
      return undefined;
    });
    await net.world.until(node.settings.set({ circuits: 3 }));
    await shows(net, BEN, 5, 10 * MINUTE);
    expect(said).toContain('CELL');
    expect(said).not.toContain('MESSAGE');
  });

  it('go on as before once they want no circuits any more', async () => {
    const { net } = await friends('circuit off');
    await net.send(ANN, `@${BEN}`, 'hidden');
    await shows(net, BEN, 1);
    for (const host of [ANN, BEN]) await net.world.until(net.get(host).node.settings.set({ circuits: 0 }));
    expect(net.get(ANN).node.circuits.status()).toEqual({ wanted: 0, circuits: [], trouble: undefined });
    const { msgId } = await net.send(ANN, `@${BEN}`, 'in the open');
    await shows(net, BEN, 2);
    await delivered(net, msgId);
    expect(net.texts(BEN)).toEqual(['hidden', 'in the open']);
  });

  it('hide what one says to the other, not what is said in channels', async () => {
    const { net } = await friends('circuit channel');
    const lobby = await net.channel('lobby', ANN, BEN);
    const eyes = new Eyes(net);
    await net.send(ANN, lobby, 'for everybody');
    await shows(net, BEN, 1);
    expect(eyes.of(ANN).count('MESSAGE')).toBeGreaterThan(0);
  });
});
