import type { ChannelView, ContactView, InvitationView, MessageView, Person } from '@parley/host';
import { type ChatState, initialState, type Self } from './state.ts';
import { update } from './update.ts';

/** Made-up people, channels and messages for the tests of the chat. */
export const NOON = new Date(2025, 2, 4, 12, 0).getTime();

export function person(name: string, present = true): Person {
  return { node_id: `${name}-id`, key: `key_${name}`, name, display: `${name}#1a2b`, present };
}

export const SELF: Self = { nodeId: 'alice-id', key: 'key_alice', name: 'alice', display: 'alice#1a2b', version: 'parley/0.1.0' };

export function channelView(name: string, joined = true): ChannelView {
  return { id: `id-${name}`, name, joined, members: 2, unread: 0 };
}

export function contactView(name: string, options: Partial<ContactView> = {}): ContactView {
  const { node_id, display } = person(name);
  const added = new Date(NOON).toISOString();
  return {
    key: `key_${name}`,
    node_id,
    name,
    display,
    state: 'incoming',
    verified: false,
    blocked: false,
    present: true,
    added,
    ...options,
  };
}

export function invitationView(name: string, options: Partial<InvitationView> = {}): InvitationView {
  const received = new Date(NOON).toISOString();
  return { channel_id: `id-${name}`, name, by: person('bob'), role: 'member', members: 2, received, accepted: false, ...options };
}

export function message(seq: number, options: Partial<MessageView> & { from?: string; at?: number } = {}): MessageView {
  const { from = 'bob', at = NOON + seq * 60_000, ...rest } = options;
  const time = new Date(at).toISOString();
  return {
    msg_id: `${from}-${seq}`,
    channel_id: 'id-lobby',
    channel: 'lobby',
    sender: person(from),
    own: from === 'alice',
    seq,
    time,
    received: time,
    text: `message ${seq}`,
    cursor: `id-lobby/${String(at).padStart(14, '0')}/${from}/${String(seq).padStart(16, '0')}`,
    ...rest,
  };
}

/** A chat that is online, in #lobby and #garden, with alice and bob in the lobby, and these messages in it. */
export function chatState(messages: readonly MessageView[] = [], size = { columns: 100, rows: 24 }): ChatState {
  let state = initialState({ ...size, colours: false, now: NOON, wanted: 'lobby' });
  const take = (action: Parameters<typeof update>[1]): void => {
    state = update(state, action).state;
  };
  const channels = [channelView('lobby'), channelView('garden'), channelView('attic', false)];
  take({ type: 'connected', self: SELF, links: 1, channels, contacts: [], invitations: [] });
  take({ type: 'members', channelId: 'id-lobby', members: [person('alice'), person('bob')] });
  take({ type: 'page', channelId: 'id-lobby', messages, before: undefined, complete: true });
  return state;
}
