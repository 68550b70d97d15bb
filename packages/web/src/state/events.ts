import type { TabEvent } from '@parley/browser';
import { type ChannelView, type Person, together } from '@parley/core';
import { applyContact, withPresence } from './contacts.ts';
import { samePresence, withTyping } from './presence.ts';
import { deliver, expire, receive, replace, stands } from './timeline.ts';
import type { AppState, Timeline } from './types.ts';

/** People remembered besides those on the screen; the node knows more. */
const MAX_PEOPLE = 12_000;
/** Conversations whose messages stay loaded. */
const MAX_TIMELINES = 6;

/** What an event of the node changes of what is shown. What it has to be asked for anew is up to the caller. */
export function applyEvent(state: AppState, event: TabEvent): AppState {
  switch (event.event) {
    case 'message': {
      const { message } = event;
      const known = withPeople(state, [message.sender]);
      const timeline = known.timelines[message.channel_id];
      const settled = settle(known, message.channel_id, message.msg_id);
      return timeline ? withTimeline(settled, message.channel_id, receive(timeline, message, event.late)) : settled;
    }
    case 'coming': {
      const { message } = event;
      const timeline = state.timelines[message.channel_id];
      return timeline ? withTimeline(withPeople(state, [message.sender]), message.channel_id, receive(timeline, message, false)) : state;
    }
    case 'changed': {
      const { message } = event;
      const timeline = state.timelines[message.channel_id];
      return timeline ? withTimeline(state, message.channel_id, replace(timeline, message)) : state;
    }
    case 'expired':
      return withoutExpired(state, event);
    case 'attachment': {
      const timeline = state.timelines[event.channel_id];
      return timeline ? withTimeline(state, event.channel_id, stands(timeline, event.sha256, event)) : state;
    }
    case 'delivery': {
      for (const [channelId, timeline] of Object.entries(state.timelines)) {
        const changed = deliver(timeline, event.msg_id, event.delivery);
        if (changed !== timeline) return withTimeline(state, channelId, changed);
      }
      return state;
    }
    case 'member': {
      const ids = state.members[event.channel_id];
      const known = withPeople(state, [event.member]);
      if (!ids) return known;
      const others = ids.filter((id) => id !== event.member.node_id);
      const next = event.joined ? [...others, event.member.node_id] : others;
      const count = together(next.map((id) => known.people[id] ?? { node_id: id })).length;
      return {
        ...known,
        members: { ...known.members, [event.channel_id]: next },
        ...(known.channels && { channels: withChannel(known.channels, event.channel_id, { members: count }) }),
      };
    }
    case 'read':
      return state.channels ? { ...state, channels: withChannel(state.channels, event.channel_id, { unread: event.unread }) } : state;
    case 'typing':
      return withTyping(withPeople(state, event.people), event.channel_id, event.people);
    case 'presence':
      return withPeople(withPresence(state, event.person), [event.person]);
    case 'person':
      return withPeople(state, [event.person]);
    case 'contact':
      return applyContact(state, event);
    case 'devices':
      return { ...state, devices: event.devices };
    case 'gap':
      return withPeople(state, [event.sender]);
    default:
      return state;
  }
}

/** Gone from wherever it is shown: the conversation, what is found, what is answered or edited. */
function withoutExpired(state: AppState, { channel_id: id, cursors }: TabEvent & { event: 'expired' }): AppState {
  const timeline = state.timelines[id];
  const gone = new Set(cursors);
  const there = <T extends { readonly cursor: string }>(message: T | undefined): boolean =>
    message !== undefined && !gone.has(message.cursor);
  const rest = <T extends { readonly cursor: string }>(of: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(of).filter(([, message]) => there(message)));
  const { results } = state.search;
  const shown: AppState = {
    ...state,
    replies: rest(state.replies),
    edits: rest(state.edits),
    ...(results && { search: { ...state.search, results: results.filter(there) } }),
  };
  return timeline ? withTimeline(shown, id, expire(timeline, cursors)) : shown;
}

/** What was sent is in the history now. */
export function settle(state: AppState, channelId: string, msgId: string): AppState {
  const waiting = state.outbox[channelId];
  if (!waiting?.some((outgoing) => outgoing.msgId === msgId)) return state;
  return { ...state, outbox: { ...state.outbox, [channelId]: waiting.filter((outgoing) => outgoing.msgId !== msgId) } };
}

export function withTimeline(state: AppState, channelId: string, timeline: Timeline): AppState {
  return { ...state, timelines: { ...state.timelines, [channelId]: timeline } };
}

/** Lets go of the conversations that were opened longest ago. The one named last stays. */
export function forgetOldTimelines(state: AppState, open: string): AppState {
  const { [open]: current, ...others } = state.timelines;
  const kept = Object.entries(others).slice(-(MAX_TIMELINES - 1));
  const timelines = { ...Object.fromEntries(kept), ...(current && { [open]: current }) };
  const changes = Object.fromEntries(Object.entries(state.changes).filter(([id]) => timelines[id]));
  return { ...state, timelines, changes };
}

export function withPeople(state: AppState, people: readonly Person[]): AppState {
  const changed = people.filter((person) => !samePerson(state.people[person.node_id], person));
  if (changed.length === 0) return state;
  const all = { ...state.people, ...Object.fromEntries(changed.map((person) => [person.node_id, person])) };
  const ids = Object.keys(all);
  for (const id of ids.slice(0, Math.max(0, ids.length - MAX_PEOPLE))) delete all[id];
  return { ...state, people: all };
}

function samePerson(a: Person | undefined, b: Person): boolean {
  const same = a !== undefined && a.display === b.display && samePresence(a, b) && a.name === b.name && a.key === b.key;
  return same && a.of?.node_id === b.of?.node_id && a.of?.former === b.of?.former;
}

function withChannel(channels: readonly ChannelView[], id: string, change: Partial<ChannelView>): readonly ChannelView[] {
  return channels.map((channel) => (channel.id === id ? { ...channel, ...change } : channel));
}

/** Messages of others that wait in all channels. */
export function totalUnread(channels: readonly ChannelView[] | undefined): number {
  return (channels ?? []).reduce((sum, { joined, unread }) => (joined ? sum + unread : sum), 0);
}
