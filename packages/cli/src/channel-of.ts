import type { ApiClient, ChannelView, ContactView } from '@parley/host';
import { Failure } from './failure.ts';

/** A channel as people write it: `#garden`, or `@ben` for the conversation with a contact. Not yet safe to print. */
export function titleOf({ name, kind }: { readonly name: string; readonly kind?: string | undefined }): string {
  return `${kind === 'direct' ? '@' : '#'}${name}`;
}

/** Whether a channel is the one that a title means, as `titleOf` writes it; without a sign it is no conversation. */
export function isTitled(channel: { readonly name: string; readonly kind?: string }, title: string): boolean {
  return title === titleOf(channel) || (channel.kind !== 'direct' && title === channel.name);
}

/** The channel that a person means: as the node decides it, one that it is in before one that it only knows. */
export async function channelOf(node: ApiClient, idOrName: string): Promise<ChannelView> {
  const known = await node.channels();
  if (idOrName.startsWith('@')) return conversationOf(node, idOrName, known);
  const name = idOrName.replace(/^#/, '');
  const exact = known.find(({ id }) => id === idOrName);
  if (exact) return exact;
  const named = known.filter((channel) => isTitled(channel, name));
  const joined = named.filter((channel) => channel.joined);
  const [only, ...others] = joined.length > 0 ? joined : named;
  if (!only) {
    const isContact = called(await node.contacts.list(), name).length > 0;
    throw new Failure('not-found', `no channel #${name} is known here${isContact ? `: the contact is @${name}` : ''}`);
  }
  if (others.length > 0)
    throw new Failure('conflict', `several channels are called #${name}: use the id`, { ids: named.map(({ id }) => id), channels: named });
  return only;
}

/** The conversation with a contact, by alias, name, `name#1a2b` or key. */
async function conversationOf(node: ApiClient, title: string, known: readonly ChannelView[]): Promise<ChannelView> {
  const who = title.slice(1);
  const titled = known.filter((channel) => isTitled(channel, title));
  if (titled.length === 1 && titled[0]) return titled[0];
  const contact = contactOf(await node.contacts.list(), who);
  const channel = known.find(({ id }) => id === contact?.channel_id);
  if (channel) return channel;
  if (contact) throw new Failure('refused', `${who} has not accepted to be a contact yet`);
  throw new Failure('not-found', `no contact ${who} is known here`);
}

/** The key that a person means: a key id or node id, or that of a contact by alias, name or `name#1a2b`. */
export async function keyOf(node: ApiClient, who: string): Promise<string> {
  if (/^key_|^[0-9a-f]{8}-/.test(who)) return who;
  const name = who.replace(/^@/, '');
  const contact = contactOf(await node.contacts.list(), name);
  if (!contact) throw new Failure('not-found', `no contact ${name} is known here; others are named by key id or node id`);
  return contact.key;
}

/** The one whom a name means. Errors: `conflict`. */
function contactOf(contacts: readonly ContactView[], who: string): ContactView | undefined {
  const found = called(contacts, who);
  if (found.length > 1)
    throw new Failure('conflict', `several contacts are called ${who}: use the key`, { keys: found.map(({ key }) => key) });
  return found[0];
}

/** Whom a name means, as the node decides it: those who are contacts before those who only ask, what the user calls them before what they call themselves. */
export function called(contacts: readonly ContactView[], who: string): readonly ContactView[] {
  const folded = who.toLowerCase();
  const tests: ((contact: ContactView) => boolean)[] = [
    ({ key, node_id }) => [key, node_id].includes(who),
    ({ alias }) => alias === who,
    ({ display }) => display === who,
    ({ alias, name }) => alias === undefined && name === who,
    ({ alias, display }) => [alias, display].some((word) => word?.toLowerCase() === folded),
    ({ name }) => name?.toLowerCase() === folded,
  ];
  const named = tests.map((test) => contacts.filter(test)).find(({ length }) => length > 0) ?? [];
  const accepted = named.filter(({ state, blocked }) => state === 'accepted' && !blocked);
  return accepted.length > 0 ? accepted : named;
}
