import type { JsonObject, Verb } from '@parley/core';
import { around, befriend } from './friends.ts';
import { Network } from './network.ts';

const MINUTE = 60_000;

/** Makes `device` a device of `first`: shown, given, confirmed, as users do it. */
export async function link(net: Network, first: string, device: string): Promise<void> {
  const { world } = net;
  const { link: code } = net.get(device).node.devices.code();
  const agreed = await world.until(net.get(first).node.devices.ask(code));
  await world.until(net.get(first).node.devices.confirm(agreed.keyId));
  await world.runUntil(() => net.get(device).node.devices.isLinked, { limitMs: MINUTE, what: `that ${device} is linked` });
}

export const devicesOf = (net: Network, at: string, person: string): string[] =>
  net
    .get(at)
    .node.devices.nodesOf(net.get(person).identity)
    .map(({ nodeId }) => net.all().find(({ identity }) => identity.nodeId === nodeId)?.host ?? nodeId);

/** Waits until all of these hosts know the same devices of a person. */
export async function knows(net: Network, person: string, devices: readonly string[], ...hosts: string[]): Promise<void> {
  const wanted = [...devices].sort().join();
  await net.world.runUntil(() => hosts.every((at) => devicesOf(net, at, person).sort().join() === wanted), {
    limitMs: 10 * MINUTE,
    what: `that ${hosts.join()} know ${wanted} of ${person}`,
  });
}

/** Ann with a tablet, and ben, her contact, who knows of it: behind a server. `before`: what is to be there first. */
export async function withTablet(seed: string, before?: (net: Network) => Promise<void>): Promise<Network> {
  const net = new Network({ seed });
  await around(net, ['ann', 'tablet', 'ben']);
  await before?.(net);
  await befriend(net, 'ann', 'ben');
  await link(net, 'ann', 'tablet');
  await knows(net, 'ann', ['ann', 'tablet'], 'ann', 'tablet', 'ben');
  return net;
}

export const shows = (net: Network, text: string, ...hosts: string[]): Promise<void> =>
  net.world.runUntil(() => hosts.every((host) => net.texts(host).includes(text)), {
    limitMs: 5 * MINUTE,
    what: `that ${hosts.join()} show ${text}`,
  });

export const conversation = (net: Network, host: string, other: string): string =>
  net.get(host).node.direct.idWith(net.get(other).identity.keyId);

export const rejected = (net: Network, host: string, reason: string): number => net.get(host).node.metrics.value('rejections', reason);

/** Says something to a node under seal, as whoever runs a changed client can. */
export async function say<N extends string>(
  net: Network,
  from: string,
  to: string,
  verb: Verb<N, JsonObject>,
  data: object,
): Promise<void> {
  const { node } = net.get(from);
  const target = await net.world.until(node.certificates.target(net.idOf(to)));
  await net.world.until(node.overlay.sealed.send(verb, data as JsonObject, { target }));
  await net.world.advance(5000);
}
