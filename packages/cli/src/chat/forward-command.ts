import { forwarded } from '@parley/core';
import { isTitled, titleOf } from '../channel-of.ts';
import { quote } from '../format/messages.ts';
import type { Done } from './run-command.ts';
import type { ChannelState, ChatState } from './state.ts';
import { meant } from './which-message.ts';

/** Passes a message of the channel on the screen on to another one, or to a contact: as the web app does. */
export function forward(state: ChatState, argument: string): Done {
  const found = meant(state, argument, () => true);
  if (typeof found === 'string') return found;
  if (!found) return 'there is no message here that could be forwarded';
  const { message, rest } = found;
  if (rest === '') return undefined;
  const where = placeOf(state, rest);
  if (typeof where === 'string') return where;
  if (message.text === '') return 'that message has no text: /save and /file pass on what is attached to it';
  const { view } = where;
  const without = (message.attachments ?? []).length > 0 ? ', without what is attached to it' : '';
  const about = `${quote(message.msg_id, message)}, to ${titleOf(view)}${without}`;
  return { state, effects: [{ do: 'forward', channelId: view.id, text: forwarded(message), about }] };
}

/** The one channel or conversation that a name means, or why it means none: what is said must not go to another than was meant. */
function placeOf({ channels }: ChatState, idOrTitle: string): ChannelState | string {
  const title = idOrTitle.replace(/^#/, '');
  const exact = channels.find(({ view }) => view.id === title);
  if (exact) return exact;
  const [only, ...others] = channels.filter(({ view }) => isTitled(view, title));
  if (others.length > 0) return `several are called ${idOrTitle}: give the id, which /channels shows`;
  if (only) return only;
  const contact = channels.some(({ view }) => isTitled(view, `@${title}`));
  return contact ? `you are in no channel #${title}: the contact is @${title}` : `you are in no channel ${idOrTitle}: /channels lists them`;
}
