import type { ApiEvent } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { channelView, chatState, message, NOON, person, SELF } from './fixtures.ts';
import { type Action, activeChannel, type ChatState, initialState } from './state.ts';
import { apply, turnTo, type Update, update } from './update.ts';

const seen = (...messages: ReturnType<typeof message>[]): ApiEvent[] =>
  messages.map((one) => ({ event: 'message', message: one, late: false }));
const after = (state: ChatState, ...events: ApiEvent[]): ChatState => events.reduce((now, event) => apply(now, event).state, state);
const then = (state: ChatState, ...actions: Action[]): ChatState => actions.reduce((now, action) => update(now, action).state, state);
const channel = (state: ChatState, id: string) => state.channels.find(({ view }) => view.id === id);
const shown = (state: ChatState): string[] => activeChannel(state)?.timeline.map(({ id }) => id) ?? [];
const asked = ({ effects }: Update): string[] => effects.map((effect) => effect.do);
const delivery = (state: 'sent' | 'stored' | 'delivered', msgId: string): ApiEvent => ({
  event: 'delivery',
  msg_id: msgId,
  delivery: { state, recipients: [] },
});

describe('what was changed about a conversation', () => {
  const change = {
    id: 'a',
    time: new Date(NOON + 90_000).toISOString(),
    kind: 'role' as const,
    by: person('bob'),
    own: false,
    member: person('alice'),
    self: true,
    role: 'moderator' as const,
  };

  it('is asked for with the messages, and whenever the channel has changed, but in public channels', () => {
    const closed = { ...channelView('lobby'), kind: 'closed' as const };
    const state = then(chatState([message(1), message(2)]), { type: 'channels', channels: [closed, channelView('garden')] });
    expect(asked(apply(state, { event: 'channel', channel_id: 'id-lobby' }))).toEqual(['channels', 'changes', 'members']);
    expect(asked(apply(state, { event: 'channel', channel_id: 'id-garden' }))).toEqual(['channels']);
    const told = then(state, { type: 'changes', channelId: 'id-lobby', changes: [change] });
    expect(shown(told)).toEqual(['bob-1', 'change a', 'bob-2']);
    expect(activeChannel(told)?.timeline[1]).toMatchObject({ text: 'bob#1a2b made you a moderator' });
    const renamed = after(told, { event: 'person', person: { ...person('bob'), display: 'Baker' } });
    expect(activeChannel(renamed)?.timeline[1]).toMatchObject({ text: 'Baker made you a moderator' });
    // There is a line for who joined already.
    const joined = after(told, { event: 'member', channel_id: 'id-lobby', member: person('carol'), joined: true });
    expect(shown(joined)).toEqual(shown(told));
    const anew = then(joined, {
      type: 'page',
      channelId: 'id-lobby',
      messages: [message(2), message(8)],
      before: undefined,
      complete: true,
    });
    expect(shown(anew)).toEqual(['bob-1', 'change a', 'bob-2', 'bob-8']);
  });
});

describe('connecting', () => {
  const fresh = initialState({ columns: 80, rows: 24, colours: false, now: NOON });
  const channels = [channelView('garden'), channelView('attic', false)];
  const connected: Action = { type: 'connected', self: SELF, links: 2, channels, contacts: [], invitations: [] };

  it('opens the first joined channel and asks for what is in it', () => {
    const result = update(fresh, connected);
    expect(activeChannel(result.state)?.view.name).toBe('garden');
    expect(result.state).toMatchObject({ connection: { kind: 'online' }, links: 2 });
    expect(asked(result).filter((effect) => effect === 'load')).toHaveLength(1);
  });

  it.each([
    ['#garden', 'garden', undefined],
    ['attic', 'garden', 'you are not in #attic: /join attic'],
    ['cellar', 'garden', 'no channel #cellar is known here'],
  ])('with %s wanted, opens %s', (wanted, name, notice) => {
    const state = then({ ...fresh, wanted }, connected);
    expect(activeChannel(state)?.view.name).toBe(name);
    expect(state.notice?.text).toBe(notice);
  });

  it('shows where one is in no channel', () => {
    expect(then(fresh, { ...connected, channels: [] }).active).toBeUndefined();
  });

  it('reads again what may have come while the node was away', () => {
    const away = then(chatState([message(1)]), { type: 'disconnected', why: 'gone' });
    expect(away.connection.kind).toBe('offline');
    const back = update(away, { type: 'connected', self: SELF, links: 1, channels: away.known, contacts: [], invitations: [] });
    expect(back.effects).toContainEqual({ do: 'load', channelId: 'id-lobby' });
    const page: Action = { type: 'page', channelId: 'id-lobby', messages: [message(1), message(2)], before: undefined, complete: true };
    expect(shown(then(back.state, page))).toEqual(['bob-1', 'bob-2']);
  });

  it('begins anew where the latest page does not reach what was there', () => {
    const page: Action = {
      type: 'page',
      channelId: 'id-lobby',
      messages: [message(200), message(201)],
      before: undefined,
      complete: false,
    };
    const state = then(chatState([message(1)]), page);
    expect(shown(state)).toEqual(['bob-200', 'bob-201']);
    // Older ones are asked for again, since there is room on the screen.
    expect(activeChannel(state)?.history).toBe('loading');
  });
});

describe('a conversation that is over', () => {
  const ended = { time: new Date(NOON).toISOString(), removed: false };
  const known = [{ ...channelView('lobby', false), kind: 'direct' as const, ended }, channelView('garden')];

  it('goes from the list, and that is said', () => {
    const state = then(chatState([message(1)]), { type: 'channels', channels: known });
    expect(state.notice).toMatchObject({ tone: 'error', text: expect.stringMatching(/^@lobby: no contact any more, since 2025-03-04 /) });
    expect(activeChannel(state)?.view.name).toBe('garden');
  });

  it('is not opened, and that is said too', () => {
    const wanted = initialState({ columns: 80, rows: 24, colours: false, now: NOON, wanted: '@lobby' });
    expect(then(wanted, { type: 'channels', channels: known }).notice?.text).toMatch(/^@lobby: no contact any more, since 2025-03-04 /);
  });
});

describe('messages', () => {
  it('are counted where they are not seen, and no more once they are', () => {
    const garden = { channel_id: 'id-garden', channel: 'garden' };
    let state = after(chatState(), ...seen(message(1, garden), message(2, garden), message(3, { ...garden, from: 'alice' })));
    expect(channel(state, 'id-garden')).toMatchObject({ unread: 2, mentioned: false });
    state = after(state, ...seen(message(4, { ...garden, text: 'where is Alice?' })));
    expect(channel(state, 'id-garden')).toMatchObject({ unread: 3, mentioned: true });
    state = turnTo(state, 'id-garden').state;
    expect(channel(state, 'id-garden')).toMatchObject({ unread: 0, mentioned: false });
  });

  it('begin to be new where one left off', () => {
    let state = turnTo(chatState([message(1)]), 'id-garden').state;
    state = after(state, ...seen(message(2)));
    expect(channel(state, 'id-lobby')).toMatchObject({ readUpTo: 'bob-1', unread: 1 });
  });

  it('come once, though they are told twice', () => {
    const state = after(chatState([message(1)]), ...seen(message(1), message(2), message(2)));
    expect(shown(state)).toEqual(['bob-1', 'bob-2']);
  });

  it('of the user take the place of what was entered', () => {
    const entered = {
      ...chatState(),
      channels: chatState().channels.map((one) => ({ ...one, unconfirmed: [{ localId: 7, text: 'hi', time: NOON }] })),
    };
    const own = message(1, { from: 'alice', text: 'hi' });
    const state = then(after(entered, ...seen(own)), { type: 'sent', channelId: 'id-lobby', localId: 7, message: own });
    expect(shown(state)).toEqual(['alice-1']);
    expect(activeChannel(state)?.unconfirmed).toEqual([]);
    const refused = then(entered, { type: 'not-sent', channelId: 'id-lobby', localId: 7, why: 'too large' });
    expect(activeChannel(refused)?.unconfirmed[0]?.error).toBe('too large');
  });

  it('show how far they got, also when that is told before them', () => {
    const own = message(1, { from: 'alice', delivery: { state: 'sending', recipients: [] } });
    const late = after(chatState([own]), delivery('stored', 'alice-1'));
    const early = after(chatState(), delivery('sent', 'alice-1'), delivery('delivered', 'alice-1'), ...seen(own));
    const stateOf = (state: ChatState) => {
      const item = activeChannel(state)?.timeline[0];
      return item?.kind === 'message' ? item.message.delivery?.state : undefined;
    };
    expect(stateOf(late)).toBe('stored');
    expect(stateOf(early)).toBe('delivered');
  });

  it('that are not known take no room without bound', () => {
    const events = Array.from({ length: 500 }, (_, index) => delivery('sent', `unknown ${index}`));
    expect(after(chatState(), ...events).earlyDeliveries.size).toBe(200);
  });
});

describe('people', () => {
  it('come and go', () => {
    const member = (name: string, joined: boolean): ApiEvent => ({ event: 'member', channel_id: 'id-lobby', member: person(name), joined });
    const state = after(chatState(), member('carol', true), member('bob', false), member('carol', true));
    expect(activeChannel(state)?.members).toEqual(['alice-id', 'carol-id']);
    expect(activeChannel(state)?.timeline.map((item) => item.kind === 'note' && item.text)).toEqual(['carol#1a2b joined', 'bob#1a2b left']);
  });

  it('are here or away as the node says, and keep their names', () => {
    const nameless = { node_id: 'bob-id', display: '0123456789', present: false };
    const state = after(chatState(), { event: 'presence', person: nameless });
    expect(state.people.get('bob-id')).toMatchObject({ name: 'bob', display: 'bob#1a2b', present: false });
  });

  it('make no difference by events that are not known', () => {
    const unknown = { event: 'aurora' } as unknown as ApiEvent;
    const state = chatState();
    expect(apply(state, unknown).state).toBe(state);
  });
});

describe('channels', () => {
  it('are read again when one changed, and those that were left go', () => {
    expect(asked(apply(chatState(), { event: 'channel', channel_id: 'id-attic' }))).toEqual(['channels']);
    const state = then(chatState([message(1)]), { type: 'channels', channels: [channelView('garden'), channelView('lobby', false)] });
    expect(state.channels.map(({ view }) => view.name)).toEqual(['garden']);
    expect(state.active).toBe('id-garden');
  });

  it('keep what is in them when they are listed again', () => {
    const state = chatState([message(1)]);
    expect(shown(then(state, { type: 'channels', channels: state.known }))).toEqual(['bob-1']);
  });
});

describe('older messages', () => {
  it('are asked for while the screen has room for them, until there are none', () => {
    const first = update(chatState(), { type: 'page', channelId: 'id-lobby', messages: [message(9)], before: undefined, complete: false });
    expect(first.effects).toEqual([{ do: 'load', channelId: 'id-lobby', before: message(9).cursor }]);
    const last = update(first.state, {
      type: 'page',
      channelId: 'id-lobby',
      messages: [message(8)],
      before: message(9).cursor,
      complete: true,
    });
    expect(last.effects).toEqual([]);
    expect(shown(last.state)).toEqual(['bob-8', 'bob-9']);
  });

  it('that could not be read can be asked for again', () => {
    const loading = update(chatState(), {
      type: 'page',
      channelId: 'id-lobby',
      messages: [message(9)],
      before: undefined,
      complete: false,
    });
    const state = then(loading.state, { type: 'not-loaded', channelId: 'id-lobby', why: 'too slow' });
    expect(activeChannel(state)?.history).toBe('more');
    expect(state.notice?.text).toContain('too slow');
  });
});

describe('notices', () => {
  it('go after a while', () => {
    const state = then(chatState(), { type: 'notice', text: 'look', tone: 'info' });
    expect(then(state, { type: 'tick' }).notice?.text).toBe('look');
    expect(then({ ...state, now: NOON + 60_000 }, { type: 'tick' }).notice).toBeUndefined();
  });
});
