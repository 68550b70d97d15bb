import { called, isTitled } from '../channel-of.ts';
import type { ChannelState, ChatState } from './state.ts';

/** The one channel or conversation that a name means, or why it means none: what is said must not go to another than was meant. */
export function placeOf(state: ChatState, idOrTitle: string): ChannelState | string {
  const { channels } = state;
  const title = idOrTitle.replace(/^#/, '');
  const exact = channels.find(({ view }) => view.id === title);
  if (exact) return exact;
  const [only, ...others] = channels.filter(({ view }) => isTitled(view, title));
  if (others.length > 0) return `several are called ${idOrTitle}: give the id, which /channels shows`;
  if (only) return only;
  if (title.startsWith('@')) return noConversation(state, title.slice(1));
  const contact = channels.some(({ view }) => isTitled(view, `@${title}`));
  return contact ? `you are in no channel #${title}: the contact is @${title}` : `you are in no channel ${idOrTitle}: /channels lists them`;
}

/** Why there is no conversation with somebody. */
function noConversation({ contacts }: ChatState, name: string): string {
  const [contact] = called(contacts, name);
  if (!contact) return `${name} is no contact: they have to be one first, see parley contacts add`;
  if (contact.blocked) return `${name} is blocked`;
  if (contact.state === 'incoming') return `${name} asks to be a contact: /accept ${name} first`;
  if (contact.state === 'requested') return `${name} has not accepted to be a contact yet`;
  return `the conversation with ${name} is not open yet`;
}
