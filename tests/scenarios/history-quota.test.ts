import { WANT } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network, type ParticipantConfig } from './lib/network.ts';

const MINUTE = 60_000;

/** A server, and members of #lobby with their configurations. */
async function begin(
  seed: string,
  members: Record<string, ParticipantConfig['channels']>,
  server: ParticipantConfig = {},
): Promise<{ net: Network; lobby: string }> {
  const net = new Network({ seed });
  await net.server('s', server);
  const hosts = Object.keys(members);
  for (const host of hosts) {
    await net.client(host, { channels: members[host] ?? {} });
    net.link(host, 's');
  }
  await net.world.runUntil(() => hosts.every((from) => hosts.every((to) => net.reaches(from, to))));
  const [owner = '', ...others] = hosts;
  const lobby = await net.channel('lobby', owner, ...others);
  await net.world.advance(5000);
  return { net, lobby };
}

const texts = (from: string, count: number, first = 1): string[] => Array.from({ length: count }, (_, i) => `${from} word${first + i}`);

async function say(net: Network, host: string, lobby: string, what: readonly string[]): Promise<void> {
  for (const text of what) {
    await net.send(host, lobby, text);
    await net.world.advance(50);
  }
  await net.world.advance(5000);
}

/** Each member's own texts in a node's history. */
async function held(net: Network, host: string, lobby: string, from: string): Promise<string[]> {
  return (await net.history(host, lobby)).filter((text) => text.startsWith(`${from} `));
}

const counted = (net: Network, host: string, name: string): number => net.get(host).node.metrics.value(name);

function countWants(net: Network): () => number {
  let wants = 0;
  net.world.network.onFrame(({ bytes }) => {
    if (Buffer.from(bytes).includes(`"${WANT.name}"`)) wants++;
    return undefined;
  });
  return () => wants;
}

describe('what is kept of a channel', () => {
  it('has a bound for each sender: one that writes without end loses its own oldest, and nobody else does', async () => {
    const { net, lobby } = await begin('sender', { a: {}, b: { senderMessages: 40 }, c: {} });
    await say(net, 'a', lobby, texts('a', 10));
    await say(net, 'c', lobby, texts('c', 100));
    expect(net.textsFrom('b', 'c')).toEqual(texts('c', 100));
    expect(await held(net, 'b', lobby, 'a')).toEqual(texts('a', 10));
    expect(await held(net, 'b', lobby, 'c')).toEqual(texts('c', 40, 61));
    expect(counted(net, 'b', 'history_forgotten')).toBe(60);
    const search = (words: string) => net.world.until(net.get('b').node.channels.archive.search(words, { limit: 10 }));
    expect((await search('c word60')).length).toBe(0);
    expect((await search('c word61')).length).toBe(1);
    expect(await held(net, 'a', lobby, 'c')).toEqual(texts('c', 100));
  });

  it('and in all: of the heaviest sender the oldest go first', async () => {
    const { net, lobby } = await begin('channel', { a: {}, b: { channelMessages: 50 }, c: {}, d: {} });
    await say(net, 'a', lobby, texts('a', 10));
    await say(net, 'c', lobby, texts('c', 60));
    await say(net, 'd', lobby, texts('d', 30));
    const kept = await Promise.all(['a', 'c', 'd'].map((from) => held(net, 'b', lobby, from)));
    expect(kept.flat().length).toBe(50);
    expect(kept[0]).toEqual(texts('a', 10));
    expect(kept[1]).toEqual(texts('c', 20, 41));
    expect(kept[2]).toEqual(texts('d', 20, 11));
  });

  it('is bounded by bytes, with the bytes on disk', async () => {
    const { net, lobby } = await begin('bytes', { a: {}, b: { channelBytes: 200_000 }, c: {} });
    await say(net, 'a', lobby, texts('a', 10));
    const long = Array.from({ length: 40 }, (_, i) => `c word${i} ${'x'.repeat(10_000)}`);
    await say(net, 'c', lobby, long);
    const kept = await held(net, 'b', lobby, 'c');
    // Some 18 kB each, signed and in base64, twice.
    expect(kept).toEqual(long.slice(-kept.length));
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.length).toBeLessThan(12);
    expect(await held(net, 'b', lobby, 'a')).toEqual(texts('a', 10));
    expect(net.world.drive('b').disk.bytes).toBeLessThan(350_000);
  });

  it('is not fetched again, neither before nor after a restart, and members of different quotas come to rest', async () => {
    const { net, lobby } = await begin('rest', { a: {}, b: { senderMessages: 20 }, c: { channelMessages: 30 }, d: {} });
    await say(net, 'a', lobby, texts('a', 60));
    await say(net, 'd', lobby, texts('d', 60));
    await net.world.advance(2 * MINUTE);
    const wants = countWants(net);
    await net.world.advance(15 * MINUTE);
    expect(wants()).toBe(0);
    for (const host of ['b', 'c']) {
      net.crash(host);
      await net.restart(host);
    }
    await net.world.advance(15 * MINUTE);
    expect(wants()).toBe(0);
    expect(counted(net, 'b', 'history_taken')).toBe(0);
    expect(await held(net, 'b', lobby, 'a')).toEqual(texts('a', 20, 41));
    expect((await net.history('c', lobby)).length).toBe(30);
    // And it still counts: a message more, one less.
    await say(net, 'a', lobby, texts('a', 1, 61));
    expect(await held(net, 'b', lobby, 'a')).toEqual(texts('a', 20, 42));
  });

  it('is told to those who lack more than it: they ask for what is there, and for the rest where it is', async () => {
    const { net, lobby } = await begin('less', { a: {}, b: { senderMessages: 50 }, m: {} }, { overlay: { destinationMessages: 4 } });
    await say(net, 'a', lobby, texts('a', 10));
    net.crash('m');
    await net.world.advance(MINUTE);
    // More than one question asks for is missing, and none of what the first would ask for is there.
    await say(net, 'a', lobby, texts('a', 300, 11));
    net.crash('a');
    await net.world.advance(MINUTE);
    await net.restart('m');
    await net.world.advance(5 * MINUTE);
    expect((await held(net, 'm', lobby, 'a')).slice(-50)).toEqual(texts('a', 50, 261));
    await net.restart('a');
    await net.world.advance(5 * MINUTE);
    expect(await held(net, 'm', lobby, 'a')).toEqual(texts('a', 310));
    expect(await held(net, 'b', lobby, 'a')).toEqual(texts('a', 50, 261));
  });

  it('holds after a crash at any moment', async () => {
    const { net, lobby } = await begin('crash', { a: {}, b: { senderMessages: 20 } });
    for (let round = 0; round < 8; round++) {
      await say(net, 'a', lobby, texts('a', 15, 1 + 15 * round));
      await net.send('a', lobby, `x ${round}`);
      await net.world.advance(round * 3);
      net.crash('b');
      await net.restart('b');
      await net.world.advance(MINUTE);
      const kept = (await net.history('b', lobby)).filter((text) => text.startsWith('a ') || text.startsWith('x '));
      expect(kept.length).toBe(Math.min(20, (round + 1) * 16));
      expect(kept.at(-1)).toBe(`x ${round}`);
    }
    expect(net.errors()).toEqual([]);
  });

  it('goes on when the disk failed meanwhile', async () => {
    const { net, lobby } = await begin('disk', { a: {}, b: { senderMessages: 20 } });
    await say(net, 'a', lobby, texts('a', 20));
    const drive = net.world.drive('b');
    drive.fail('storage-full', 3);
    await say(net, 'a', lobby, texts('a', 5, 21));
    drive.mend();
    await net.world.advance(3 * MINUTE);
    await say(net, 'a', lobby, texts('a', 5, 26));
    await net.world.advance(3 * MINUTE);
    expect(await held(net, 'b', lobby, 'a')).toEqual(texts('a', 20, 11));
  });
});
