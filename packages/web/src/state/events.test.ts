import { describe, expect, it } from 'vitest';
import { applyEvent, forgetOldTimelines, totalUnread, withPeople } from './events.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { message, person } from './testing.ts';
import { EMPTY_TIMELINE } from './timeline.ts';
import type { AppState } from './types.ts';

const base: AppState = {
  phase: { phase: 'running', leads: true },
  closed: {},
  people: {},
  members: {},
  typing: {},
  timelines: {},
  changes: {},
  outbox: {},
  replies: {},
  edits: {},
  route: { view: 'home' },
  search: { query: '', busy: false },
  settings: DEFAULT_SETTINGS,
  notices: [],
  storageFull: false,
  updateReady: false,
};
const channel = { id: 'c', name: 'garden', joined: true, members: 2, unread: 0 };

describe('events of the node', () => {
  it('a message goes to its conversation, and its sender is known', () => {
    const state = { ...base, timelines: { c: { ...EMPTY_TIMELINE, atEnd: true } } };
    const next = applyEvent(state, { event: 'message', message: message({ at: 1 }), late: false });
    expect(next.timelines.c?.messages).toHaveLength(1);
    expect(next.people.ann?.display).toBe('ann#0000');
  });

  it('a message on its way to disk is shown, once, and is taken back where it cannot be kept', () => {
    const state = { ...base, timelines: { c: { ...EMPTY_TIMELINE, atEnd: true } } };
    const [first, second] = [message({ at: 1 }), message({ at: 2 })];
    const coming = [first, second].reduce((now, next) => applyEvent(now, { event: 'coming', message: next }), state as AppState);
    expect(coming.timelines.c?.messages).toEqual([first, second]);
    const kept = applyEvent(coming, { event: 'message', message: { ...second, missing: 1 }, late: false });
    expect(kept.timelines.c?.messages).toEqual([first, { ...second, missing: 1 }]);
    const back = applyEvent(kept, { event: 'expired', channel_id: 'c', cursors: [first.cursor] });
    expect(back.timelines.c?.messages).toHaveLength(1);
  });

  it('a device of somebody who is in a channel already makes no further member, once it is known whose it is', () => {
    const of = { key: 'key_ann', node_id: 'ann', device: 'Tablet' };
    const state = { ...withPeople(base, [person('ann')]), channels: [channel], members: { c: ['ann'] } };
    const joined = applyEvent(state, { event: 'member', channel_id: 'c', member: { ...person('tablet'), of }, joined: true });
    expect([joined.members.c, joined.channels?.[0]?.members]).toEqual([['ann', 'tablet'], 1]);
    const revoked = applyEvent(joined, { event: 'person', person: { ...person('tablet'), of: { ...of, former: true } } });
    expect(revoked.people.tablet?.of?.former).toBe(true);
  });

  it('a message of a channel that is not open changes no conversation', () => {
    expect(applyEvent(base, { event: 'message', message: message({ at: 1 }), late: false }).timelines).toEqual({});
  });

  it('an own message that comes from the store is no longer on its way', () => {
    const own = message({ at: 1, own: true });
    const state = { ...base, outbox: { c: [{ msgId: own.msg_id, text: 'x', at: 1 }] } };
    expect(applyEvent(state, { event: 'message', message: own, late: false }).outbox.c).toEqual([]);
  });

  it('members come and go, once each', () => {
    const state = { ...base, channels: [channel], members: { c: ['self', 'ann'] } };
    const joined = applyEvent(state, { event: 'member', channel_id: 'c', member: person('ben'), joined: true });
    const again = applyEvent(joined, { event: 'member', channel_id: 'c', member: person('ben'), joined: true });
    expect(again.members.c).toEqual(['self', 'ann', 'ben']);
    expect(again.channels?.[0]?.members).toBe(3);
    expect(applyEvent(again, { event: 'member', channel_id: 'c', member: person('ann'), joined: false }).members.c).toEqual([
      'self',
      'ben',
    ]);
  });

  it('unread counts are those of the node', () => {
    const state = { ...base, channels: [channel, { ...channel, id: 'd', unread: 2 }, { ...channel, id: 'e', unread: 9, joined: false }] };
    const next = applyEvent(state, { event: 'read', channel_id: 'c', unread: 5 });
    expect(totalUnread(next.channels)).toBe(7);
  });

  it('presence that is no news changes nothing', () => {
    const state = withPeople(base, [person('ann')]);
    expect(applyEvent(state, { event: 'presence', person: person('ann') })).toBe(state);
    expect(applyEvent(state, { event: 'presence', person: person('ann', { present: false }) }).people.ann?.present).toBe(false);
  });

  it('remembers only so many people', () => {
    const many = Array.from({ length: 13_000 }, (_, index) => person(`p${index}`));
    const { people } = withPeople(base, many);
    expect(Object.keys(people)).toHaveLength(12_000);
    expect(people.p12999).toBeDefined();
  });

  it('keeps the conversations that were opened last, and the open one', () => {
    const timelines = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`c${index}`, EMPTY_TIMELINE]));
    const kept = Object.keys(forgetOldTimelines({ ...base, timelines }, 'c0').timelines);
    expect(kept).toEqual(['c5', 'c6', 'c7', 'c8', 'c9', 'c0']);
  });
});
