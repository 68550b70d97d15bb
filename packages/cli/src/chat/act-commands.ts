import type { MessageView, NewAct } from '@parley/host';
import { activeChannel, type ChatState, type Effect } from './state.ts';
import { meant } from './which-message.ts';

const anybodys = (): boolean => true;
const own = (message: MessageView): boolean => message.own;

/**
 * What a command does to a message of the channel on the screen; undefined where it lacks a text, or there is no such message; words where one was named that
 * cannot be meant.
 */
export function actOf(state: ChatState, name: string, argument: string): Effect | string | undefined {
  const channelId = activeChannel(state)?.view.id;
  const found = meant(state, argument, name === '/edit' || name === '/delete' ? own : anybodys);
  if (found === undefined || channelId === undefined) return undefined;
  if (typeof found === 'string') return found;
  const { message, rest: text } = found;
  const act = (done: Omit<NewAct, 'msg_id'>): Effect => ({ do: 'act', channelId, act: { ...done, msg_id: message.cursor } });
  switch (name) {
    case '/edit':
      return text === '' ? undefined : act({ kind: 'edit', text });
    case '/delete':
      return text === '' ? act({ kind: 'delete' }) : undefined;
    case '/react':
      return text === '' ? undefined : act({ kind: 'react', text });
    case '/pin':
      return text === '' ? act({ kind: message.pinned ? 'unpin' : 'pin' }) : undefined;
    default:
      return undefined;
  }
}
