import type { OverlayConfig } from '@parley/core';
import { Network, type ParticipantConfig } from './network.ts';

/** `a` and `b`, members of a channel, at a server `s`; then `b` goes away. */
export async function oneAway(seed: string, overlay: Partial<OverlayConfig> = {}): Promise<{ net: Network; lobby: string }> {
  const net = new Network({ seed });
  await net.server('s', { overlay });
  for (const host of ['a', 'b']) {
    await net.client(host);
    net.link(host, 's');
  }
  const lobby = await meet(net);
  await net.world.advance(10_000);
  net.crash('b');
  await net.world.advance(30_000);
  return { net, lobby };
}

/** `a` – `s1` – `s2` – `b`, and a channel of `a` and `b`. */
export async function lineOfTwo(seed: string, config: ParticipantConfig = {}): Promise<{ net: Network; lobby: string }> {
  const net = new Network({ seed });
  for (const host of ['s1', 's2']) await net.server(host, config);
  for (const [host, server] of [
    ['a', 's1'],
    ['b', 's2'],
  ] as const) {
    await net.client(host);
    net.link(host, server);
  }
  net.link('s1', 's2');
  return { net, lobby: await meet(net) };
}

async function meet(net: Network): Promise<string> {
  await net.world.runUntil(() => net.reaches('a', 'b') && net.reaches('b', 'a'));
  return net.channel('lobby', 'a', 'b');
}
