import { describe, expect, it } from 'vitest';
import { channelView, chatState, NOON, person } from './fixtures.ts';
import { frame } from './frame.ts';
import { press } from './press.ts';
import { Pulse } from './pulse.ts';
import type { ChatState, Effect } from './state.ts';
import { apply, update } from './update.ts';

const closed = (): ChatState => update(chatState(), { type: 'channels', channels: [{ ...channelView('lobby'), kind: 'closed' }] }).state;

/** Keys of which each is pressed so many milliseconds after the one before; what follows from all of them for others. */
function pressed(state: ChatState, ...keys: (string | number)[]): Effect[] {
  const pulse = new Pulse();
  const found: Effect[] = [];
  let now = state;
  for (const key of keys) {
    if (typeof key === 'number') now = { ...now, now: now.now + key };
    else {
      const next = press(now, key === 'enter' || key === 'delete-to-start' ? { key } : { key: 'text', text: key });
      now = next.state;
      found.push(...pulse.pressed(now, next.effects));
    }
  }
  return found.filter((effect) => effect.do === 'typing' || effect.do === 'here');
}

const typing = (on: boolean): Effect => ({ do: 'typing', channelId: 'id-lobby', typing: on });

describe('keys', () => {
  it('say that the user is there once a minute, and that they are writing once a second', () => {
    expect(pressed(closed(), 'a', 10, 'b', 1000, 'c', 60_000, 'd')).toEqual([
      { do: 'here' },
      typing(true),
      typing(true),
      { do: 'here' },
      typing(true),
    ]);
  });

  it('say nothing of writing where nothing can be written', () => {
    const channels = [{ ...channelView('lobby'), kind: 'closed' as const, role: 'observer' as const }];
    expect(pressed(update(chatState(), { type: 'channels', channels }).state, 'a')).toEqual([{ do: 'here' }]);
  });

  it('that take away what was written say that it is over; what was sent says so itself', () => {
    expect(pressed(closed(), 'a', 10, 'delete-to-start')).toEqual([{ do: 'here' }, typing(true), typing(false)]);
    expect(pressed(closed(), 'a', 10, 'enter')).toEqual([{ do: 'here' }, typing(true)]);
  });

  it('of commands, and in public, say nothing of writing', () => {
    expect(pressed(closed(), '/', 10, 'w')).toEqual([{ do: 'here' }]);
    expect(pressed(closed(), '/reply ', 10, 'w')).toEqual([{ do: 'here' }, typing(true)]);
    expect(pressed(chatState(), 'a')).toEqual([{ do: 'here' }]);
  });
});

describe('who is typing', () => {
  const told = (state: ChatState, ...names: string[]): ChatState =>
    apply(state, { event: 'typing', channel_id: 'id-lobby', people: names.map((name) => person(name)) }).state;
  const status = (state: ChatState): string =>
    frame(state)
      .status.map(({ text }) => text)
      .join('');

  it('stands in the status line, and goes', () => {
    expect(status(told(closed(), 'bob'))).toContain('bob#1a2b is typing …');
    expect(status(told(closed(), 'bob', 'eve'))).toContain('bob#1a2b and eve#1a2b are typing …');
    expect(status(told(closed(), 'bob', 'eve', 'dan'))).toContain('3 people are typing …');
    expect(status(told(told(closed(), 'bob'), ...[]))).toContain('/help');
    expect(status(update(told(closed(), 'bob'), { type: 'disconnected', why: 'gone' }).state)).not.toContain('typing');
  });

  it('cannot act on the terminal by a name', () => {
    const shown = status(told(closed(), 'b\u001b[31mob\n'));
    expect([shown.includes('\u001b'), shown.includes('\n')]).toEqual([false, false]);
  });
});

describe('presence', () => {
  it('is in /who, and changes with an event', () => {
    const seen = new Date(NOON - 20 * 60_000).toISOString();
    const away = { ...person('bob'), presence: { state: 'away' as const, seen } };
    const state = apply(closed(), { event: 'presence', person: away }).state;
    const typed = press(press(state, { key: 'text', text: '/who' }).state, { key: 'enter' }).state;
    expect(typed.panel?.lines.map(({ text }) => text)).toEqual([
      expect.stringContaining('alice#1a2b (you)  here'),
      expect.stringContaining('◐ bob#1a2b  away, last here 11:40'),
    ]);
  });
});
