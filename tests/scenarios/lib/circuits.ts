import { link } from './devices.ts';
import { Frames } from './frames.ts';
import { befriend } from './friends.ts';
import type { Network, ParticipantConfig } from './network.ts';
import { hostOf, registered } from './registry.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const ANN = 'client0';
export const BEN = 'client1';

/** Verbs that say where nodes are, whoever talks with whom: of links, routes and records. */
const WHEREABOUTS = new Set(['HELLO', 'ROUTING', 'PUBLISH', 'RECORDS', 'FOUND', 'BYE']);

/** What each host could read of messages that went over its links, but for who is where. */
export class Eyes {
  readonly #seen = new Map<string, Frames>();
  readonly #frames: string[] = [];

  constructor(net: Network) {
    net.world.network.onFrame(({ kind, bytes, from, to }) => {
      if (kind !== 'message') return undefined;
      const frame = Buffer.from(bytes).toString();
      const { msg_type: verb } = JSON.parse(frame) as { msg_type: string };
      if (WHEREABOUTS.has(verb)) return undefined;
      this.#frames.push(frame);
      for (const host of [from, to]) this.of(host).add(frame);
      return undefined;
    });
  }

  of(host: string): Frames {
    const frames = this.#seen.get(host) ?? new Frames();
    this.#seen.set(host, frames);
    return frames;
  }

  /** What went over any link, and names two nodes at once, in whatever coding. */
  linking(net: Network, one: string, other: string): string[] {
    return this.naming(net, one)(other);
  }

  /** The same, for a node by the names that it has now, once it has others. */
  naming(net: Network, one: string): (other: string) => string[] {
    const names = (host: string): string[] => [net.idOf(host), net.get(host).identity.keyId];
    const ours = names(one);
    return (other) =>
      this.#frames.filter((frame) => {
        const alone = new Frames();
        alone.add(frame);
        return [ours, names(other)].every((some) => alone.readable(some).length > 0);
      });
  }
}

interface Scene {
  readonly servers?: number;
  readonly hops?: number;
  readonly config?: ParticipantConfig;
  readonly client?: ParticipantConfig;
}

/** Servers, each linked to the first, and two people of whom nobody is to know that they know each other, each attached to two of them. */
export async function scene(seed: string, { servers: count = 6, hops = 3, config, client }: Scene = {}) {
  const place = await registered(seed, {
    servers: count,
    clients: 2,
    ...(config ? { config: () => config } : {}),
    ...(client ? { client } : {}),
  });
  for (const host of [ANN, BEN]) await place.net.world.until(place.net.get(host).node.settings.set({ circuits: hops }));
  return place;
}

/** The same, once they are contacts. */
export async function friends(seed: string, options: Scene = {}) {
  const place = await scene(seed, options);
  const { net } = place;
  await befriend(net, ANN, BEN);
  const id = net.get(ANN).node.direct.idWith(net.get(BEN).identity.keyId);
  await net.world.runUntil(() => [ANN, BEN].every((host) => net.knows(host, id)), { limitMs: MINUTE, what: 'the conversation' });
  return { ...place, id };
}

/** A device of ann's by the name of `tablet`, at a server of its own, which takes over that she wants circuits; it knows the conversation. */
export async function tablet(net: Network, id: string, client: ParticipantConfig): Promise<void> {
  const { world } = net;
  await net.client('tablet', client);
  net.link('tablet', hostOf(6));
  await world.runUntil(() => net.reaches('tablet', ANN), { limitMs: MINUTE, what: 'that the tablet reaches ann' });
  await link(net, ANN, 'tablet');
  await world.runUntil(() => net.knows('tablet', id), { limitMs: 5 * MINUTE, what: 'the conversation on the tablet' });
}

export const shows = (net: Network, host: string, count: number, limitMs = 2 * MINUTE): Promise<void> =>
  net.world.runUntil(() => net.texts(host).length >= count, { limitMs, what: `that ${host} shows ${count}` });

export const stateOf = async (net: Network, msgId: string) => (await net.world.until(net.get(ANN).node.channels.delivery(msgId)))?.state;

export async function delivered(net: Network, msgId: string, limitMs = 5 * MINUTE): Promise<void> {
  const { node } = net.get(ANN);
  let isDelivered = false;
  const off = node.overlay.events.on('delivery', (delivery) => {
    if (delivery.msgId === msgId) isDelivered ||= delivery.state === 'delivered';
  });
  isDelivered ||= (await stateOf(net, msgId)) === 'delivered';
  await net.world.runUntil(() => isDelivered, { limitMs, what: 'the RECEIPT' });
  off();
}

/** Servers in the order in which ann's circuit to ben goes through them. */
export const hopsOf = (net: Network, servers: readonly string[]): string[] => {
  const { circuits } = net.get(ANN).node.circuits.status();
  const found = circuits.find(({ destination }) => destination === net.idOf(BEN));
  return (found?.hops ?? []).map((nodeId) => servers.find((server) => net.idOf(server) === nodeId) ?? '');
};
