import type { ApiEvent, MessageView } from '@parley/host';
import { mentions } from './item-rows.ts';
import { withPeople } from './people.ts';
import { type Action, type ChannelState, type ChatState, withChannel, withNotice } from './state.ts';
import { addMessage, addMessages, addNote, trimmed, withDelivery } from './timeline.ts';

/** News of messages that are not known yet; they come moments before the message itself. */
const MOST_EARLY = 200;

/** A page of messages is here: the latest, or one before what is here. */
export function withPage(state: ChatState, page: Action & { type: 'page' }): ChatState {
  const known = withPeople(
    state,
    page.messages.map(({ sender }) => sender),
  );
  const rest = page.complete ? 'complete' : 'more';
  return withChannel(known, page.channelId, (channel) => {
    const { timeline } = channel;
    if (page.before !== undefined) return { ...channel, timeline: addMessages(timeline, page.messages), history: rest };
    const [oldest] = page.messages;
    const here = new Set(timeline.map(({ id }) => id));
    const fresh = page.messages.filter(({ msg_id, own }) => !own && !here.has(msg_id)).length;
    const unread = here.size > 0 && page.channelId !== state.active ? channel.unread + fresh : channel.unread;
    if (oldest && here.has(oldest.msg_id))
      return { ...channel, unread, timeline: addMessages(timeline, page.messages), history: settled(channel) };
    // The latest page does not reach what is here. It begins anew, rather than with a hole in the middle.
    return { ...channel, unread, timeline: addMessages([], page.messages), history: rest, anchor: undefined };
  });
}

/** A page could not be read. */
export function notLoaded(state: ChatState, { channelId, why }: Action & { type: 'not-loaded' }): ChatState {
  // Without a connection that is no news.
  const told = state.connection.kind === 'online' ? withNotice(state, `messages could not be read: ${why}`, 'error') : state;
  return withChannel(told, channelId, (channel) => ({ ...channel, history: channel.timeline.length === 0 ? 'unknown' : settled(channel) }));
}

function settled({ history }: ChannelState): ChannelState['history'] {
  return history === 'complete' ? 'complete' : 'more';
}

/** A message came, or one of this user is kept. */
export function withMessage(state: ChatState, message: MessageView): ChatState {
  const early = state.earlyDeliveries.get(message.msg_id);
  const known = early ? { ...message, delivery: early } : message;
  const active = message.channel_id === state.active;
  return withChannel(withPeople(state, [message.sender]), message.channel_id, (channel) => {
    const all = addMessage(channel.timeline, known);
    const fresh = !message.own && all.length > channel.timeline.length;
    const unseen = fresh && (!active || channel.anchor !== undefined);
    // Whoever reads old messages must not lose them.
    const timeline = channel.anchor === undefined ? trimmed(all) : all;
    return {
      ...channel,
      timeline,
      history: timeline === all ? channel.history : 'more',
      unread: unseen ? channel.unread + 1 : channel.unread,
      mentioned: channel.mentioned || (unseen && mentions(message.text, state.self?.name)),
    };
  });
}

/** How far an own message is. */
export function delivered(state: ChatState, event: ApiEvent & { event: 'delivery' }): ChatState {
  for (const channel of state.channels) {
    const timeline = withDelivery(channel.timeline, event.msg_id, event.delivery);
    if (timeline) return withChannel(state, channel.view.id, (known) => ({ ...known, timeline }));
  }
  const early = new Map(state.earlyDeliveries);
  early.delete(event.msg_id);
  early.set(event.msg_id, event.delivery);
  for (const id of early.keys()) {
    if (early.size <= MOST_EARLY) break;
    early.delete(id);
  }
  return { ...state, earlyDeliveries: early };
}

/** Something of this chat alone, among the messages. */
export function withNote(state: ChatState, { channelId, text }: Action & { type: 'note' }): ChatState {
  return withChannel(state, channelId, (channel) => {
    const id = `note ${text} ${state.now}`;
    return { ...channel, timeline: addNote(channel.timeline, { id, time: state.now, text, person: undefined }) };
  });
}
