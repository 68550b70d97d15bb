import { type ContentKey, fromBase64, type HistoryPolicy, type JsonObject, peekJws, type Role } from '@parley/core';
import { Network } from './network.ts';

/** Clients at two servers, which are linked. The first is at `s1`, the next at `s2`, and so on. */
export async function clients(seed: string, ...hosts: string[]): Promise<Network> {
  const net = new Network({ seed });
  for (const host of ['s1', 's2']) await net.server(host);
  net.link('s1', 's2');
  for (const [at, host] of hosts.entries()) {
    await net.client(host);
    net.link(host, at % 2 === 0 ? 's1' : 's2');
  }
  await net.world.runUntil(() => hosts.every((from) => hosts.every((to) => net.reaches(from, to))), { what: 'that all reach all' });
  return net;
}

/** A closed channel of the first, with the others as members. */
export async function closedChannel(
  net: Network,
  [owner = '', ...members]: readonly string[],
  options: { name?: string; history?: HistoryPolicy } = {},
): Promise<string> {
  const { channels } = net.get(owner).node;
  const { id } = await net.world.until(channels.createClosed(options.name ?? 'hideout', options.history ?? 'all'));
  for (const host of members) await invite(net, id, owner, host);
  await settled(net, id, [owner, ...members]);
  return id;
}

/** Invites, and lets the other accept. */
export async function invite(net: Network, id: string, by: string, host: string, role: Exclude<Role, 'owner'> = 'member'): Promise<void> {
  await net.world.until(net.get(by).node.channels.closed.invite(id, net.idOf(host), role));
  const { closed } = net.get(host).node.channels;
  await net.world.runUntil(() => closed.invitations().some(({ channel }) => channel.id === id), {
    limitMs: 30_000,
    what: `that ${host} is invited`,
  });
  await net.world.until(closed.accept(id));
}

/** Members as a node sees them, by host: `name:role`, with a question mark for those who have not accepted. */
export function membersAt(net: Network, id: string, host: string): string[] {
  const nameOf = new Map(net.all().map((participant) => [participant.identity.nodeId, participant.host]));
  const { closed } = net.get(host).node.channels;
  return closed
    .members(id)
    .map(({ nodeId, role, joined }) => `${nameOf.get(nodeId) ?? nodeId}:${role}${joined ? '' : '?'}`)
    .sort();
}

/** Waits until all of these know all of these as members, and no others. */
export async function settled(net: Network, id: string, hosts: readonly string[]): Promise<void> {
  const ids = hosts.map((host) => net.idOf(host)).sort();
  await net.world.runUntil(
    () =>
      hosts.every((host) => {
        const { channels } = net.get(host).node;
        return channels.isJoined(id) && String(channels.members(id).sort()) === String(ids);
      }),
    { limitMs: 120_000, what: 'that all know all members' },
  );
}

/** Epochs that are on the disk of a node, the latest last. */
export function epochsOn(net: Network, id: string, host: string): (ContentKey & { readonly number: number; readonly covers: number })[] {
  const row = net.world.drive(host).disk.get('closed_channels', id);
  if (typeof row !== 'string') return [];
  const { epochs } = JSON.parse(row) as { epochs: { statement: string; key: string }[] };
  return epochs
    .map(({ statement, key }) => {
      const payload = peekJws(statement)?.payload as JsonObject;
      return {
        kid: payload.kid as string,
        key: fromBase64(key) ?? new Uint8Array(),
        number: payload.number as number,
        covers: (payload.covers as string[]).length,
      };
    })
    .sort((a, b) => a.number - b.number);
}
