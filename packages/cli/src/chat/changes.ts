import type { ChangeView, ChannelView, Person } from '@parley/host';
import { type ChannelState, type ChatState, type Effect, withChannel } from './state.ts';
import { withChanges } from './timeline.ts';

/** In public channels nothing is changed that would be told of. */
export function askChanges({ id, kind = 'public' }: ChannelView): Effect[] {
  return kind === 'public' ? [] : [{ do: 'changes', channelId: id }];
}

/** With lines for what was changed about a channel, among the messages that are loaded; `changes` where they are known anew. */
export function withToldChanges(state: ChatState, channelId: string, changes?: readonly ChangeView[]): ChatState {
  return withChannel(state, channelId, (channel) => told(changes ? { ...channel, changes } : channel, state));
}

/** Lines that name somebody name them as they are known now. */
export function withNames(state: ChatState, { node_id }: Person): ChatState {
  const names = ({ changes }: ChannelState): boolean =>
    changes.some(({ by, member }) => by.node_id === node_id || member?.node_id === node_id);
  if (!state.channels.some(names)) return state;
  return { ...state, channels: state.channels.map((channel) => (names(channel) ? told(channel, state) : channel)) };
}

function told(channel: ChannelState, { people }: ChatState): ChannelState {
  const { timeline, changes, history } = channel;
  return { ...channel, timeline: withChanges(timeline, { changes, people, whole: history === 'complete' }) };
}
