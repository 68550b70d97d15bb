import type { Parley } from '@parley/browser';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createContext } from './context.ts';
import { applyEvent } from './events.ts';
import { Keep } from './keep.ts';
import { isAway, noteTyping, presenceWords, typingWords } from './presence.ts';
import { person } from './testing.ts';

const SEEN = '2020-03-04T12:00:00.000Z';
const NOWHERE = { getItem: () => null, setItem: () => {}, removeItem: () => {} };

/** The context of an app that is in a closed channel and in a public one, and what its node was told. */
function app() {
  const told: string[] = [];
  const node = { typing: async (id: string, typing: boolean) => void told.push(`${id} ${typing}`) };
  const context = createContext({ node, phase: { phase: 'running', leads: true } } as unknown as Parley, new Keep(NOWHERE), {
    view: 'home',
  });
  const channel = { name: 'x', joined: true, members: 2, unread: 0 };
  const channels = [
    { ...channel, id: 'closed', kind: 'closed' as const },
    { ...channel, id: 'open' },
  ];
  context.store.update((state) => ({ ...state, channels }));
  return { context, told };
}

describe('presence', () => {
  it('is told in words, and nothing where it is not shared', () => {
    expect(presenceWords({ present: true })).toBe('');
    expect(presenceWords({ present: true, presence: { state: 'here', seen: SEEN } })).toBe('here now');
    expect(presenceWords({ present: true, presence: { state: 'away', seen: SEEN } })).toMatch(/^away, last here .*2020/);
    expect(presenceWords({ present: false, presence: { seen: SEEN } })).toMatch(/^last here .*2020/);
    expect([isAway({ present: true, presence: { state: 'away', seen: SEEN } }), isAway({ present: true })]).toEqual([true, false]);
  });
});

describe('typing', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    [[], ''],
    [['Ann'], 'Ann is typing …'],
    [['Ann', 'Ben'], 'Ann and Ben are typing …'],
    [['Ann', 'Ben', 'Cat'], '3 people are typing …'],
  ])('of %j', (names, words) => {
    expect(typingWords(names)).toBe(words);
  });

  it('of others is shown until it is over', () => {
    const { context } = app();
    const state = applyEvent(context.store.get(), { event: 'typing', channel_id: 'closed', people: [person('ann')] });
    expect(state.typing.closed?.map(({ node_id }) => node_id)).toEqual(['ann']);
    expect(applyEvent(state, { event: 'typing', channel_id: 'closed', people: [] }).typing).toEqual({});
  });

  it('is told once a second, its end where nothing was sent, and nothing in public', () => {
    const { context, told } = app();
    noteTyping(context, 'open', 'hello');
    noteTyping(context, 'closed', 'h');
    noteTyping(context, 'closed', 'he');
    vi.advanceTimersByTime(1000);
    noteTyping(context, 'closed', 'hel');
    noteTyping(context, 'closed', '');
    noteTyping(context, 'closed', '');
    expect(told).toEqual(['closed true', 'closed true', 'closed false']);
    noteTyping(context, 'closed', 'again');
    noteTyping(context, 'closed', '', true);
    expect(told.slice(3)).toEqual(['closed true']);
  });
});
