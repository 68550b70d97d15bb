import { activeChannel, type ChatState, type Effect } from './state.ts';

/** What is on the screen is read: up to the last message of the channel, while its end is shown. */
export function readMark(state: ChatState): Extract<Effect, { do: 'read' }> | undefined {
  const channel = activeChannel(state);
  if (state.connection.kind !== 'online' || state.panel || !channel || channel.anchor !== undefined) return undefined;
  const last = channel.timeline.findLast(({ kind }) => kind === 'message');
  return last && { do: 'read', channelId: channel.view.id, cursor: last.cursor };
}
