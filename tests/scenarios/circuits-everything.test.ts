import { describe, expect, it } from 'vitest';
import { ANN, BEN, Eyes, friends, MINUTE, shows, tablet } from './lib/circuits.ts';
import type { Network } from './lib/network.ts';
import { type as typing } from './lib/typing.ts';

/** Reads all that there is in the conversation. */
async function readAll(net: Network, host: string, id: string): Promise<void> {
  const { channels } = net.get(host).node;
  const [last] = await net.world.until(channels.archive.history(id, { limit: 1 }));
  if (last) await net.world.until(channels.markRead(id, last.cursor));
}

describe('two who use circuits', () => {
  it('are never named together, whatever they do with each other: write, act, read, type, are there, go away, take devices and new names, and part', async () => {
    // As tabs: command-line nodes pass on others' messages, also those of the exits of each other's circuits.
    const client = { relays: false };
    const { net, id } = await friends('circuit everything', { servers: 8, client });
    const { world } = net;
    const eyes = new Eyes(net);
    const named = (): string[] => eyes.linking(net, ANN, BEN).map((frame) => (JSON.parse(frame) as { msg_type: string }).msg_type);
    const act = (host: string, kind: 'edit' | 'react' | 'delete' | 'pin', msgId: string, text?: string) =>
      world.until(net.get(host).node.channels.act(id, kind, msgId, text));

    typing(net, ANN, id);
    net.get(ANN).node.presence.active();
    const { msgId } = await net.send(ANN, id, 'first');
    await shows(net, BEN, 1);
    net.get(BEN).node.presence.active();
    typing(net, BEN, id);
    await readAll(net, BEN, id);
    await act(ANN, 'edit', msgId, 'first, edited');
    await act(BEN, 'react', msgId, '🎉');
    await act(ANN, 'pin', msgId);
    await world.until(net.get(BEN).node.channels.send(id, 'an answer', { replyTo: msgId }));
    await shows(net, ANN, 2);
    await world.advance(MINUTE);
    expect(named()).toEqual([]);

    // One is away while the other writes, and comes back.
    net.crash(BEN);
    await world.advance(MINUTE);
    await net.send(ANN, id, 'while you were away');
    await world.advance(10 * MINUTE);
    await net.restart(BEN);
    await shows(net, BEN, 3, 10 * MINUTE);
    await act(ANN, 'delete', msgId);
    await world.advance(5 * MINUTE);
    expect(named()).toEqual([]);

    // A device of ann's, which wants circuits too, writes and hears.
    await tablet(net, id, client);
    await world.advance(5 * MINUTE);
    await net.send('tablet', id, 'from my tablet');
    await world.runUntil(() => net.texts(BEN).includes('from my tablet'), { limitMs: 10 * MINUTE, what: 'the tablet’s word' });
    expect(named()).toEqual([]);

    // They part, and look for each other once more.
    await world.until(net.get(ANN).node.contacts.rename(net.get(BEN).identity.keyId, 'somebody'));
    await world.until(net.get(ANN).node.find(net.get(BEN).identity.keyId)).catch(() => undefined);
    await world.until(net.get(BEN).node.contacts.block(net.get(ANN).identity.keyId));
    await net.send(ANN, id, 'do you hear me?');
    await world.advance(5 * MINUTE);
    await world.until(net.get(ANN).node.contacts.remove(net.get(BEN).identity.keyId));
    await world.advance(20 * MINUTE);
    expect(named()).toEqual([]);
    expect(net.errors()).toEqual([]);
  });
});
