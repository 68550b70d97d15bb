import type { ContactDeps } from './features/contacts/index.ts';
import type { Node } from './node.ts';
import { ownPerson } from './node-devices.ts';

/** What contacts need of the rest of a node, which may not be there yet. */
export const contactHooks = (node: () => Node) =>
  ({
    nameOf: (nodeId) => node().certificates.get(nodeId)?.name || node().links.get(nodeId)?.peer.name,
    favoured: (nodeId) => node().channels.share(nodeId, node().identity.nodeId),
    person: () => ownPerson(node().devices),
    introductions: () => node().direct.introductions,
    room: () => node().channels.checkRoom(),
  }) satisfies Partial<ContactDeps>;

/** There is a conversation with every contact, as far as there is room for them. */
export function converseWithContacts({ channels, contacts, direct }: Node): void {
  const roomAgain = (): void => direct.roomAgain(contacts.list());
  contacts.events.on('contact', ({ contact, news }) => {
    direct.know(contact, news === 'removed');
    if (news === 'removed') roomAgain();
  });
  channels.events.on('left', roomAgain);
}
