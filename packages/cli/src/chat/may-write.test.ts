import type { ChannelView } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { channelView, chatState, contactView, message, NOON, person } from './fixtures.ts';
import { frame } from './frame.ts';
import { press } from './press.ts';
import { activeChannel, type ChatState, draftOf } from './state.ts';
import { apply, update } from './update.ts';

const inLobby = (view: Partial<ChannelView>, state = chatState([message(1)])): ChatState =>
  update(state, { type: 'channels', channels: [{ ...channelView('lobby'), ...view }, channelView('garden')] }).state;
const input = (state: ChatState): string =>
  frame(state)
    .input.map((row) => row.map(({ text }) => text).join(''))
    .join('\n')
    .trim();
const typed = (state: ChatState, text: string): ChatState => press(state, { key: 'text', text }).state;

const removed = { time: new Date(NOON).toISOString(), removed: true, by: person('bob') };
const contact = contactView('lobby', { state: 'accepted', channel_id: 'id-lobby' });
const blocked = { ...chatState([message(1)]), contacts: [{ ...contact, blocked: true }] };

describe('where nothing can be written', () => {
  it.each([
    ['an observer', inLobby({ kind: 'closed', role: 'observer' }), /^✗ you observe this channel: you read here, and do not write$/],
    [
      'who was removed',
      inLobby({ kind: 'closed', joined: false, ended: removed }),
      /^✗ you were removed by bob#1a2b on .*: \/leave takes it off/,
    ],
    ['who has blocked the other', inLobby({ kind: 'direct' }, blocked), /^✗ lobby#1a2b is blocked; parley contacts unblock ends that$/],
  ])('%s is told in the place of the input, and nothing is sent', (_, state, words) => {
    expect(input(state)).toMatch(words);
    const line = typed(state, 'hello');
    expect(input(line)).toBe('✗ hello');
    const { state: next, effects } = press(line, { key: 'enter' });
    expect([effects, draftOf(next).text]).toEqual([[], 'hello']);
    expect(next.notice).toMatchObject({ tone: 'error', text: expect.stringMatching(new RegExp(words.source.slice(3))) });
    expect(press(typed(state, '/reply no'), { key: 'enter' }).effects).toEqual([]);
    expect(input(typed(state, '/who'))).toBe('› /who');
  });

  it('is written again as soon as that is over', () => {
    expect(input(inLobby({ kind: 'closed', role: 'member' }))).toBe('› Write to #lobby');
    const state = inLobby({ kind: 'direct' }, blocked);
    expect(input(apply(state, { event: 'contact', news: 'changed', contact }).state)).toBe('› Write to @lobby');
  });
});

describe('a closed channel from which the user was removed', () => {
  const state = inLobby({ kind: 'closed', joined: false, ended: removed });

  it('stays with what is kept of it, until it is left', () => {
    expect(activeChannel(state)).toMatchObject({ view: { name: 'lobby' }, timeline: [{ id: 'bob-1' }] });
    expect(press(typed(state, '/leave'), { key: 'enter' }).effects).toEqual([{ do: 'leave', channelId: 'id-lobby' }]);
    const left = inLobby({ kind: 'closed', joined: false, ended: { ...removed, removed: false } }, state);
    expect(activeChannel(left)?.view.name).toBe('garden');
  });

  it('is told of once', () => {
    expect(state.notice).toMatchObject({
      tone: 'error',
      text: expect.stringMatching(/^#lobby: you were removed by bob#1a2b on 2025-03-04 /),
    });
    expect(inLobby({ kind: 'closed', joined: false, ended: removed }, { ...state, notice: undefined }).notice).toBeUndefined();
  });
});

it('what is too long for a message stays where it was written, with how much it is too long', () => {
  const text = 'ä'.repeat(40_000);
  const { state, effects } = press(typed(chatState([message(1)]), text), { key: 'enter' });
  expect([effects, draftOf(state).text]).toEqual([[], text]);
  expect(state.notice).toMatchObject({
    tone: 'error',
    text: expect.stringMatching(/^too long by 14 KiB: a message holds at most 64 KiB;/),
  });
});
