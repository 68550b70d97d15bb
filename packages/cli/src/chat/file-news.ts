import type { ApiEvent } from '@parley/host';
import { titleOf } from '../channel-of.ts';
import { type Action, type ChannelState, type ChatState, withChannel } from './state.ts';
import { withAttachment } from './timeline.ts';

/** More of what is attached to messages has come, or it cannot. */
export function withStanding(channel: ChannelState, { sha256, state, have, error }: ApiEvent & { event: 'attachment' }): ChannelState {
  const timeline = withAttachment(channel.timeline, sha256, { state, ...(have !== undefined && { have }), ...(error && { error }) });
  return timeline === channel.timeline ? channel : { ...channel, timeline };
}

/** How far the node is with a file that is sent from here; others may send some too. */
export function withReading(state: ChatState, { path, have, size }: ApiEvent & { event: 'reading' }): ChatState {
  const own = state.channels.find(({ unconfirmed }) => unconfirmed.some(({ file }) => file?.path === path));
  if (!own) return state;
  return withChannel(state, own.view.id, (channel) => ({
    ...channel,
    unconfirmed: channel.unconfirmed.map((entry) => (entry.file?.path === path ? { ...entry, file: { path, have, size } } : entry)),
  }));
}

/** Shows what is attached to messages of a channel. The numbers hold until the next list. */
export function withFiles(state: ChatState, { channelId, files, lines }: Action & { type: 'files' }): ChatState {
  const channel = state.channels.find(({ view }) => view.id === channelId);
  const title = channel ? `Files in ${titleOf(channel.view)}` : 'Files';
  return { ...state, listed: { channelId, files }, panel: { title, lines, top: 0 } };
}
