import type { ChannelDeps } from './features/channels/index.ts';
import type { ContactDeps } from './features/contacts/index.ts';
import { FileSharing, fileDefaults } from './features/files/index.ts';
import { Presence, presenceDefaults } from './features/presence/index.ts';
import type { Node } from './node.ts';
import type { NodeConfig } from './node-config.ts';
import { owners, ownPerson } from './node-devices.ts';
import { isBlocked, isKnown, mayBeLinked } from './node-links.ts';
import type { Ports } from './ports/index.ts';

/** To whom a node that is not listed shows its certificate (DESIGN section 3): those whom the user chose, members of their channels, and devices that are being linked. */
export function isTrusted({ channels, contacts, devices, identity }: Node, nodeId: string): boolean {
  const contact = contacts.get(devices.personOf(nodeId));
  const chosen = contact !== undefined && contact.state !== 'incoming' && !contact.blocked;
  return chosen || channels.share(nodeId, identity.nodeId) || devices.isOwn(nodeId) || devices.isMeeting(nodeId);
}

/** What channels need of the rest of a node, which may not be there yet. */
export const channelHooks = (node: () => Node) =>
  ({
    target: (nodeId) => node().certificates.target(nodeId),
    shares: () => node().settings.get(),
    blocked: (nodeId) => isBlocked(node(), nodeId),
    isContact: (nodeId) => node().contacts.isContact(node().devices.personOf(nodeId)),
    ...owners(() => node().devices),
  }) satisfies Partial<ChannelDeps>;

/** The same of contacts. */
export const contactHooks = (node: () => Node) =>
  ({
    target: (nodeId) => node().certificates.target(nodeId),
    nameOf: (nodeId) => node().certificates.get(nodeId)?.name || node().links.get(nodeId)?.peer.name,
    nearness: (nodeId) => {
      const { channels, identity } = node();
      return channels.share(nodeId, identity.nodeId, 'closed') ? 2 : channels.share(nodeId, identity.nodeId) ? 1 : 0;
    },
    person: () => ownPerson(node().devices),
    introductions: () => node().direct.introductions,
    room: () => node().channels.checkRoom(),
  }) satisfies Partial<ContactDeps>;

/** Files that are too large for messages. */
export function createFiles(ports: Ports, node: Node, config: NodeConfig['files']): FileSharing {
  const { channels, identity, links, metrics, neighbours, overlay } = node;
  return new FileSharing(
    {
      ports,
      self: identity.nodeId,
      links,
      overlay,
      metrics,
      channels,
      seekDirect: (nodeId) => {
        if (mayBeLinked(node, nodeId)) neighbours.wrote(nodeId, true);
      },
      blocked: (nodeId) => isBlocked(node, nodeId),
      isKnown: (nodeId) => isKnown(node, nodeId),
    },
    { ...fileDefaults, ...config },
  );
}

/** Whether users are there, between contacts. */
export function createPresence(ports: Ports, node: Node, config: NodeConfig['presence']): Presence {
  const { contacts, devices, settings } = node;
  return new Presence(
    {
      ports,
      overlay: node.overlay,
      target: (nodeId) => node.certificates.target(nodeId),
      wanted: () => settings.get().presence,
      contacts: () => contacts.list().flatMap(({ keyId, nodeId }) => (contacts.isContact(keyId) ? [nodeId] : [])),
      isContact: (person) => contacts.isContact(person),
      devicesOf: (person) => devices.nodesOf(contacts.get(person) ?? { nodeId: person, keyId: '' }).map(({ nodeId }) => nodeId),
      personOf: (nodeId) => devices.personOf(nodeId),
    },
    { ...presenceDefaults, ...config },
  );
}

/** There is a conversation with every contact, as far as there is room for them; and what users share of what they do follows contacts and settings. */
export function converseWithContacts({ channels, contacts, direct, presence, settings }: Node): void {
  const roomAgain = (): void => direct.roomAgain(contacts.list());
  contacts.events.on('contact', ({ contact, news }) => {
    direct.know(contact, news === 'removed');
    if (news === 'removed') roomAgain();
    presence.contactChanged(contact.nodeId);
  });
  channels.events.on('left', roomAgain);
  settings.events.on('changed', () => {
    channels.sharingChanged();
    presence.sharingChanged();
  });
}
