import { describe, expect, it } from 'vitest';
import { chatState, message } from './fixtures.ts';
import { frame } from './frame.ts';
import { press } from './press.ts';
import { activeChannel, type ChatState, draftOf } from './state.ts';
import { type Update, update } from './update.ts';

const entered = (state: ChatState, line: string): Update => press(press(state, { key: 'text', text: line }).state, { key: 'enter' });
const shown = (state: ChatState): string =>
  frame(state)
    .pane.map((row) => row.map(({ text }) => text).join(''))
    .join('\n');

const said = chatState([message(1), message(2), message(3, { from: 'alice' })]);

describe('/reply', () => {
  it('answers the last message of somebody else, and shows which at once', () => {
    const { state, effects } = entered(said, '/reply indeed, they are');
    expect(effects).toEqual([{ do: 'send', channelId: 'id-lobby', localId: 1, text: 'indeed, they are', replyTo: 'bob-2' }]);
    expect(draftOf(state).text).toBe('');
    expect(shown(state)).toMatch(/indeed, they are\s+.*↳ in reply to bob#1a2b: message 2/);
  });

  it.each([
    ['^1', 'alice-3'],
    ['^3', 'bob-1'],
  ])('answers %s, which may be an own one', (which, msgId) => {
    expect(entered(said, `/reply ${which} two\nlines`).effects).toMatchObject([{ text: 'two\nlines', replyTo: msgId }]);
  });

  it.each([
    [said, '/reply', '/reply [^N] TEXT'],
    [said, '/reply ^2', '/reply [^N] TEXT'],
    [said, '/reply ^4 x', 'there is no message ^4 here'],
    [chatState(), '/reply ^1 x', 'there is no message here yet'],
    [chatState([message(1, { from: 'alice' })]), '/reply x', 'nobody else has written here'],
    [update(said, { type: 'disconnected', why: 'gone' }).state, '/reply x', 'your text is kept here'],
  ])('that cannot be stays to be mended, and says why (%#)', (state, line, why) => {
    const next = entered(state, line);
    expect([next.effects, draftOf(next.state).text]).toEqual([[], line]);
    expect(next.state.notice).toMatchObject({ tone: 'error', text: expect.stringContaining(why) });
    expect(activeChannel(next.state)?.unconfirmed).toEqual([]);
  });
});
