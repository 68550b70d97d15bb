import type { MessageView, NewAct } from '@parley/host';
import { activeChannel, type ChatState, type Effect } from './state.ts';

/** What an act is about: the latest message of somebody, or of the user, that still says something. */
function latest(state: ChatState, wanted: (message: MessageView) => boolean): MessageView | undefined {
  const item = activeChannel(state)?.timeline.findLast(
    (each) => each.kind === 'message' && each.refused === undefined && !each.message.deleted && wanted(each.message),
  );
  return item?.kind === 'message' ? item.message : undefined;
}

const anybodys = (): boolean => true;
const own = (message: MessageView): boolean => message.own;

/** What a command does to a message of the channel on the screen; undefined where it lacks a text, or there is no such message. */
export function actOf(state: ChatState, name: string, argument: string): Effect | undefined {
  const channel = activeChannel(state);
  const about = (message: MessageView | undefined, act: Omit<NewAct, 'msg_id'>): Effect | undefined =>
    channel && message && { do: 'act', channelId: channel.view.id, act: { ...act, msg_id: message.cursor } };
  switch (name) {
    case '/edit':
      return argument === '' ? undefined : about(latest(state, own), { kind: 'edit', text: argument });
    case '/delete':
      return about(latest(state, own), { kind: 'delete' });
    case '/react':
      return argument === '' ? undefined : about(latest(state, anybodys), { kind: 'react', text: argument });
    case '/pin': {
      const message = latest(state, anybodys);
      return about(message, { kind: message?.pinned ? 'unpin' : 'pin' });
    }
    default:
      return undefined;
  }
}
