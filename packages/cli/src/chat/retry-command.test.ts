import { describe, expect, it } from 'vitest';
import { chatState, message, NOON } from './fixtures.ts';
import { frame } from './frame.ts';
import { press } from './press.ts';
import { activeChannel, type ChatState, draftOf } from './state.ts';
import { apply, type Update, update } from './update.ts';

const entered = (state: ChatState, line: string): Update => press(press(state, { key: 'text', text: line }).state, { key: 'enter' });
const shown = (state: ChatState): string =>
  frame(state)
    .pane.map((row) => row.map(({ text }) => text).join(''))
    .join('\n')
    .replace(/\s+/g, ' ');
const later = (state: ChatState, minutes: number): ChatState => ({ ...state, now: NOON + minutes * 60_000 });
const refused = (state: ChatState, localId: number, why = 'the disk is full'): ChatState =>
  update(state, { type: 'not-sent', channelId: 'id-lobby', localId, why }).state;
const failed = (state: ChatState): string[] => activeChannel(state)?.unconfirmed.flatMap(({ error, text }) => (error ? [text] : [])) ?? [];

/** Two messages were refused, the second an answer; bob has written before, between and after. */
function twoRefused(): ChatState {
  let state = refused(entered(later(chatState([message(1)]), 2), 'first').state, 1);
  state = apply(state, { event: 'message', message: message(3), late: false }).state;
  state = refused(entered(later(state, 4), '/reply second').state, 2);
  return apply(later(state, 5), { event: 'message', message: message(5), late: false }).state;
}

describe('a message that was refused', () => {
  it('stays where it was written, with the reason and what can be done', () => {
    const state = entered(later(twoRefused(), 6), 'third').state;
    expect(shown(state)).toMatch(/message 1 .*✗ .*first not sent: the disk is full .*message 3 .*✗ .*second .*message 5 .*third/);
    expect(shown(state)).toContain('(/retry sends it again, /dismiss takes it away)');
  });

  it('that was written in the same moment as another stays too', () => {
    const both = entered(entered(chatState([message(1)]), 'one').state, 'two').state;
    expect(shown(refused(refused(both, 1), 2))).toMatch(/one .*two /);
  });

  it('goes when it is written again', () => {
    const recalled = press(twoRefused(), { key: 'up' }).state;
    expect(draftOf(recalled).text).toBe('/reply second');
    const again = press(recalled, { key: 'enter' });
    expect(again.effects).toMatchObject([{ do: 'send', text: 'second' }]);
    expect(failed(again.state)).toEqual(['first']);
  });
});

describe('/retry', () => {
  it('sends what was refused here once more, in the order in which it was written', () => {
    const { state, effects } = entered(twoRefused(), '/retry');
    expect(effects).toEqual([
      { do: 'send', channelId: 'id-lobby', localId: 3, text: 'first' },
      { do: 'send', channelId: 'id-lobby', localId: 4, text: 'second', replyTo: 'bob-3' },
    ]);
    expect([failed(state), activeChannel(state)?.unconfirmed.length, draftOf(state).text]).toEqual([[], 2, '']);
    expect(failed(refused(state, 3))).toEqual(['first']);
  });

  it('sends a file once more, from its beginning', () => {
    const state = chatState();
    const entry = { localId: 1, text: '', time: NOON, file: { path: '/tmp/x', have: 5, size: 9 }, error: 'it was given up' };
    const withFile = { ...state, channels: state.channels.map((channel) => ({ ...channel, unconfirmed: [entry] })), nextLocalId: 2 };
    const again = entered(withFile, '/retry');
    expect(again.effects).toEqual([{ do: 'send', channelId: 'id-lobby', localId: 2, text: '', path: '/tmp/x' }]);
    expect(activeChannel(again.state)?.unconfirmed).toEqual([{ localId: 2, text: '', time: NOON, file: { path: '/tmp/x' } }]);
  });
});

describe('/dismiss', () => {
  it('takes away what was refused here, and nothing that is under way', () => {
    const { state, effects } = entered(entered(twoRefused(), 'third').state, '/dismiss');
    expect([effects, failed(state), activeChannel(state)?.unconfirmed.map(({ text }) => text)]).toEqual([[], [], ['third']]);
    expect(shown(state)).not.toContain('not sent');
  });
});

describe('where nothing was refused', () => {
  it.each(['/retry', '/dismiss'])('%s stays, and says so', (line) => {
    const { state, effects } = entered(chatState([message(1)]), line);
    expect([effects, draftOf(state).text, state.notice?.text]).toEqual([[], line, 'nothing that you wrote here failed to be sent']);
  });
});
