import { describe, expect, it } from 'vitest';
import { channelView, chatState, person } from './fixtures.ts';
import { press } from './press.ts';
import type { ChatState } from './state.ts';
import { type Update, update } from './update.ts';

/** A chat in a channel of a kind, with a timer. */
function inChannel(kind: 'public' | 'closed', seconds?: number): ChatState {
  const timer = seconds === undefined ? {} : { timer: { seconds, by: person('bob'), time: '2025-03-04T12:00:00.000Z' } };
  return update(chatState(), { type: 'channels', channels: [{ ...channelView('lobby'), kind, ...timer }] }).state;
}

const entered = (state: ChatState, line: string): Update => press(press(state, { key: 'text', text: line }).state, { key: 'enter' });

describe('/timer', () => {
  it.each([
    ['1h', 3600],
    ['7D', 604_800],
    ['off', 0],
  ])('%s is asked of the node', (argument, seconds) => {
    expect(entered(inChannel('closed'), `/timer ${argument}`).effects).toEqual([{ do: 'timer', channelId: 'id-lobby', seconds }]);
  });

  it.each([
    ['nothing was said', undefined, 'messages stay'],
    ['it is off', 0, 'messages stay'],
    ['it is on', 3600, 'messages disappear after 1 hour, as bob#1a2b said; whoever reads them can keep a copy'],
  ])('alone says how it stands where %s', (_, seconds, text) => {
    const { state, effects } = entered(inChannel('closed', seconds), '/timer');
    expect([state.notice?.text, effects]).toEqual([text, []]);
  });

  it.each(['5s', 'soon', '5w'])('%s is not taken, and stays to be mended', (argument) => {
    const { state, effects } = entered(inChannel('closed'), `/timer ${argument}`);
    expect(effects).toEqual([]);
    expect(state.notice).toMatchObject({ tone: 'error', text: expect.stringContaining('1m to 4w') });
  });

  it('is nothing for a public channel, and says why', () => {
    const { state, effects } = entered(inChannel('public'), '/timer 1h');
    expect(effects).toEqual([]);
    expect(state.notice).toMatchObject({ tone: 'error', text: expect.stringContaining('public') });
  });
});
