import { aboutFile } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { ANN, BEN, delivered, Eyes, friends, HOUR, hopsOf, MINUTE, shows, stateOf } from './lib/circuits.ts';
import { content, MIB, read, same, until } from './lib/file-scene.ts';

describe('what goes by circuit arrives once', () => {
  it('though each hop in turn is killed', async () => {
    const { net, servers } = await friends('circuit hops die', { servers: 8 });
    const sent: string[] = [];
    for (let round = 0; round < 3; round++) {
      sent.push(`before ${round}`);
      await net.send(ANN, `@${BEN}`, `before ${round}`);
      await shows(net, BEN, sent.length, 10 * MINUTE);
      const victim = hopsOf(net, servers)[2 - round] as string;
      net.crash(victim);
      sent.push(`after ${round}`);
      const { msgId } = await net.send(ANN, `@${BEN}`, `after ${round}`);
      await shows(net, BEN, sent.length, 10 * MINUTE);
      await delivered(net, msgId, 30 * MINUTE);
      await net.restart(victim);
      await net.world.advance(MINUTE);
    }
    expect(net.texts(BEN)).toEqual(sent);
  });

  it('though the last hop acknowledges and forgets', async () => {
    const { net, servers } = await friends('circuit liar');
    await net.send(ANN, `@${BEN}`, 'honest');
    await shows(net, BEN, 1);
    const liar = hopsOf(net, servers)[2] as string;
    let dropped = 0;
    net.world.network.onFrame(({ kind, bytes, from }) => {
      if (kind !== 'message' || from !== liar || !Buffer.from(bytes).includes('"SEALED"')) return undefined;
      // Whoever has it next acknowledges it, as far as the exit can tell: what matters is that it goes no further.
      dropped++;
      return { drop: true };
    });
    const { msgId } = await net.send(ANN, `@${BEN}`, 'dropped by one');
    await shows(net, BEN, 2, 10 * MINUTE);
    await delivered(net, msgId, 10 * MINUTE);
    expect(dropped).toBeGreaterThan(0);
    expect(net.texts(BEN)).toEqual(['honest', 'dropped by one']);
  });

  it('when the other one is away for an hour, and the sender is told', async () => {
    const { net } = await friends('circuit away');
    net.crash(BEN);
    await net.world.advance(MINUTE);
    const { msgId } = await net.send(ANN, `@${BEN}`, 'for when you are back');
    await net.world.advance(HOUR);
    expect(await stateOf(net, msgId)).not.toBe('failed');
    await net.restart(BEN);
    await shows(net, BEN, 1, 10 * MINUTE);
    await delivered(net, msgId, 12 * HOUR);
    await net.world.advance(10 * MINUTE);
    expect(net.texts(BEN)).toEqual(['for when you are back']);
    expect(net.errors()).toEqual([]);
  });

  it('and leaves nothing at last hops that they would say again, whatever it was and whoever went away meanwhile', async () => {
    const { net, servers } = await friends('circuit removed');
    net.crash(BEN);
    await net.world.advance(MINUTE);
    await net.send(ANN, `@${BEN}`, 'when you are back');
    await net.restart(BEN);
    await shows(net, BEN, 1);
    await net.world.advance(2 * MINUTE);
    const kept = servers.map((host) => net.get(host).node.metrics.snapshot().gauges.get('custody_messages')?.get(''));
    expect(kept).toEqual(servers.map(() => 0));
    expect(net.errors()).toEqual([]);
  });

  it('over a restart of the sender, and never in the open meanwhile', async () => {
    const { net } = await friends('circuit restart');
    const eyes = new Eyes(net);
    const sending = net.send(ANN, `@${BEN}`, 'written just before the end');
    await sending;
    net.crash(ANN);
    await net.world.advance(MINUTE);
    await net.restart(ANN);
    await shows(net, BEN, 1, 10 * MINUTE);
    await net.world.advance(10 * MINUTE);
    expect(net.texts(BEN)).toEqual(['written just before the end']);
    expect(eyes.linking(net, ANN, BEN)).toEqual([]);
  });

  it('when a cell is altered, lost or repeated on the way: the circuit ends, and another takes its place', async () => {
    const { net, servers } = await friends('circuit altered');
    let at = 0;
    const faults = [{ drop: true }, { copies: 2 }, { alter: '' }] as const;
    net.world.network.onFrame(({ kind, bytes, from, to }) => {
      const text = Buffer.from(bytes).toString();
      if (kind !== 'message' || at >= 9 || !servers.includes(from) || !servers.includes(to) || !text.includes('"CELL"')) return undefined;
      const fault = faults[at % 3];
      if (at++ % 2 === 1) return undefined;
      return fault && 'alter' in fault ? { alter: text.replace(/"cell":"..../, '"cell":"AAAA') } : fault;
    });
    for (let i = 0; i < 5; i++) await net.send(ANN, `@${BEN}`, `word ${i}`);
    await shows(net, BEN, 5, 30 * MINUTE);
    await net.world.advance(10 * MINUTE);
    expect(at).toBe(9);
    expect(net.texts(BEN)).toEqual([0, 1, 2, 3, 4].map((i) => `word ${i}`));
    const rejected = servers.reduce((sum, server) => sum + net.get(server).node.metrics.value('rejections', 'circuit-cell'), 0);
    expect(rejected + net.get(ANN).node.metrics.value('rejections', 'circuit-cell')).toBeGreaterThan(0);
  });

  it('when a message is as large as messages may be', async () => {
    const { net } = await friends('circuit large');
    const attachment = { name: 'a.bin', type: 'application/octet-stream', bytes: content(256 * 1024) };
    const { channels } = net.get(ANN).node;
    const { msgId } = await net.world.until(channels.send(`@${BEN}`, 'z'.repeat(60_000), { attachments: [attachment] }));
    await shows(net, BEN, 1);
    await delivered(net, msgId);
    expect(net.texts(BEN)[0]).toHaveLength(60_000);
  });

  it('when it is a file, chunk by chunk', async () => {
    const { net, id } = await friends('circuit file');
    const eyes = new Eyes(net);
    const bytes = content(MIB + 77);
    net.world.files(ANN).place('/film.bin', bytes);
    const { node } = net.get(ANN);
    const file = await net.world.until(node.files.offer('/film.bin', id));
    const attachment = { ...file, type: 'application/octet-stream' };
    const { attachments } = await net.world.until(node.channels.send(id, 'a film', { attachments: [attachment] }));
    const about = attachments[0] && aboutFile(attachments[0]);
    if (!about) throw new Error('no file is named');
    await until({ net, id }, BEN, about, 'here');
    expect(same(await read({ net, id }, BEN, about), bytes)).toBe(true);
    expect(eyes.linking(net, ANN, BEN)).toEqual([]);
  });
});
