import type { Network } from './network.ts';

/** The user of a node presses a key. */
export const type = (net: Network, host: string, id: string, typing = true): void => net.get(host).node.channels.typing.typed(id, typing);

/** Hosts of those whom a node shows as typing. */
export function typists(net: Network, host: string, id: string): string[] {
  const names = new Map(net.all().map((one) => [one.identity.nodeId, one.host]));
  return net
    .get(host)
    .node.channels.typing.in(id)
    .map((nodeId) => names.get(nodeId) ?? nodeId);
}

/** What a node tells of it from now on. */
export function toldAt(net: Network, host: string): string[] {
  const told: string[] = [];
  net
    .get(host)
    .node.channels.typing.events.on('typing', ({ people }) =>
      told.push(people.map((id) => (id === net.idOf('ann') ? 'ann' : 'other')).join()),
    );
  return told;
}

export const rejected = (net: Network, host: string, reason: string): number => net.get(host).node.metrics.value('rejections', reason);
