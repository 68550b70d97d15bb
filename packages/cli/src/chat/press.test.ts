import type { MessageView } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { channelView, chatState, message, NOON, person } from './fixtures.ts';
import { frame } from './frame.ts';
import type { Key, NamedKey } from './keys.ts';
import { press } from './press.ts';
import { activeChannel, type ChatState, draftOf, type Effect } from './state.ts';
import { apply, type Update, update } from './update.ts';

const named = (key: NamedKey): Key => ({ key });
const typed = (text: string): Key => ({ key: 'text', text });

function keys(state: ChatState, ...pressed: (string | Key)[]): Update {
  const effects: Effect[] = [];
  let now = state;
  for (const key of pressed) {
    const next = press(now, typeof key === 'string' ? typed(key) : key);
    effects.push(...next.effects);
    now = next.state;
  }
  return { state: now, effects };
}

const entered = (state: ChatState, line: string): Update => keys(state, line, named('enter'));
const draft = (state: ChatState): string => draftOf(state).text;
const many = Array.from({ length: 200 }, (_, index) => message(index + 1));

describe('a message', () => {
  it('is sent, shown at once, and gone from the input', () => {
    const { state, effects } = entered(chatState(), 'hello');
    expect(effects).toEqual([{ do: 'send', channelId: 'id-lobby', localId: 1, text: 'hello' }]);
    expect(draft(state)).toBe('');
    expect(activeChannel(state)?.unconfirmed).toEqual([{ localId: 1, text: 'hello', time: NOON }]);
  });

  it.each([
    ['with a slash before it', '//usr/bin', '/usr/bin'],
    ['of several lines', 'one\ntwo', 'one\ntwo'],
  ])('%s is sent as it was meant', (_, line, text) => {
    expect(entered(chatState(), line).effects).toMatchObject([{ do: 'send', text }]);
  });

  it('that was pasted keeps its lines and is not sent by them', () => {
    const { state, effects } = keys(chatState(), { key: 'paste', text: 'one\r\ntwo\r' });
    expect([draft(state), effects]).toEqual(['one\ntwo\n', []]);
  });

  it('of nothing is not sent', () => {
    expect(entered(chatState(), '  ').effects).toEqual([]);
  });

  it('stays in the input while the node does not run', () => {
    const away = update(chatState(), { type: 'disconnected', why: 'gone' }).state;
    const { state, effects } = entered(away, 'hello');
    expect([draft(state), effects]).toEqual(['hello', []]);
    expect(state.notice?.text).toContain('your text is kept');
  });

  it('needs a channel', () => {
    const { state, effects } = entered({ ...chatState(), channels: [], active: undefined }, 'hello');
    expect([draft(state), effects]).toEqual(['hello', []]);
  });

  it('can be recalled', () => {
    const { state } = keys(entered(chatState(), 'first').state, 'dra', named('up'));
    expect(draft(state)).toBe('first');
    expect(draft(keys(state, named('down')).state)).toBe('dra');
  });
});

describe('commands', () => {
  it.each([
    ['/join attic', [{ do: 'join', name: 'attic' }]],
    ['/create cellar', [{ do: 'create', name: 'cellar' }]],
    ['/leave', [{ do: 'leave', channelId: 'id-lobby' }]],
    ['/leave #garden', [{ do: 'leave', channelId: 'id-garden' }]],
    ['/search beans up', [{ do: 'search', words: 'beans up', channelId: 'id-lobby' }]],
    ['/search-all beans', [{ do: 'search', words: 'beans' }]],
    ['/info', [{ do: 'info', channelId: 'id-lobby' }]],
    ['/who', [{ do: 'members', channelId: 'id-lobby' }]],
    ['/channels', [{ do: 'channels' }]],
    ['/help', []],
    ['/quit', [{ do: 'quit' }]],
  ] satisfies [string, Effect[]][])('%s', (line, effects) => {
    const result = entered(chatState(), line);
    expect(result.effects).toEqual(effects);
    expect(draft(result.state)).toBe('');
  });

  it.each(['/join', '/create', '/search', '/leave nowhere', '/nonsense', '/etc/hosts'])('%s stays, and says what is wrong', (line) => {
    const { state, effects } = entered(chatState(), line);
    expect([draft(state), effects, state.notice?.tone]).toEqual([line, [], 'error']);
  });

  it.each([
    ['/join atic', 'no channel atic is known here: /channels lists them, /create makes one'],
    ['/join shed', 'several are called shed: give the id, which /channels shows'],
    ['/join @bob', 'bob is no contact'],
  ])('%s stays, and says why', (line, why) => {
    const sheds = ['shed', 'shed-2'].map((name) => ({ ...channelView(name, false), name: 'shed' }));
    const { state, effects } = entered({ ...chatState(), known: [...chatState().known, ...sheds] }, line);
    expect([draft(state), effects, state.notice?.tone]).toEqual([line, [], 'error']);
    expect(state.notice?.text).toContain(why);
  });

  it('/join of a channel that one is in turns to it', () => {
    expect(activeChannel(entered(chatState(), '/join garden').state)?.view.name).toBe('garden');
  });

  it('show what they found until Escape', () => {
    const help = entered(chatState(), '/help').state;
    expect(help.panel?.lines.some(({ text }) => text.includes('/search'))).toBe(true);
    expect(keys(help, named('escape')).state.panel).toBeUndefined();
    expect(entered(chatState(), '/who').state.panel?.lines.map(({ text }) => text)).toEqual([
      '● alice#1a2b (you)  here  key_alice',
      '● bob#1a2b  here  key_bob',
    ]);
  });

  it('list channels of one name with their ids', () => {
    const state = chatState();
    const twice = { ...state, known: [...state.known, { id: 'other', name: 'lobby', joined: false, members: 1, unread: 0 }] };
    const lines = entered(twice, '/channels').state.panel?.lines.map(({ text }) => text);
    expect(lines).toEqual([
      '● #lobby  2 members, you are one  id-lobby',
      '● #garden  2 members, you are one',
      '○ #attic  2 members',
      '○ #lobby  1 member  other',
    ]);
  });
});

describe('channels', () => {
  it('are gone through in order, each with its own draft', () => {
    const garden = keys(chatState(), 'for the lobby', named('next-channel'));
    expect(activeChannel(garden.state)?.view.name).toBe('garden');
    expect(garden.effects.map((effect) => effect.do)).toEqual(['load', 'members']);
    expect(draft(garden.state)).toBe('');
    const lobby = keys(garden.state, 'for the garden', named('previous-channel')).state;
    expect(draft(lobby)).toBe('for the lobby');
  });
});

describe('scrolling', () => {
  const bottom = (state: ChatState): string =>
    frame(state)
      .pane.at(-1)
      ?.map(({ text }) => text)
      .join('') ?? '';

  it('goes back and returns, and new messages do not move what is read', () => {
    const up = keys(chatState(many), named('page-up'), named('page-up')).state;
    const read = bottom(up);
    const more = apply(up, { event: 'message', message: message(201), late: false }).state;
    expect(bottom(more)).toBe(read);
    expect(activeChannel(more)?.unread).toBe(1);
    expect(bottom(keys(more, named('escape')).state)).toContain('message 201');
    expect(activeChannel(keys(more, named('page-down'), named('page-down'), named('page-down')).state)?.anchor).toBeUndefined();
  });

  it('asks for older messages at the top', () => {
    const state = chatState(many);
    const partly = { ...state, channels: state.channels.map((channel) => ({ ...channel, history: 'more' as const })) };
    const { effects } = keys(partly, named('top'));
    expect(effects).toEqual([{ do: 'load', channelId: 'id-lobby', before: message(1).cursor }]);
  });

  it('moves what a command showed', () => {
    const help = entered(chatState([], { columns: 100, rows: 12 }), '/help').state;
    const down = keys(help, named('page-down')).state;
    expect(down.panel?.top).toBeGreaterThan(0);
    const far = keys(down, ...Array.from({ length: 20 }, () => named('page-down'))).state;
    expect(frame(far).pane).toHaveLength(frame(help).geometry.paneHeight);
    expect(keys(far, ...Array.from({ length: 20 }, () => named('page-up'))).state.panel?.top).toBe(0);
  });

  it('returns to the end when something is said', () => {
    const state = entered(keys(chatState(many), named('page-up')).state, 'I say').state;
    expect(bottom(state)).toContain('I say');
  });
});

describe('Tab', () => {
  it('completes who is here, and not oneself', () => {
    expect(draft(keys(chatState(), 'bo', named('tab')).state)).toBe('bob#1a2b: ');
    expect(draft(keys(chatState(), 'ali', named('tab')).state)).toBe('ali');
  });

  it('begins anew after another key', () => {
    const carol = apply(chatState(), { event: 'member', channel_id: 'id-lobby', member: person('bert'), joined: true }).state;
    expect(draft(keys(carol, 'b', named('tab'), named('tab')).state)).toBe('bob#1a2b: ');
    expect(draft(keys(carol, 'b', named('tab'), 'x', named('tab')).state)).toBe('bert#1a2b: x');
  });
});

describe('ending', () => {
  it('takes Ctrl-C twice, and the first clears the line', () => {
    const cleared = keys(chatState(), 'text', named('interrupt'));
    expect([draft(cleared.state), cleared.effects]).toEqual(['', []]);
    const asked = keys(cleared.state, named('interrupt'));
    expect([asked.effects, asked.state.notice?.text]).toEqual([[], 'Ctrl-C again ends the chat']);
    expect(keys(asked.state, named('interrupt')).effects).toEqual([{ do: 'quit' }]);
    expect(keys({ ...asked.state, now: NOON + 60_000 }, named('interrupt')).effects).toEqual([]);
  });

  it('takes Ctrl-D on an empty line', () => {
    expect(keys(chatState(), named('end-of-input')).effects).toEqual([{ do: 'quit' }]);
    expect(keys(chatState(), 'x', named('end-of-input')).effects).toEqual([]);
  });
});

describe('what is done to messages', () => {
  const said = [
    message(1),
    message(2, { from: 'alice' }),
    message(3),
    message(4, { from: 'alice', deleted: { by: person('alice'), time: '' } }),
  ];
  const act = (line: string, state = chatState(said)): Effect[] => [...entered(state, line).effects];

  it('is about the latest that is not deleted: of the user to edit and delete, of anybody else to react and pin', () => {
    const about = { do: 'act', channelId: 'id-lobby' };
    expect(act('/edit better words')).toEqual([
      { ...about, act: { kind: 'edit', msg_id: message(2, { from: 'alice' }).cursor, text: 'better words' } },
    ]);
    expect(act('/delete')).toEqual([{ ...about, act: { kind: 'delete', msg_id: message(2, { from: 'alice' }).cursor } }]);
    expect(act('/react 🌻')).toEqual([{ ...about, act: { kind: 'react', msg_id: message(3).cursor, text: '🌻' } }]);
    expect(act('/pin')).toEqual([{ ...about, act: { kind: 'pin', msg_id: message(3).cursor } }]);
    const pinned = chatState([message(1, { pinned: { by: person('bob'), time: '' } })]);
    expect(act('/pin', pinned)).toEqual([{ ...about, act: { kind: 'unpin', msg_id: message(1).cursor } }]);
  });

  it('is about another with ^N, counted as they stand on the screen', () => {
    const about = { do: 'act', channelId: 'id-lobby' };
    const second = message(2, { from: 'alice' }).cursor;
    expect(act('/react ^4 🌻')).toEqual([{ ...about, act: { kind: 'react', msg_id: message(1).cursor, text: '🌻' } }]);
    expect(act('/pin ^3')).toEqual([{ ...about, act: { kind: 'pin', msg_id: second } }]);
    expect(act('/edit ^3 better')).toEqual([{ ...about, act: { kind: 'edit', msg_id: second, text: 'better' } }]);
    expect(act('/delete ^3')).toEqual([{ ...about, act: { kind: 'delete', msg_id: second } }]);
    expect(act('/react ^')).toEqual([{ ...about, act: { kind: 'react', msg_id: message(3).cursor, text: '^' } }]);
  });

  it.each([
    ['/delete ^5', 'there is no message ^5 here: ^1 is the last one, ^4 the first'],
    ['/react ^0 🌻', 'there is no message ^0 here'],
    ['/edit ^1 x', 'that message is deleted'],
    ['/delete 3', '/delete [^N]'],
    ['/pin this', '/pin [^N]'],
    ['/react ^2', '/react [^N] EMOJI'],
  ])('%s does nothing, stays, and says why', (line, why) => {
    const { state, effects } = entered(chatState(said), line);
    expect([effects, draft(state), state.notice?.tone]).toEqual([[], line, 'error']);
    expect(state.notice?.text).toContain(why);
  });

  it('needs a message, and words where there is something to say', () => {
    for (const line of ['/edit', '/react']) expect(entered(chatState(said), line).state.notice?.text).toContain(line);
    for (const line of ['/edit x', '/delete', '/pin']) expect(act(line, chatState([]))).toEqual([]);
  });

  it('is seen at the message as soon as it is so', () => {
    const shows = (now: MessageView): string => {
      const { state } = apply(chatState(said), { event: 'changed', message: now });
      return JSON.stringify(frame(state));
    };
    const by = [person('alice')];
    expect(shows(message(3, { text: 'new words', edited: '2025-03-04T12:00:00Z' }))).toContain('new words (edited)');
    expect(shows(message(3, { text: '', deleted: { by: person('bob'), time: '' } }))).toContain('(deleted)');
    expect(shows(message(3, { reactions: [{ emoji: '🌻', by, own: true }] }))).toContain('🌻 alice#1a2b');
    expect(shows(message(3, { pinned: { by: person('bob'), time: '' } }))).toContain('pinned by bob#1a2b');
    expect(shows(message(9))).not.toContain('message 9');
  });
});
