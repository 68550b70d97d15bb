import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message, NOON, person } from './fixtures.ts';
import {
  addGap,
  addMessage,
  addMessages,
  addNote,
  MOST_ITEMS,
  missing,
  oldestCursor,
  type Timeline,
  trimmed,
  withChanges,
  withDelivery,
} from './timeline.ts';

const ids = (timeline: Timeline): string[] => timeline.map(({ id }) => id);
const some = [1, 2, 3, 4, 5].map((seq) => message(seq));

describe('messages', () => {
  it('stand in order of time whichever came first, each once', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...some, ...some], { minLength: 10 }), (shuffled) => {
        expect(ids(shuffled.reduce<Timeline>(addMessage, []))).toEqual(['bob-1', 'bob-2', 'bob-3', 'bob-4', 'bob-5']);
        expect(ids(addMessages([], shuffled))).toEqual(['bob-1', 'bob-2', 'bob-3', 'bob-4', 'bob-5']);
      }),
    );
  });

  it('of one time stand in the order of the node', () => {
    const at = NOON;
    const timeline = [message(1, { from: 'carol', at }), message(1, { at })].reduce<Timeline>(addMessage, []);
    expect(ids(timeline)).toEqual(['bob-1', 'carol-1']);
  });

  it('are put before what is there when they are older', () => {
    const timeline = addMessages(addMessages([], some.slice(3)), some.slice(0, 3));
    expect(ids(timeline)).toEqual(['bob-1', 'bob-2', 'bob-3', 'bob-4', 'bob-5']);
    expect(oldestCursor(timeline)).toBe(some[0]?.cursor);
  });

  it('keep the furthest that is known of their delivery', () => {
    const own = message(1, { from: 'alice', delivery: { state: 'sending', recipients: [] } });
    const delivered = withDelivery(addMessage([], own), 'alice-1', { state: 'delivered', recipients: [] });
    // A page that was read before the event, and comes after it.
    const [item] = addMessage(delivered ?? [], own);
    expect(item?.kind === 'message' && item.message.delivery?.state).toBe('delivered');
    expect(withDelivery([], 'alice-1', { state: 'sent', recipients: [] })).toBeUndefined();
  });

  it('know what they answer, when that is there or comes in the same page', () => {
    const answer = message(3, { from: 'carol', reply_to: 'bob-2' });
    const answered = (timeline: Timeline) => timeline.flatMap((item) => (item.kind === 'message' ? [item.answers?.msg_id] : []));
    expect(answered(addMessage(addMessages([], [message(1), message(2)]), answer))).toEqual([undefined, undefined, 'bob-2']);
    expect(answered(addMessages([], [message(1), message(2), answer]))).toEqual([undefined, undefined, 'bob-2']);
    expect(answered(addMessages([], [answer]))).toEqual([undefined]);
  });

  it('with a time that is none do no harm', () => {
    expect(addMessage([], { ...message(1), time: 'yesterday' })).toHaveLength(1);
  });
});

describe('gaps', () => {
  const gap = { sender: 'bob-id', from: 2, to: 3, now: NOON + 10 * 60_000 };

  it('are told before what follows them, though that comes later', () => {
    let timeline = addGap(addMessage([], message(1)), gap);
    timeline = addMessage(addMessage(timeline, message(4)), message(5));
    expect(ids(timeline)).toEqual(['bob-1', 'gap bob-id 2', 'bob-4', 'bob-5']);
  });

  it('are told before what follows them, when that is there already', () => {
    expect(ids(addGap(addMessages([], [message(1), message(4), message(5)]), gap))).toEqual(['bob-1', 'gap bob-id 2', 'bob-4', 'bob-5']);
  });

  it('shrink, and close', () => {
    const wide = addGap(addMessages([], [message(1), message(5)]), { ...gap, to: 4 });
    const split = addMessage(wide, message(3));
    const left = split.find((item) => item.kind === 'gap');
    expect(left?.kind === 'gap' && [left.ranges, missing(left)]).toEqual([
      [
        [2, 2],
        [4, 4],
      ],
      2,
    ]);
    expect(ids(addMessages(split, [message(2), message(4)]))).toEqual(['bob-1', 'bob-2', 'bob-3', 'bob-4', 'bob-5']);
  });

  it('are told once', () => {
    const once = addGap([], gap);
    expect(addGap(once, gap)).toBe(once);
  });
});

describe('notes', () => {
  it('come after all that is there, whatever the clocks of others say', () => {
    const timeline = addNote(addMessage([], message(9)), { id: 'note', time: NOON, text: 'carol joined', person: undefined });
    expect(ids(timeline)).toEqual(['bob-9', 'note']);
  });
});

describe('what was changed about a conversation', () => {
  const change = (id: string, at: number) => ({
    id,
    time: new Date(NOON + at * 60_000).toISOString(),
    kind: 'timer' as const,
    by: person('bob'),
    own: false,
    seconds: 86_400,
  });
  const changes = [change('a', 0), change('b', 2.5), change('c', 9)];
  const told = (whole: boolean) => ({ changes, people: new Map(), whole });

  it('has a line at its time, and none before the oldest message that is loaded', () => {
    const timeline = addMessages([], some);
    const part = withChanges(timeline, told(false));
    expect(ids(part)).toEqual(['bob-1', 'bob-2', 'change b', 'bob-3', 'bob-4', 'bob-5', 'change c']);
    expect(part[2]).toMatchObject({ text: 'bob#1a2b set messages to disappear after 1 day' });
    const whole = withChanges(part, told(true));
    expect(ids(whole)[0]).toBe('change a');
    expect(withChanges(whole, told(true))).toEqual(whole);
    expect(withChanges(timeline, { ...told(true), changes: [] })).toBe(timeline);
    expect(ids(withChanges([], told(false)))).toEqual([]);
    expect(ids(withChanges([], told(true)))).toHaveLength(3);
  });
});

describe('a long timeline', () => {
  it('loses its oldest', () => {
    const all = addMessages(
      [],
      Array.from({ length: MOST_ITEMS + 1 }, (_, seq) => message(seq, { at: NOON + seq })),
    );
    const kept = trimmed(all);
    expect(kept.length).toBeLessThan(all.length);
    expect(kept.at(-1)).toBe(all.at(-1));
    expect(trimmed(kept)).toBe(kept);
  });
});
