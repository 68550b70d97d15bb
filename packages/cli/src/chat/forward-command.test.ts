import { describe, expect, it } from 'vitest';
import { searchLines } from './answers.ts';
import { channelView, chatState, contactView, message } from './fixtures.ts';
import { frame } from './frame.ts';
import { press } from './press.ts';
import { type ChatState, draftOf } from './state.ts';
import { type Update, update } from './update.ts';

const entered = (state: ChatState, line: string): Update => press(press(state, { key: 'text', text: line }).state, { key: 'enter' });

/** In #lobby, with two channels called garden, and a conversation with ben. */
function talking(): ChatState {
  const direct = { ...channelView('ben'), kind: 'direct' as const };
  const twin = { ...channelView('shed'), id: 'id-shed-2' };
  const den = { ...channelView('den'), kind: 'closed' as const, role: 'observer' as const };
  const channels = [den, channelView('lobby'), channelView('garden'), channelView('shed'), twin, channelView('attic', false), direct];
  const state = chatState([message(1, { text: 'one\ntwo' }), message(2), message(3, { text: '' })]);
  const contacts = [contactView('carol', { state: 'requested' }), contactView('dave'), contactView('eve', { state: 'accepted' })];
  return update({ ...state, contacts }, { type: 'channels', channels }).state;
}

describe('/forward', () => {
  it.each([
    ['^2 garden', 'id-garden', '**bob** wrote:\n> message 2', 'bob#1a2b: message 2, to #garden'],
    ['^3 @ben', 'id-ben', '**bob** wrote:\n> one\n> two', 'bob#1a2b: one, to @ben'],
    ['^2 id-shed-2', 'id-shed-2', '**bob** wrote:\n> message 2', 'bob#1a2b: message 2, to #shed'],
  ])('%s quotes the message there', (argument, channelId, text, about) => {
    const { state, effects } = entered(talking(), `/forward ${argument}`);
    expect(effects).toEqual([{ do: 'forward', channelId, text, about }]);
    expect(draftOf(state).text).toBe('');
  });

  it('takes the last message, whoever wrote it', () => {
    const { effects } = entered(chatState([message(1), message(2, { from: 'alice' })]), '/forward garden');
    expect(effects).toMatchObject([{ text: '**alice** wrote:\n> message 2' }]);
  });

  it.each([
    ['/forward', '/forward [^N] WHERE'],
    ['/forward ^2', '/forward [^N] WHERE'],
    ['/forward garden', 'no text'],
    ['/forward ^9 garden', 'there is no message ^9 here'],
    ['/forward ^2 attic', 'you are in no channel attic'],
    ['/forward ^2 #ben', 'the contact is @ben'],
    ['/forward ^2 shed', 'several are called shed'],
    ['/forward ^2 den', '#den: you observe this channel'],
    ['/forward ^2 @bob', 'bob is no contact: they have to be one first'],
    ['/forward ^2 @carol', 'carol has not accepted to be a contact yet'],
    ['/forward ^2 @dave', 'dave asks to be a contact: /accept dave first'],
    ['/forward ^2 @eve', 'the conversation with eve is not open yet'],
    ['/forward ^2 nowhere at all', 'you are in no channel nowhere at all'],
  ])('%s goes nowhere, stays, and says why', (line, why) => {
    const { state, effects } = entered(talking(), line);
    expect([effects, draftOf(state).text]).toEqual([[], line]);
    expect(state.notice).toMatchObject({ tone: 'error', text: expect.stringContaining(why) });
  });
});

describe('what was forwarded', () => {
  const shown = (text: string, columns = 100): string[] =>
    frame(chatState([message(1, { text })], { columns, rows: 24 })).pane.map((row) =>
      row
        .map((span) => span.text)
        .join('')
        .trim(),
    );

  it('is shown as who wrote what, without its signs', () => {
    expect(shown('**bob** wrote:\n> one\n> two').slice(-3)).toEqual([expect.stringMatching(/ bob wrote:$/), '│ one', '│ two']);
    expect(shown('**bob** wrote:\n> **carol** wrote:\n> > three').slice(-3)).toEqual([
      expect.stringMatching(/ bob wrote:$/),
      '│ carol wrote:',
      '│ │ three',
    ]);
  });

  it('keeps its sign in every row that a long line takes, and fits in any', () => {
    expect(shown(`**bob** wrote:\n> ${'long '.repeat(40)}`).filter((row) => row.startsWith('│ long')).length).toBeGreaterThan(2);
    const deep = Array.from({ length: 40 }).reduce<string>((text) => `**x** wrote:\n${text.replace(/^/gm, '> ')}`, 'deep');
    expect(Math.max(...shown(deep, 24).map((row) => row.length))).toBeLessThanOrEqual(22);
  });

  it('is so where it was found, and where it is answered', () => {
    const text = '**bob** wrote:\n> one\n> two';
    expect(searchLines([message(1, { text })], false).at(-1)?.text).toBe('  bob wrote:\n│ one\n│ two');
    const answer = frame(chatState([message(1, { text }), message(2, { reply_to: 'bob-1' })])).pane;
    expect(JSON.stringify(answer)).toContain('↳ in reply to bob#1a2b: bob wrote: one');
  });
});
