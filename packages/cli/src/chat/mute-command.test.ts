import { describe, expect, it } from 'vitest';
import { chatState, message } from './fixtures.ts';
import { frame } from './frame.ts';
import { press } from './press.ts';
import type { Row } from './rows.ts';
import { type ChatState, draftOf } from './state.ts';
import { apply, type Update } from './update.ts';

const entered = (state: ChatState, line: string): Update => press(press(state, { key: 'text', text: line }).state, { key: 'enter' });
const text = (row: Row | undefined): string => (row ?? []).map((span) => span.text).join('');
/** How #garden looks at the side when somebody has named the user there. */
function garden(state: ChatState): Row | undefined {
  const named = message(9, { channel_id: 'id-garden', text: 'alice, come here' });
  const next = apply({ ...state, colours: true }, { event: 'message', message: named, late: false }).state;
  return frame(next).side.find((row) => text(row).includes('#garden'));
}

describe('/mute', () => {
  it('lets nothing stand out in the channel that is named, and counts all the same', () => {
    expect(garden(chatState())).toContainEqual(expect.objectContaining({ text: '1 ', bold: true, colour: 'magenta' }));
    const { state, effects } = entered(chatState(), '/mute #garden');
    expect([effects, draftOf(state).text]).toEqual([[{ do: 'keep-muted', muted: ['id-garden'] }], '']);
    expect(state.notice?.text).toContain('#garden is muted');
    const row = garden(state);
    expect(row).toContainEqual({ text: '1 ', dim: true });
    expect(row?.some(({ bold, colour }) => bold || colour)).toBe(false);
    expect(entered(state, '/channels').state.panel?.lines.map((line) => line.text)).toContain('● #garden  2 members, you are one, muted');
  });

  it('without a name is about the channel on the screen, and the second time ends it', () => {
    const muted = entered(chatState(), '/mute').state;
    expect(text(frame(muted).header)).toMatch(/muted, 2 here of 2/);
    expect(frame(muted).side.map(text)).toContainEqual(expect.stringMatching(/^⊘#lobby /));
    expect(frame(muted).side.map(text)).toContainEqual(expect.stringMatching(/^ #garden /));
    expect(entered(muted, '/help').state.panel?.lines.map((line) => line.text)).toContainEqual(expect.stringMatching(/^ +⊘ +muted/));
    const { state, effects } = entered(muted, '/mute');
    expect([effects, state.muted.size]).toEqual([[{ do: 'keep-muted', muted: [] }], 0]);
    expect(state.notice?.text).toBe('#lobby is muted no more');
  });

  it('forgets channels that are known no more', () => {
    const state = { ...chatState(), muted: new Set(['id-gone', 'id-attic']) };
    expect(entered(state, '/mute').effects).toEqual([{ do: 'keep-muted', muted: ['id-attic', 'id-lobby'] }]);
  });

  it.each([
    ['/mute nowhere', 'you are in no channel nowhere: /channels lists them'],
    ['/mute @nobody', 'nobody is no contact'],
    ['/leave nowhere', 'you are in no channel nowhere: /channels lists them'],
  ])('%s stays, and says what is wrong', (line, why) => {
    const { state, effects } = entered(chatState(), line);
    expect([effects, draftOf(state).text]).toEqual([[], line]);
    expect(state.notice).toMatchObject({ tone: 'error', text: expect.stringContaining(why) });
  });
});
