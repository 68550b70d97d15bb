import { describe, expect, it } from 'vitest';
import { channelView, chatState, message, person } from './fixtures.ts';
import { press } from './press.ts';
import type { ChatState } from './state.ts';
import { apply, update } from './update.ts';

const lines = (state: ChatState): string[] => {
  const asked = press(press(state, { key: 'text', text: '/who' }).state, { key: 'enter' });
  return (asked.state.panel?.lines ?? []).map(({ text }) => text);
};

describe('/who', () => {
  const closed = [{ ...channelView('lobby'), kind: 'closed' as const, role: 'owner' as const }, channelView('garden')];
  const state = update(chatState([message(1)]), { type: 'channels', channels: closed }).state;
  const members = [
    { ...person('alice'), role: 'owner' as const },
    { ...person('bob'), role: 'member' as const },
    { ...person('carol'), role: 'observer' as const },
    { ...person('dave', false), role: 'moderator' as const, invited: true },
  ];
  const known = update(state, { type: 'members', channelId: 'id-lobby', members }).state;

  it('says who owns, moderates or observes a closed channel, and who has not come yet', () => {
    expect(lines(known)).toEqual([
      '● alice#1a2b (you)  owner, here  key_alice',
      '● bob#1a2b  here  key_bob',
      '● carol#1a2b  observer, here  key_carol',
      '○ dave#1a2b  moderator, invited, away  key_dave',
    ]);
  });

  it('is what is known by then, when the answer comes while it is on the screen', () => {
    const asked = press(press(state, { key: 'text', text: '/who' }).state, { key: 'enter' }).state;
    const answered = update(asked, { type: 'members', channelId: 'id-lobby', members }).state;
    expect(answered.panel?.lines.map(({ text }) => text)).toContain('● carol#1a2b  observer, here  key_carol');
    const closed = press(answered, { key: 'escape' }).state;
    expect(update(closed, { type: 'members', channelId: 'id-lobby', members }).state.panel).toBeUndefined();
    const other = update(asked, { type: 'members', channelId: 'id-garden', members }).state;
    expect(other.panel).toEqual(asked.panel);
  });

  it('knows no roles in another channel of the same people', () => {
    const garden = update(known, { type: 'members', channelId: 'id-garden', members: [person('alice'), person('carol')] }).state;
    expect(lines({ ...garden, active: 'id-garden' })).toEqual(['● alice#1a2b (you)  here  key_alice', '● carol#1a2b  here  key_carol']);
  });

  it('is up to date when somebody has another role', () => {
    const { effects } = apply(known, { event: 'channel', channel_id: 'id-lobby' });
    expect(effects).toContainEqual({ do: 'members', channelId: 'id-lobby' });
    const renewed = members.map((member) => (member.name === 'carol' ? { ...member, role: 'member' as const } : member));
    expect(lines(update(known, { type: 'members', channelId: 'id-lobby', members: renewed }).state)).toContain(
      '● carol#1a2b  here  key_carol',
    );
  });
});
