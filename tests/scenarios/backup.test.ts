import { backUp, openBackup, type Restored, restoreRows, tables } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { clients, closedChannel } from './lib/closed.ts';
import { Network } from './lib/network.ts';

/** Cheap, so that the tests are quick. */
const cost = { n: 2, r: 1, p: 1 };

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const secretOf = (net: Network, host: string): Uint8Array => {
  const { crypto, seed } = net.world;
  const signing = crypto.sha256(new TextEncoder().encode(`${seed} ${host}`));
  const sealing = crypto.sha256(new Uint8Array([...new TextEncoder().encode('parley/sealing-seed/1\n'), ...signing]));
  return new Uint8Array([...signing, ...sealing]);
};

const depsOf = (net: Network, host: string) => {
  const { clock, random } = net.get(host).ports;
  // Not that of the node: a crash takes with it the clock by which its signatures take their time.
  return { crypto: net.world.crypto, clock, random };
};

/** A backup of a node that goes on running. */
async function save(net: Network, host: string): Promise<Uint8Array> {
  const { identity, ports } = net.get(host);
  const parts: Uint8Array[] = [];
  const source = { identity, secret: secretOf(net, host), store: ports.store, tables };
  const pieces = async (): Promise<void> => {
    for await (const part of backUp(depsOf(net, host), source, 'passphrase', { cost })) parts.push(part);
  };
  await net.world.until(pieces());
  return Buffer.concat(parts);
}

/** The node's disk is gone, and another has what is in the backup. */
async function restoreOnto(net: Network, host: string, file: Uint8Array): Promise<Restored> {
  const deps = depsOf(net, host);
  if (net.isRunning(host)) net.crash(host);
  const drive = net.world.drive(host);
  drive.replace();
  const store = drive.open(tables);
  const restoring = async (): Promise<Restored> => {
    const backup = await openBackup(deps, once(file), 'passphrase');
    expect(backup.identity.nodeId).toBe(net.idOf(host));
    return restoreRows(backup, { store, tables, now: net.world.clock.now() });
  };
  const restored = await net.world.until(restoring());
  await net.world.until(store.close());
  await net.world.advance(2000);
  await net.restart(host);
  return restored;
}

async function begin(seed: string, ...clients: string[]): Promise<Network> {
  const net = new Network({ seed, conditions: { latencyMs: 5 } });
  await net.server('s');
  for (const host of clients) {
    await net.client(host);
    net.link(host, 's');
  }
  return net;
}

const say = async (net: Network, host: string, channel: string, texts: readonly string[]): Promise<number[]> => {
  const seqs: number[] = [];
  for (const text of texts) seqs.push((await net.send(host, channel, text)).seq);
  return seqs;
};

describe('a restored backup', () => {
  it('has the history, what came meanwhile is caught up with, and no number is used again', async () => {
    const net = await begin('backup', 'a', 'b', 'c');
    const lobby = await net.channel('lobby', 'b', 'a', 'c');
    await say(net, 'a', lobby, ['a1', 'a2', 'a3']);
    await say(net, 'b', lobby, ['b1']);
    await net.world.runUntil(() => net.texts('a').length === 4 && net.texts('c').length === 4);
    const file = await save(net, 'a');
    await say(net, 'a', lobby, ['a4', 'a5']);
    await say(net, 'b', lobby, ['b2']);
    await net.world.runUntil(() => net.texts('c').length === 7);
    const { ignored } = await restoreOnto(net, 'a', file);
    expect(ignored).toBe(0);
    expect(await net.history('a', lobby)).toEqual(['a1', 'a2', 'a3', 'b1']);
    await net.world.advance(60_000);
    expect(await net.history('a', lobby)).toEqual(['a1', 'a2', 'a3', 'b1', 'a4', 'a5', 'b2']);
    // All members have said what they hold.
    expect(await say(net, 'a', lobby, ['a6'])).toEqual([6]);
    await net.world.advance(30_000);
    for (const host of ['b', 'c']) expect(await net.history(host, lobby)).toEqual(await net.history('a', lobby));
    expect([...net.get('b').gaps, ...net.get('c').gaps]).toEqual([]);
    expect(net.errors()).toEqual([]);
  });

  it('leaves numbers free where not everybody could be asked, which nobody is shown as missing', async () => {
    const net = await begin('backup, alone', 'a', 'b', 'c', 'd');
    const lobby = await net.channel('lobby', 'b', 'a', 'c', 'd');
    await say(net, 'a', lobby, ['a1', 'a2']);
    await net.world.runUntil(() => ['b', 'c', 'd'].every((host) => net.texts(host).length === 2));
    const file = await save(net, 'a');
    // d does not hear of these, and nobody is there while the restored one writes.
    await net.stop('d');
    await say(net, 'a', lobby, ['a3', 'a4']);
    await net.world.runUntil(() => net.texts('b').length === 4 && net.texts('c').length === 4);
    net.crash('s');
    await net.stop('b');
    await net.stop('c');
    await restoreOnto(net, 'a', file);
    const [first = 0, second = 0] = await say(net, 'a', lobby, ['new 1', 'new 2']);
    expect(first).toBeGreaterThan(4);
    expect(second).toBe(first + 1);
    // The doubt is over, also after a restart.
    await net.stop('a');
    await net.restart('a');
    expect(await say(net, 'a', lobby, ['new 3'])).toEqual([second + 1]);
    await net.restart('s');
    for (const host of ['b', 'c', 'd']) await net.restart(host);
    await net.world.advance(300_000);
    const all = ['a1', 'a2', 'a3', 'a4', 'new 1', 'new 2', 'new 3'];
    for (const host of ['a', 'b', 'c', 'd']) expect(await net.history(host, lobby)).toEqual(all);
    for (const host of ['b', 'c', 'd']) {
      expect(net.get(host).gaps).toEqual([]);
      const { archive } = net.get(host).node.channels;
      const page = await net.world.until(archive.history(lobby, { limit: 100 }));
      expect(page.map((message) => archive.missingBefore(message))).toEqual(all.map(() => 0));
    }
    // Nobody goes on asking for numbers that nobody has.
    const asked = ['b', 'c', 'd'].map((host) => net.get(host).node.metrics.value('messages_sent_total', 'WANT'));
    await net.world.advance(600_000);
    expect(['b', 'c', 'd'].map((host) => net.get(host).node.metrics.value('messages_sent_total', 'WANT'))).toEqual(asked);
  });

  it('shows a newcomer what was said before numbers were left free', async () => {
    const net = await begin('backup, newcomer', 'a', 'b', 'n');
    const lobby = await net.channel('lobby', 'b', 'a');
    await say(net, 'a', lobby, ['a1', 'a2']);
    const file = await save(net, 'a');
    net.crash('s');
    await restoreOnto(net, 'a', file);
    await say(net, 'a', lobby, ['a3']);
    await net.restart('s');
    await net.world.advance(30_000);
    await net.join(lobby, 'n');
    await net.world.advance(30_000);
    expect(await net.history('n', lobby)).toEqual(['a1', 'a2', 'a3']);
  });

  it('is a member of closed channels, with their keys, and hears of the newer ones', async () => {
    const net = await clients('backup, closed', 'b', 'a', 'c');
    const of = (host: string) => net.get(host).node;
    const id = await closedChannel(net, ['b', 'a', 'c']);
    await say(net, 'a', id, ['a1']);
    await say(net, 'b', id, ['b1']);
    await net.world.runUntil(() => ['a', 'b', 'c'].every((host) => net.texts(host).length === 2));
    const file = await save(net, 'a');
    // A new key, which the backup has not.
    await net.world.until(of('b').channels.closed.remove(id, net.idOf('c')));
    await net.world.advance(10_000);
    await say(net, 'b', id, ['b2']);
    await net.world.advance(10_000);
    await restoreOnto(net, 'a', file);
    await net.world.advance(120_000);
    expect(await net.history('a', id)).toEqual(['a1', 'b1', 'b2']);
    await say(net, 'a', id, ['a2']);
    await net.world.advance(10_000);
    expect(await net.history('b', id)).toEqual(['a1', 'b1', 'b2', 'a2']);
    expect(net.texts('c').sort()).toEqual(['a1', 'b1']);
  });

  it('knows its contacts, and begins sessions with them anew', async () => {
    const net = await begin('backup, contacts', 'a', 'b');
    const of = (host: string) => net.get(host).node;
    await net.world.until(of('a').contacts.add(net.get('b').identity.keyId));
    await net.world.runUntil(() => of('b').contacts.get(net.idOf('a')) !== undefined, { limitMs: 60_000 });
    await net.world.until(of('b').contacts.accept(net.get('a').identity.keyId));
    await net.world.runUntil(() => of('a').contacts.get(net.idOf('b'))?.state === 'accepted', { limitMs: 60_000 });
    await net.world.advance(10_000);
    const id = of('a').direct.idWith(net.get('b').identity.keyId);
    await say(net, 'a', id, ['a1']);
    await say(net, 'b', id, ['b1']);
    await net.world.runUntil(() => net.texts('a').length === 2 && net.texts('b').length === 2);
    const file = await save(net, 'a');
    await say(net, 'a', id, ['a2']);
    await say(net, 'b', id, ['b2']);
    await net.world.advance(10_000);
    await restoreOnto(net, 'a', file);
    expect(of('a').contacts.get(net.idOf('b'))?.state).toBe('accepted');
    await net.world.advance(120_000);
    expect(await net.history('a', id)).toEqual(['a1', 'b1', 'a2', 'b2']);
    await say(net, 'a', id, ['a3']);
    await say(net, 'b', id, ['b3']);
    await net.world.advance(60_000);
    for (const host of ['a', 'b']) expect(await net.history(host, id)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  });

  it('finds what was edited by what it says last', async () => {
    const net = await begin('backup, words', 'a');
    const lobby = await net.channel('lobby', 'a');
    const { msgId } = await net.send('a', lobby, 'beans');
    const gone = await net.send('a', lobby, 'carrots');
    const { channels } = net.get('a').node;
    await net.world.until(channels.act(lobby, 'edit', msgId, 'tomatoes'));
    await net.world.until(channels.act(lobby, 'delete', gone.msgId));
    await restoreOnto(net, 'a', await save(net, 'a'));
    const found = async (query: string): Promise<string[]> => {
      const messages = await net.world.until(net.get('a').node.channels.archive.search(query, { limit: 10 }));
      return messages.map(({ text }) => text);
    };
    expect([await found('tomatoes'), await found('beans'), await found('carrots')]).toEqual([['tomatoes'], [], []]);
  });
});
