import type { ApiClient, ChannelView } from '@parley/host';
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
    const isContact = (await node.contacts.list()).some((contact) => [contact.alias, contact.name, contact.display].includes(name));
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
  const contacts = (await node.contacts.list()).filter(({ alias, name, display, key }) => [alias, name, display, key].includes(who));
  const accepted = contacts.filter(({ channel_id }) => channel_id !== undefined);
  const [only, ...others] = accepted;
  if (others.length > 0)
    throw new Failure('conflict', `several contacts are called ${who}: use the key`, { keys: accepted.map(({ key }) => key) });
  const channel = known.find(({ id }) => id === only?.channel_id);
  if (channel) return channel;
  if (contacts.length > 0) throw new Failure('refused', `${who} has not accepted to be a contact yet`);
  throw new Failure('not-found', `no contact ${who} is known here`);
}

/** The key that a person means: a key id or node id, or that of a contact by alias, name or `name#1a2b`. */
export async function keyOf(node: ApiClient, who: string): Promise<string> {
  if (/^key_|^[0-9a-f]{8}-/.test(who)) return who;
  const name = who.replace(/^@/, '');
  const called = (await node.contacts.list()).filter((contact) => [contact.alias, contact.name, contact.display].includes(name));
  const [only, ...others] = called;
  if (!only) throw new Failure('not-found', `no contact ${name} is known here; others are named by key id or node id`);
  if (others.length > 0)
    throw new Failure('conflict', `several contacts are called ${name}: use the key`, { keys: called.map(({ key }) => key) });
  return only.key;
}
