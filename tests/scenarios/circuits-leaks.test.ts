import { aboutFile, createIdentity } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { ANN, BEN, Eyes, friends, MINUTE, shows, tablet } from './lib/circuits.ts';
import { content, MIB, until } from './lib/file-scene.ts';
import { befriend } from './lib/friends.ts';
import { hostOf, registered } from './lib/registry.ts';
import { Keeper } from './lib/rotation.ts';

describe('with whom somebody talks is hidden by circuits', () => {
  it('also on the way to their own devices: the id of a conversation is a digest that anybody can try', async () => {
    const client = { relays: false };
    const { net, id } = await friends('two devices', { servers: 8, client });
    const { world } = net;
    await tablet(net, id, client);
    const seen = new Set<string>();
    world.network.onFrame(({ kind, bytes, to }) => {
      const text = kind === 'message' && to.startsWith('10.') ? Buffer.from(bytes).toString() : '';
      if (text.includes(id)) seen.add(JSON.parse(text).msg_type);
      return undefined;
    });
    await net.send(ANN, id, 'hello');
    await shows(net, BEN, 1);
    await world.advance(MINUTE);
    net.crash('tablet');
    await world.advance(MINUTE);
    await net.send(ANN, id, 'while the tablet is off');
    await net.restart('tablet');
    await world.runUntil(() => net.texts('tablet').length === 2, { limitMs: 10 * MINUTE, what: 'both on the tablet' });
    expect([...seen]).toEqual([]);
    expect(net.errors()).toEqual([]);
  });

  it('also when their devices fetch a file: its digest is the same on both sides', async () => {
    const client = { relays: false };
    const { net, id } = await friends('file and device', { servers: 8, client });
    const { world } = net;
    await tablet(net, id, client);
    world.files(ANN).place('/f.bin', content(MIB));
    const { files, channels } = net.get(ANN).node;
    const file = { ...(await world.until(files.offer('/f.bin', id))), type: 'application/octet-stream' };
    const { attachments } = await world.until(channels.send(id, 'a file', { attachments: [file] }));
    const about = attachments[0] && aboutFile(attachments[0]);
    if (!about) throw new Error('no file');
    const seen = new Set<string>();
    world.network.onFrame(({ kind, bytes, to }) => {
      const text = kind === 'message' && to.startsWith('10.') ? Buffer.from(bytes).toString() : '';
      const { msg_type: verb } = text.includes('"FILE_') ? JSON.parse(text) : { msg_type: '' };
      if (verb.startsWith('FILE_') || text.includes(about.root)) seen.add(verb);
      return undefined;
    });
    await world.runUntil(() => net.texts('tablet').length > 0, { limitMs: 10 * MINUTE, what: 'the message on the tablet' });
    await until({ net, id }, 'tablet', about, 'here');
    expect([...seen]).toEqual([]);
  });

  for (const relays of [true, false])
    it(`also when they take a new key while something waits${relays ? ', and pass on messages of others' : ''}`, async () => {
      const { net } = await registered('new key', { servers: 6, clients: 0 });
      const { world } = net;
      const deps = { crypto: world.crypto, random: world.random.fork('next'), clock: world.clock.view() };
      const next = (await world.until(createIdentity(deps, { name: ANN }))).identity;
      await net.client(ANN, { successor: new Keeper(next), relays });
      await net.client(BEN, { relays: false });
      for (const [host, at] of [
        [ANN, 1],
        [ANN, 2],
        [BEN, 3],
        [BEN, 4],
      ] as const)
        net.link(host, hostOf(at));
      for (const host of [ANN, BEN]) await world.until(net.get(host).node.settings.set({ circuits: 3 }));
      await world.advance(MINUTE);
      await befriend(net, ANN, BEN);
      const id = net.get(ANN).node.direct.idWith(net.get(BEN).identity.keyId);
      await world.runUntil(() => [ANN, BEN].every((host) => net.knows(host, id)), { limitMs: MINUTE, what: 'the conversation' });
      await net.send(ANN, id, 'before');
      await shows(net, BEN, 1);
      const eyes = new Eyes(net);
      // That ann passes on what a server has written, whatever it is, says nothing of her.
      const ofServers = new Set(Array.from({ length: 6 }, (_, i) => net.idOf(hostOf(i + 1))));
      const linking = (frames: string[]): string[] =>
        frames.flatMap((frame) => {
          const { msg_type: verb, msg_data: data } = JSON.parse(frame);
          return [data.origin_id, data.recipient_id, data.node_id].some((id) => ofServers.has(id)) ? [] : verb;
        });
      net.crash(BEN);
      await world.advance(MINUTE);
      await net.send(ANN, id, 'while you are away');
      await world.advance(MINUTE);
      await world.until(net.get(ANN).node.succession.begin([BEN]));
      await world.until(net.get(ANN).node.succession.finish({ anyway: true }));
      expect(linking(eyes.linking(net, ANN, BEN))).toEqual([]);
      await net.stop(ANN);
      const asBefore = eyes.naming(net, ANN);
      net.become(ANN, next);
      await net.restart(ANN);
      await world.advance(2 * MINUTE);
      await net.restart(BEN);
      await shows(net, BEN, 2, 10 * MINUTE);
      await world.advance(5 * MINUTE);
      expect(linking([...eyes.linking(net, ANN, BEN), ...asBefore(BEN)])).toEqual([]);
      expect(net.texts(BEN)).toEqual(['before', 'while you are away']);
    });

  it('also when what was read would be told to one who is no contact any more', async () => {
    const { net, id } = await friends('read and removed');
    const eyes = new Eyes(net);
    await net.send(BEN, id, 'read me');
    await shows(net, ANN, 1);
    await net.world.advance(5000);
    net.crash(BEN);
    await net.world.advance(2 * MINUTE);
    const { channels, contacts } = net.get(ANN).node;
    const [last] = await net.world.until(channels.archive.history(id, { limit: 1 }));
    await net.world.until(channels.markRead(id, last?.cursor ?? ''));
    await net.world.advance(1000);
    await net.world.until(contacts.remove(net.get(BEN).identity.keyId));
    await net.restart(BEN);
    await net.world.advance(2 * MINUTE);
    expect(eyes.linking(net, ANN, BEN)).toEqual([]);
  });

  it('also by servers whose users want circuits for themselves: what they carry for others goes its ordinary way', async () => {
    const { net, servers } = await friends('servers too');
    for (const host of servers) await net.world.until(net.get(host).node.settings.set({ circuits: 3 }));
    let opened = 0;
    net.world.network.onFrame(({ kind, bytes }) => {
      if (kind === 'message' && Buffer.from(bytes).includes('"CIRCUIT_OPEN"')) opened++;
      return undefined;
    });
    await net.send(ANN, `@${BEN}`, 'hello');
    await shows(net, BEN, 1);
    expect(opened).toBeLessThan(20);
    expect(net.errors()).toEqual([]);
  });
});
