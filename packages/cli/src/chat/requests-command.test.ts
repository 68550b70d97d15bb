import type { ApiEvent, ContactView } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { channelView, chatState, contactView, invitationView, SELF } from './fixtures.ts';
import { frame } from './frame.ts';
import { press } from './press.ts';
import { type Action, type ChatState, draftOf } from './state.ts';
import { apply, type Update, update } from './update.ts';

const entered = (state: ChatState, line: string): Update => press(press(state, { key: 'text', text: line }).state, { key: 'enter' });
const status = (state: ChatState): string =>
  frame(state)
    .status.map(({ text }) => text)
    .join('');
const asks = (contact: ContactView, news: 'incoming' | 'accepted' | 'removed' | 'changed' = 'incoming'): ApiEvent => ({
  event: 'contact',
  news,
  contact,
});
const connected = (more: Partial<Action & { type: 'connected' }>): ChatState =>
  update(chatState(), {
    type: 'connected',
    self: SELF,
    links: 1,
    channels: [channelView('lobby')],
    contacts: [],
    invitations: [],
    ...more,
  }).state;

const asked = connected({
  contacts: [
    contactView('ben', { note: 'it is me' }),
    contactView('carol', { alias: 'Caro', display: 'Caro' }),
    contactView('ben2', { name: 'ben' }),
  ],
  invitations: [invitationView('hideout'), invitationView('den', { role: 'observer' }), invitationView('cave', { accepted: true })],
});

describe('who asks to be a contact', () => {
  it('is told of at once, and counted until answered', () => {
    const told = apply(chatState(), asks(contactView('ben'))).state;
    expect(told.notice).toMatchObject({ tone: 'info', text: 'ben#1a2b asks to be a contact: /accept ben#1a2b, or /requests' });
    const later = { ...told, notice: undefined };
    expect(status(later)).toContain('1 request: /requests');
    const accepted = apply(later, asks(contactView('ben', { state: 'accepted' }), 'accepted')).state;
    expect(status(accepted)).not.toContain('request:');
    expect(accepted.notice).toBeUndefined();
    expect(status(apply(later, asks(contactView('ben'), 'removed')).state)).not.toContain('request:');
  });

  it('is not told of who is blocked', () => {
    const { state } = apply(chatState(), asks(contactView('ben', { blocked: true })));
    expect([state.notice, status(state)]).toEqual([undefined, expect.not.stringContaining('request')]);
  });
});

describe('an invitation', () => {
  it('is asked for when there is one, told of, and counted', () => {
    expect(apply(chatState(), { event: 'invitation', channel_id: 'id-hideout' }).effects).toEqual([{ do: 'invitations' }]);
    const told = update(chatState(), { type: 'invitations', invitations: [invitationView('hideout')] }).state;
    expect(told.notice?.text).toBe('bob#1a2b invites you to #hideout: /accept #hideout, or /requests');
    const again = update({ ...told, notice: undefined }, { type: 'invitations', invitations: [invitationView('hideout')] }).state;
    expect([again.notice, status(again)]).toEqual([undefined, expect.stringContaining('1 request: /requests')]);
  });

  it('that was there before is counted, without those that are accepted', () => {
    expect([asked.notice, status(asked)]).toEqual([undefined, expect.stringContaining('5 requests: /requests')]);
  });
});

describe('/requests', () => {
  it('lists who asks, with their words, and what the user is invited to', () => {
    const lines = entered(asked, '/requests').state.panel?.lines.map(({ text }) => text);
    expect(lines).toEqual([
      'To be a contact',
      'ben#1a2b  key_ben',
      '  says: it is me',
      'Caro  key_carol',
      'ben2#1a2b  key_ben2',
      '',
      'To a closed channel',
      '#hideout  from bob#1a2b, as member, 2 members  id-hideout',
      '#den  from bob#1a2b, as observer, 2 members  id-den',
      '#cave  from bob#1a2b, as member, 2 members  id-cave: accepted; you are in as soon as one of its members is here',
      '',
      expect.stringContaining('/accept NAME'),
    ]);
    expect(entered(chatState(), '/requests').state.panel?.lines.map(({ text }) => text)).toEqual(['Nobody waits for an answer.']);
  });
});

describe('/accept and /decline', () => {
  const contact = { do: 'answer', kind: 'contact' } as const;
  it.each([
    ['/accept ben#1a2b', { ...contact, yes: true, id: 'key_ben', title: 'ben#1a2b' }],
    ['/accept @caro', { ...contact, yes: true, id: 'key_carol', title: 'Caro' }],
    ['/decline carol', { ...contact, yes: false, id: 'key_carol', title: 'Caro' }],
    ['/accept key_ben2', { ...contact, yes: true, id: 'key_ben2', title: 'ben2#1a2b' }],
    ['/accept hideout', { do: 'answer', kind: 'invitation', yes: true, id: 'id-hideout', title: '#hideout' }],
    ['/decline #den', { do: 'answer', kind: 'invitation', yes: false, id: 'id-den', title: '#den' }],
    ['/accept id-den', { do: 'answer', kind: 'invitation', yes: true, id: 'id-den', title: '#den' }],
  ])('%s answers', (line, effect) => {
    const { state, effects } = entered(asked, line);
    expect([effects, draftOf(state).text]).toEqual([[effect], '']);
  });

  it.each([
    ['/accept', '/accept NAME'],
    ['/decline', '/decline NAME'],
    ['/accept ben', 'several who ask are called ben: give the key or id, which /requests shows'],
    ['/accept nobody', 'nobody called nobody waits for an answer: /requests lists who does'],
    ['/accept #ben', 'there is no invitation to #ben: /requests lists them'],
    ['/accept cave', 'cave: accepted; you are in as soon as one of its members is here'],
  ])('%s stays, and says what is wrong', (line, why) => {
    const { state, effects } = entered(asked, line);
    expect([effects, draftOf(state).text]).toEqual([[], line]);
    expect(state.notice).toMatchObject({ tone: 'error', text: expect.stringContaining(why) });
  });

  it('are completed by Tab', () => {
    const tab = (text: string): string => draftOf(press(press(asked, { key: 'text', text }).state, { key: 'tab' }).state).text;
    expect([tab('/accept hi'), tab('/decline ca'), tab('/accept #d')]).toEqual(['/accept #hideout ', '/decline @Caro ', '/accept #den ']);
  });
});
