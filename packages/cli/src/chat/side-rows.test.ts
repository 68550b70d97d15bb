import { describe, expect, it } from 'vitest';
import { channelView, chatState, person } from './fixtures.ts';
import { membersOf, sideRows } from './side-rows.ts';
import { activeChannel, type ChatState } from './state.ts';
import { apply, update } from './update.ts';

function withMembers(...people: ReturnType<typeof person>[]): ChatState {
  return update(chatState(), { type: 'members', channelId: 'id-lobby', members: people }).state;
}

const texts = (state: ChatState, height: number, people = true): string[] =>
  sideRows(state, activeChannel(state), { width: 20, height, people }).map((row) =>
    row
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );

describe('the column at the left', () => {
  it('has a person with two devices once, and tells of nobody who comes with a further one', () => {
    const tablet = { ...person('tablet'), display: 'bob#1a2b', of: { key: 'key_bob', node_id: 'bob-id', device: 'Tablet' } };
    const state = withMembers(person('alice'), person('bob', false), tablet);
    const channel = activeChannel(state);
    expect(channel && membersOf(state, channel).map(({ node_id, present, devices }) => [node_id, present, devices])).toEqual([
      ['alice-id', true, 1],
      ['bob-id', true, 2],
    ]);
    const left = apply(state, { event: 'member', channel_id: 'id-lobby', member: tablet, joined: false }).state;
    expect(activeChannel(left)?.timeline).toEqual([]);
    const gone = apply(left, { event: 'member', channel_id: 'id-lobby', member: person('bob'), joined: false }).state;
    expect(activeChannel(gone)?.timeline).toMatchObject([{ text: 'bob#1a2b left' }]);
  });

  it('has the user first, then who is here, then who is away, by name', () => {
    const state = withMembers(person('zoe'), person('bob', false), person('alice', false), person('carol'));
    const channel = activeChannel(state);
    expect(channel && membersOf(state, channel).map(({ name }) => name)).toEqual(['alice', 'carol', 'zoe', 'bob']);
    expect(texts(state, 9)).toEqual([
      ' CHANNELS',
      ' #garden',
      ' #lobby',
      '',
      ' HERE 3 of 4',
      ' ● alice#1a2b',
      ' ● carol#1a2b',
      ' ● zoe#1a2b',
      ' ○ bob#1a2b',
    ]);
  });

  it('says how many people did not fit', () => {
    const state = withMembers(person('alice'), ...Array.from({ length: 5000 }, (_, index) => person(`p${index}`)));
    const rows = texts(state, 12);
    expect(rows).toHaveLength(12);
    expect(rows.at(-1)).toBe('   +4995 more');
  });

  it('shows the channels around the one on the screen', () => {
    const channels = Array.from({ length: 50 }, (_, index) => channelView(`c${String(index).padStart(2, '0')}`));
    const state = update(chatState(), { type: 'channels', channels, open: 'id-c30' }).state;
    const rows = texts(state, 8, false);
    expect(rows).toContain(' #c30');
    expect(rows).not.toContain(' #c00');
  });

  it('keeps the digits of a long name, which tell namesakes apart', () => {
    const long = { ...person('x'), display: `${'very-long-name-'.repeat(4)}#9f8e` };
    expect(texts(withMembers(person('alice'), long), 9).join('\n')).toMatch(/ ● very-long-…#9f8e/);
  });

  it.each([0, 1, 2, 3])('fits in %i rows', (height) => {
    expect(texts(withMembers(person('alice'), person('bob')), height)).toHaveLength(height);
  });
});
