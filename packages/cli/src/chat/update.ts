import { personOfNode } from '@parley/core';
import type { ApiEvent, ChannelView, Person } from '@parley/host';
import { isTitled, titleOf } from '../channel-of.ts';
import { endedWords } from '../format/channels.ts';
import { askChanges, withNames, withToldChanges } from './changes.ts';
import { withFiles, withReading, withStanding } from './file-news.ts';
import { geometry, lookOf } from './geometry.ts';
import { delivered, notLoaded, withMessage, withNote, withPage } from './message-news.ts';
import { withPeople } from './people.ts';
import { withContact, withInvitations } from './requests.ts';
import {
  type Action,
  activeChannel,
  type ChannelState,
  type ChatState,
  type Effect,
  newChannel,
  withChannel,
  withNotice,
} from './state.ts';
import { addGap, addNote, withChanged, withoutExpired } from './timeline.ts';
import { quiet } from './typing.ts';
import { view } from './viewport.ts';
import { withWho } from './who.ts';

/** A state, and what it asks for on the way. */
export interface Update {
  readonly state: ChatState;
  readonly effects: readonly Effect[];
}

export const still = (state: ChatState): Update => ({ state, effects: [] });

/** What the node told, or the program did. Keys: see `press`. */
export function update(state: ChatState, action: Action): Update {
  switch (action.type) {
    case 'connected':
      return connected(state, action);
    case 'disconnected':
      return still({ ...state, ...quiet(state), connection: { kind: 'offline', why: action.why }, links: 0 });
    case 'channels':
      return withChannels(state, action.channels, action.open);
    case 'members':
      return still(withMembers(state, action));
    case 'invitations':
      return still(withInvitations(state, action.invitations));
    case 'changes':
      return still(withToldChanges(state, action.channelId, action.changes));
    case 'page':
      return needsOlder(withToldChanges(withPage(state, action), action.channelId));
    case 'not-loaded':
      return still(notLoaded(state, action));
    case 'sent':
      return still(
        withMessage(
          withChannel(state, action.channelId, (channel) => ({
            ...channel,
            unconfirmed: channel.unconfirmed.filter(({ localId }) => localId !== action.localId),
          })),
          action.message,
        ),
      );
    case 'not-sent':
      return still(
        withChannel(state, action.channelId, (channel) => ({
          ...channel,
          unconfirmed: channel.unconfirmed.map((entry) => (entry.localId === action.localId ? { ...entry, error: action.why } : entry)),
        })),
      );
    case 'files':
      return still(withFiles(state, action));
    case 'save-over':
      return still({ ...state, saving: new Set([...state.saving].filter((id) => id !== action.id)) });
    case 'note':
      return still(withNote(state, action));
    case 'panel':
      return still({ ...state, panel: { title: action.title, lines: action.lines, top: 0 } });
    case 'notice':
      return still(withNotice(state, action.text, action.tone, action.forMs));
    case 'resized':
      return needsOlder({ ...state, size: { columns: Math.max(1, action.columns), rows: Math.max(1, action.rows) } });
    case 'tick':
      return still(state.notice && state.notice.until <= state.now ? { ...state, notice: undefined } : state);
  }
}

/** An event of the node. */
export function apply(state: ChatState, event: ApiEvent): Update {
  switch (event.event) {
    case 'message':
      return still(withMessage(state, event.message));
    case 'changed':
      return still(
        withChannel(state, event.message.channel_id, (channel) => ({
          ...channel,
          timeline: withChanged(channel.timeline, event.message) ?? channel.timeline,
        })),
      );
    case 'expired':
      return still(
        withChannel(state, event.channel_id, (channel) => ({ ...channel, timeline: withoutExpired(channel.timeline, event.cursors) })),
      );
    case 'gap':
      return still(
        withChannel(withPeople(state, [event.sender]), event.channel_id, (channel) => ({
          ...channel,
          timeline: addGap(channel.timeline, { sender: event.sender.node_id, from: event.from, to: event.to, now: state.now }),
        })),
      );
    case 'delivery':
      return still(delivered(state, event));
    case 'member':
      return still(withMember(state, event));
    case 'channel': {
      const loaded = state.channels.find(({ view: { id }, history }) => id === event.channel_id && history !== 'unknown');
      // Somebody may do more or less there than before.
      const members: Effect[] = loaded?.view.kind === 'closed' ? [{ do: 'members', channelId: event.channel_id }] : [];
      return { state, effects: [{ do: 'channels' }, ...(loaded ? askChanges(loaded.view) : []), ...members] };
    }
    case 'typing':
      return still(withChannel(withPeople(state, event.people), event.channel_id, (channel) => ({ ...channel, typing: event.people })));
    case 'attachment':
      return still(withChannel(state, event.channel_id, (channel) => withStanding(channel, event)));
    case 'reading':
      return still(withReading(state, event));
    case 'contact':
      return still(withContact(state, event));
    case 'invitation':
      return { state, effects: [{ do: 'invitations' }] };
    case 'links':
      return still({ ...state, links: event.count });
    default:
      // There will be more events; those about a person tell what is known of them.
      return still('person' in event ? withNames(withPeople(state, [event.person]), event.person) : state);
  }
}

function connected(state: ChatState, action: Action & { type: 'connected' }): Update {
  const { self, links, contacts, invitations } = action;
  const online: ChatState = { ...state, connection: { kind: 'online' }, self, links, contacts, invitations };
  const next = withChannels(online, action.channels);
  // Whatever happened while the node was away: the latest page of every channel that was looked at.
  const looked = state.channels.filter(({ history, view: { id } }) => history !== 'unknown' || id === state.active);
  const again = looked.filter(({ view: { id } }) => next.state.channels.some((channel) => channel.view.id === id));
  const effects = again.flatMap(({ view }): Effect[] => [
    { do: 'load', channelId: view.id },
    { do: 'members', channelId: view.id },
    ...askChanges(view),
  ]);
  return { state: next.state, effects: [...next.effects, ...effects] };
}

const byName = (a: ChannelState, b: ChannelState): number => a.view.name.localeCompare(b.view.name) || (a.view.id < b.view.id ? -1 : 1);

/** Whoever was removed from a channel sees what is kept of it, and that it is so, until they leave it; as in the web app. */
const isListed = ({ joined, kind, ended }: ChannelView): boolean => joined || (kind !== 'direct' && ended?.removed === true);

/** What is known of channels now. Those that were left go, those that were joined come. */
function withChannels(state: ChatState, known: readonly ChannelView[], open?: string): Update {
  const channels = known
    .filter(isListed)
    .map((channel) => {
      const before = state.channels.find(({ view: { id } }) => id === channel.id);
      return before ? { ...before, view: channel } : newChannel(channel);
    })
    .sort(byName);
  const lost = known.find(({ id, joined, ended }) => !joined && ended && state.channels.some(({ view }) => view.id === id && view.joined));
  const told = lost ? withNotice(state, `${titleOf(lost)}: ${endedWords(lost)}`, 'error') : state;
  const next: ChatState = { ...told, known, channels };
  const present = (id: string | undefined): id is string => id !== undefined && channels.some(({ view: { id: other } }) => other === id);
  if (present(open)) return turnTo({ ...next, wanted: undefined }, open);
  if (state.wanted !== undefined) {
    const name = state.wanted.replace(/^#/, '');
    const wanted = channels.find(({ view }) => view.id === name || isTitled(view, name));
    if (wanted) return turnTo({ ...next, wanted: undefined }, wanted.view.id);
    const elsewhere = known.find((channel) => channel.id === name || isTitled(channel, name));
    const unknown = name.startsWith('@') ? `there is no conversation with ${name}: is it a contact?` : `no channel #${name} is known here`;
    const outside =
      elsewhere?.ended && elsewhere.kind !== 'public'
        ? `${titleOf(elsewhere)}: ${endedWords(elsewhere)}`
        : `you are not in #${name}: /join ${name}`;
    const notice = elsewhere ? outside : unknown;
    return turnToFirst(withNotice({ ...next, wanted: undefined }, notice, 'error'));
  }
  return present(state.active) ? still(next) : turnToFirst(next);
}

function turnToFirst(state: ChatState): Update {
  const [first] = state.channels;
  return first ? turnTo(state, first.view.id) : still({ ...state, active: undefined });
}

/** Shows a channel: what was new in it is read, and its messages are asked for at the first time. */
export function turnTo(state: ChatState, channelId: string): Update {
  const before = state.active;
  const marked = withChannel({ ...state, active: channelId, panel: undefined, completion: undefined }, channelId, (channel) => ({
    ...channel,
    unread: 0,
    mentioned: false,
  }));
  // In the channel that is left, everything up to here was seen.
  const next =
    before === undefined || before === channelId
      ? marked
      : withChannel(marked, before, (channel) => ({ ...channel, readUpTo: channel.timeline.at(-1)?.id }));
  const channel = activeChannel(next);
  if (channel?.history !== 'unknown') return { state: next, effects: [{ do: 'members', channelId }] };
  return {
    state: withChannel(next, channelId, (unknown) => ({ ...unknown, history: 'loading' })),
    effects: [{ do: 'load', channelId }, { do: 'members', channelId }, ...askChanges(channel.view)],
  };
}

/** Who is in a channel. What they may do is so in this channel alone. */
function withMembers(state: ChatState, { channelId, members }: Action & { type: 'members' }): ChatState {
  const people = members.map(({ role: _, invited: __, ...person }): Person => person);
  const roles = new Map(members.map(({ node_id, role, invited }) => [node_id, { ...(role && { role }), ...(invited && { invited }) }]));
  const known = withChannel(withPeople(state, people), channelId, (channel) => ({
    ...channel,
    members: members.map(({ node_id }) => node_id),
    roles,
  }));
  return known.panel?.membersOf === channelId ? withWho(known, channelId) : known;
}

function withMember(state: ChatState, event: ApiEvent & { event: 'member' }): ChatState {
  const { member, joined } = event;
  return withChannel(withPeople(state, [member]), event.channel_id, (channel) => {
    const was = channel.members.includes(member.node_id);
    if (was === joined) return channel;
    const members = joined ? [...channel.members, member.node_id] : channel.members.filter((id) => id !== member.node_id);
    // Before the list was read, nobody knows who came just now.
    if (channel.members.length === 0 || member.node_id === state.self?.nodeId) return { ...channel, members };
    // What its members have signed says more, and is told of as it is after a restart.
    if (channel.view.kind === 'closed') return { ...channel, members };
    // One who is in it with another device comes or goes for nobody.
    const isTheirs = (id: string): boolean => personOfNode(state.people.get(id) ?? { node_id: id }) === personOfNode(member);
    if (channel.members.some((id) => id !== member.node_id && isTheirs(id))) return { ...channel, members };
    const text = `${member.display} ${joined ? 'joined' : 'left'}`;
    const id = `note ${member.node_id} ${joined} ${state.now}`;
    return { ...channel, members, timeline: addNote(channel.timeline, { id, time: state.now, text, person: member }) };
  });
}

/** Asks for older messages when the oldest that is here has come into view. */
export function needsOlder(state: ChatState): Update {
  const channel = activeChannel(state);
  if (channel?.history !== 'more' || state.panel || state.connection.kind !== 'online') return still(state);
  const { paneHeight } = geometry(state);
  if (!view(channel.timeline, channel.anchor, paneHeight, lookOf(state, channel)).atTop) return still(state);
  const before = channel.timeline.find((item) => item.kind === 'message')?.cursor;
  return {
    state: withChannel(state, channel.view.id, (known) => ({ ...known, history: 'loading' })),
    effects: [{ do: 'load', channelId: channel.view.id, ...(before === undefined ? {} : { before }) }],
  };
}
