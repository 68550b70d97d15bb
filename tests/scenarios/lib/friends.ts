import type { Contact, ContactNews } from '@parley/core';
import type { Network, Participant, ParticipantConfig } from './network.ts';

const MINUTE = 60_000;

/** A server with the nodes that are named, all linked to it. */
export async function around(net: Network, hosts: readonly string[], config: ParticipantConfig = {}): Promise<void> {
  await net.server('s');
  for (const host of hosts) {
    await net.client(host, config);
    net.link(host, 's');
  }
  await net.world.runUntil(() => hosts.every((a) => hosts.every((b) => net.reaches(a, b))), { what: 'that all reach all' });
}

export const contactOf = (net: Network, host: string, other: string): Contact | undefined =>
  net.get(host).node.contacts.get(net.idOf(other));

/** What is told of contacts at a node from now on, as `news name`. */
export function newsAt({ node }: Participant): string[] {
  const told: string[] = [];
  node.contacts.events.on('contact', ({ contact, news }: { contact: Contact; news: ContactNews }) => {
    told.push(`${news} ${contact.alias ?? contact.name ?? contact.keyId}`);
  });
  return told;
}

/** Makes two nodes contacts of each other: one asks, the other accepts. */
export async function befriend(net: Network, asks: string, accepts: string): Promise<void> {
  const { world } = net;
  await world.until(net.get(asks).node.contacts.add(net.get(accepts).node.contacts.link));
  await world.runUntil(() => contactOf(net, accepts, asks)?.state === 'incoming', { limitMs: MINUTE, what: 'the request' });
  await world.until(net.get(accepts).node.contacts.accept(net.get(asks).identity.keyId));
  await world.runUntil(() => contactOf(net, asks, accepts)?.state === 'accepted', { limitMs: MINUTE, what: 'the answer' });
}
