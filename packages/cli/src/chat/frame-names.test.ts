import { describe, expect, it } from 'vitest';
import { channelView, chatState, SELF } from './fixtures.ts';
import { frame } from './frame.ts';
import { update } from './update.ts';

/** What a channel may be called on the wire (`Name`: no controls and no #), as whoever invites to it or announces it wants it. */
const NAMES = ['x\u202e live', 'a\u2066b', 'a\u2028b', 'a\u200b\u200b\u200bb', 'e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301'];

describe('the screen of the chat', () => {
  it.each(NAMES)('shows the name %j of a channel nowhere as it is', (name) => {
    const view = { ...channelView('lobby'), name };
    const { state } = update(chatState(), { type: 'connected', self: SELF, links: 1, channels: [view], contacts: [], invitations: [] });
    const { side, header, pane, status, input } = frame({ ...state, active: view.id });
    const drawn = [...side, header, ...pane, status, ...input].flat().map(({ text }) => text);
    expect(drawn.filter((text) => /[\u202a-\u202e\u2066-\u2069\u2028\u2029\u200b]|\p{Mn}{5}/u.test(text))).toEqual([]);
  });
});
