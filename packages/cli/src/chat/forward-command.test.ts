import { describe, expect, it } from 'vitest';
import { channelView, chatState, message } from './fixtures.ts';
import { press } from './press.ts';
import { type ChatState, draftOf } from './state.ts';
import { type Update, update } from './update.ts';

const entered = (state: ChatState, line: string): Update => press(press(state, { key: 'text', text: line }).state, { key: 'enter' });

/** In #lobby, with two channels called garden, and a conversation with ben. */
function talking(): ChatState {
  const direct = { ...channelView('ben'), kind: 'direct' as const };
  const twin = { ...channelView('shed'), id: 'id-shed-2' };
  const channels = [channelView('lobby'), channelView('garden'), channelView('shed'), twin, channelView('attic', false), direct];
  return update(chatState([message(1, { text: 'one\ntwo' }), message(2), message(3, { text: '' })]), { type: 'channels', channels }).state;
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
    ['/forward ^2 nowhere at all', 'you are in no channel nowhere at all'],
  ])('%s goes nowhere, stays, and says why', (line, why) => {
    const { state, effects } = entered(talking(), line);
    expect([effects, draftOf(state).text]).toEqual([[], line]);
    expect(state.notice).toMatchObject({ tone: 'error', text: expect.stringContaining(why) });
  });
});
