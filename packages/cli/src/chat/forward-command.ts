import { forwarded } from '@parley/core';
import { titleOf } from '../channel-of.ts';
import { quote } from '../format/messages.ts';
import { whyNotWrite } from './may-write.ts';
import type { Done } from './run-command.ts';
import type { ChatState } from './state.ts';
import { meant } from './which-message.ts';
import { placeOf } from './which-place.ts';

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
  const why = whyNotWrite(state, where);
  if (why !== undefined) return `${titleOf(view)}: ${why}`;
  const without = (message.attachments ?? []).length > 0 ? ', without what is attached to it' : '';
  const about = `${quote(message.msg_id, message)}, to ${titleOf(view)}${without}`;
  return { state, effects: [{ do: 'forward', channelId: view.id, text: forwarded(message), about }] };
}
