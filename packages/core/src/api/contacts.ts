import { type Contact, type ContactNews, contactDisplay } from '../features/contacts/index.ts';
import type { Node } from '../node.ts';
import { presenceOf } from './presence.ts';
import type { ContactView } from './types.ts';

/** What the local API offers about contacts. `who`: a key id, node id, name or alias. Errors are those of `Contacts`. */
export interface ContactService {
  list(): ContactView[];
  /** The link by which others add this node's user. */
  link(): string;
  /** By link or key id. */
  add(link: string, options?: { readonly alias?: string | undefined; readonly note?: string | undefined }): Promise<ContactView>;
  accept(who: string): Promise<ContactView>;
  decline(who: string): Promise<void>;
  remove(who: string): Promise<void>;
  /** Without an alias they are called by their own name again. */
  rename(who: string, alias?: string): Promise<ContactView>;
  block(who: string): Promise<ContactView>;
  unblock(who: string): Promise<void>;
  safetyNumber(who: string): string;
  /** With the number that the other has; without one, what was verified is so no more. */
  verify(who: string, number?: string): Promise<ContactView>;
  /** Whether the user believes that a contact has the key that their old one names. */
  decideKey(who: string, believed: boolean): Promise<ContactView>;
}

const rfc3339 = (ms: number): string => new Date(ms).toISOString();

/** A contact in the words of the local API. */
export function contactView(node: Node, contact: Contact): ContactView {
  const { keyId, nodeId, name, alias, state, declined, verified, blocked, added, note, change, before } = contact;
  return {
    key: keyId,
    node_id: nodeId,
    ...(name === undefined ? {} : { name }),
    ...(alias === undefined ? {} : { alias }),
    display: contactDisplay(contact),
    state,
    ...(declined ? { declined } : {}),
    verified,
    blocked,
    present: node.overlay.shows(nodeId),
    ...presenceOf(node, nodeId),
    added: rfc3339(added),
    ...(note === undefined ? {} : { note }),
    ...(change === undefined ? {} : { new_key: { key: change.keyId, time: rfc3339(change.time) } }),
    ...(state === 'accepted' ? { channel_id: node.direct.idWith(keyId) } : {}),
    ...(before === undefined ? {} : { before: { key: before.keyId, time: rfc3339(before.time) } }),
  };
}

/** What is to be told of a contact. */
export function contactEvent(node: Node, contact: Contact, news: ContactNews) {
  return { event: 'contact', news, contact: contactView(node, contact) } as const;
}

/** Requests about contacts, answered by a node. */
export function contactService(node: Node): ContactService {
  const { contacts } = node;
  const view = (contact: Contact): ContactView => contactView(node, contact);
  return {
    list: () => contacts.list().map(view),
    link: () => contacts.link,
    add: async (link, options) => view(await contacts.add(link, options)),
    accept: async (who) => view(await contacts.accept(who)),
    decline: (who) => contacts.decline(who),
    remove: (who) => contacts.remove(who),
    rename: async (who, alias) => view(await contacts.rename(who, alias)),
    block: async (who) => view(await contacts.block(who)),
    unblock: (who) => contacts.unblock(who),
    safetyNumber: (who) => contacts.safetyNumber(who),
    verify: async (who, number) => view(await contacts.verify(who, number ?? false)),
    decideKey: async (who, believed) => view(await contacts.decideKey(who, believed)),
  };
}
