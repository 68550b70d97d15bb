import { describe, expect, it } from 'vitest';
import { Network } from './lib/network.ts';

const TEXTS = ['one', 'two', 'three'];

/** a - s - b, met in #lobby, and quiet. */
async function begin(seed: string): Promise<{ net: Network; lobby: string }> {
  const net = new Network({ seed, conditions: { latencyMs: 5 }, commitMs: 2 });
  await net.server('s');
  for (const host of ['a', 'b']) {
    await net.client(host);
    net.link(host, 's');
  }
  await net.world.runUntil(() => net.reaches('a', 'b') && net.reaches('b', 'a'));
  const lobby = await net.channel('lobby', 'a', 'b');
  await net.world.advance(6000);
  return { net, lobby };
}

/** Sends three messages at once, and kills a node after so many milliseconds; whatever was on the sender's disk must arrive, once. */
async function crashAt(host: 'a' | 's' | 'b', afterMs: number, options: { silent: boolean; written: boolean }): Promise<void> {
  const { net, lobby } = await begin(`crash ${host} ${afterMs} ${options.silent} ${options.written}`);
  const acknowledged: string[] = [];
  const { channels } = net.get('a').node;
  for (const text of TEXTS) {
    channels.send(lobby, text).then(
      () => acknowledged.push(text),
      () => {},
    );
  }
  await net.world.advance(afterMs);
  net.crash(host, options);
  await net.world.advance(3000);
  await net.restart(host);
  await net.world.advance(90_000);
  const found = await net.history('b', lobby);
  expect(found, net.world.describeSeed()).toEqual(expect.arrayContaining(acknowledged));
  // Kept once on disk, and shown at most once in each life: after its own crash a node's user looks at the history.
  expect(found.length).toBe(new Set(found).size);
  if (host !== 'b') {
    const shown = net.textsFrom('b', 'a');
    expect(shown).toEqual(TEXTS.filter((text) => shown.includes(text)));
    expect(shown).toEqual(expect.arrayContaining(acknowledged));
  }
  expect(net.errors()).toEqual([]);
}

describe.each(['a', 's', 'b'] as const)('kill -9 of %s at each step of a message', (host) => {
  // From before the sender's own commit to after the receipt: every millisecond is another step of the way.
  it.each(Array.from({ length: 40 }, (_, i) => i))('%i ms after it was sent', async (afterMs) => {
    await crashAt(host, afterMs, { silent: afterMs % 2 === 1, written: afterMs % 3 === 0 });
  });
});
