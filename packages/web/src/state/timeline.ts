import type { AttachmentView, MessageView, Person } from '@parley/core';
import type { Timeline } from './types.ts';

/** Pages that the store is asked for. */
export const PAGE = 60;
/** The longest page that a node answers. */
export const MAX_PAGE = 500;

export const EMPTY_TIMELINE: Timeline = { messages: [], atStart: false, atEnd: false, late: new Set() };

/** What cursors sort by: their messages' time, sender and number, wherever those were said. Where a key of one of two was replaced, one conversation goes on in another. */
const placeOf = (cursor: string): string => cursor.slice(cursor.indexOf('/') + 1);

/** Whether a cursor stands before another. */
export const isEarlier = (one: string, other: string): boolean => placeOf(one) < placeOf(other);
const before = (a: MessageView, b: MessageView): boolean => isEarlier(a.cursor, b.cursor);

/** Puts messages into an ordered list; one that is there already is replaced by its newer view. */
export function merge(list: readonly MessageView[], more: readonly MessageView[]): readonly MessageView[] {
  if (more.length === 0) return list;
  const sorted = [...more].sort((a, b) => (before(a, b) ? -1 : 1));
  const first = sorted[0];
  const last = list.at(-1);
  // Most of what comes belongs at the end.
  if (!last || (first && before(last, first))) return [...list, ...unique(sorted)];
  const result: MessageView[] = [];
  let at = 0;
  for (const message of unique(sorted)) {
    for (let next = list[at]; next && before(next, message); next = list[at]) {
      result.push(next);
      at += 1;
    }
    if (list[at]?.cursor === message.cursor) at += 1;
    result.push(message);
  }
  return [...result, ...list.slice(at)];
}

function unique(sorted: readonly MessageView[]): MessageView[] {
  return sorted.filter((message, index) => message.cursor !== sorted[index + 1]?.cursor);
}

/** Whether what is new belongs to it. The page that is being loaded may have been read before that was kept. */
export function reachesEnd({ atEnd, loading }: Timeline): boolean {
  return atEnd || loading === 'all';
}

/** A message that has just come. One that is older than what is loaded is left to the store, and so is one beyond its end. */
export function receive(timeline: Timeline, message: MessageView, late: boolean): Timeline {
  const first = timeline.messages[0];
  const last = timeline.messages.at(-1);
  if (first && before(message, first) && !timeline.atStart) return timeline;
  if (!reachesEnd(timeline) && (!last || before(last, message))) return timeline;
  // It was shown while it was on its way to disk.
  if (!late && message.cursor === last?.cursor) return replace(timeline, message);
  return {
    ...timeline,
    messages: merge(timeline.messages, [message]),
    late: late ? new Set(timeline.late).add(message.cursor) : timeline.late,
  };
}

/** A page of the store, in the direction in which it was asked for. `limit`: how many were asked for. */
export function addPage(timeline: Timeline, page: readonly MessageView[], direction: 'older' | 'newer', limit: number): Timeline {
  const { loading: _, ...rest } = timeline;
  const ended = page.length < limit;
  return {
    ...rest,
    messages: merge(timeline.messages, page),
    ...(direction === 'older' ? { atStart: timeline.atStart || ended } : { atEnd: timeline.atEnd || ended }),
  };
}

/** A message is not what it was. */
export function replace(timeline: Timeline, message: MessageView): Timeline {
  const index = timeline.messages.findLastIndex(({ cursor }) => cursor === message.cursor);
  return index === -1 ? timeline : { ...timeline, messages: timeline.messages.with(index, message) };
}

/** The time of messages is over. */
export function expire(timeline: Timeline, cursors: readonly string[]): Timeline {
  const gone = new Set(cursors);
  const messages = timeline.messages.filter(({ cursor }) => !gone.has(cursor));
  return messages.length === timeline.messages.length ? timeline : { ...timeline, messages };
}

type Standing = Pick<AttachmentView, 'state' | 'have' | 'error'>;

/** What is attached under this digest stands elsewhere than before. */
export function stands(timeline: Timeline, sha256: string, { state, have, error }: Standing): Timeline {
  const standing: Standing = { state, ...(have !== undefined && { have }), ...(error && { error }) };
  const lacks = ({ attachments = [] }: MessageView): boolean => attachments.some((each) => each.sha256 === sha256);
  if (!timeline.messages.some(lacks)) return timeline;
  const messages = timeline.messages.map((message) =>
    lacks(message)
      ? {
          ...message,
          attachments:
            message.attachments?.map((each) => {
              if (each.sha256 !== sha256) return each;
              const { error: _, ...rest } = each;
              return { ...rest, ...standing };
            }) ?? [],
        }
      : message,
  );
  return { ...timeline, messages };
}

/** Where an own message stands changed. */
export function deliver(timeline: Timeline, msgId: string, delivery: NonNullable<MessageView['delivery']>): Timeline {
  const index = timeline.messages.findLastIndex((message) => message.own && message.msg_id === msgId);
  const message = timeline.messages[index];
  if (!message) return timeline;
  return { ...timeline, messages: timeline.messages.with(index, { ...message, delivery }) };
}

/** The cursor of the first of the last `unread` messages of others, or of the first loaded, when more are unread than that. */
export function firstUnread(messages: readonly MessageView[], unread: number): string | undefined {
  if (unread <= 0) return undefined;
  let left = unread;
  let found: string | undefined;
  for (let index = messages.length - 1; index >= 0 && left > 0; index -= 1) {
    const message = messages[index];
    if (!message || message.own) continue;
    found = message.cursor;
    left -= 1;
  }
  return found;
}

/**
 * How many messages of its sender are missing before each message, by cursor: so many as the node lacked when it showed the message, without
 * those that are loaded since.
 */
export function gaps(messages: readonly MessageView[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const highest = new Map<string, number>();
  const held = new Map<string, Set<number>>();
  for (const { sender, seq } of messages) {
    const set = held.get(sender.node_id) ?? new Set();
    held.set(sender.node_id, set.add(seq));
  }
  for (const { sender, seq, cursor, missing: lacked = 0 } of messages) {
    const last = highest.get(sender.node_id);
    if (last !== undefined && seq > last + 1) {
      const missing = Math.min(lacked, countMissing(held.get(sender.node_id) ?? new Set(), last + 1, seq));
      if (missing > 0) found.set(cursor, missing);
    }
    if (last === undefined || seq > last) highest.set(sender.node_id, seq);
  }
  return found;
}

/** How many of `from` up to but not `to` are not in the set, without walking through a span that a stranger chose. */
function countMissing(held: ReadonlySet<number>, from: number, to: number): number {
  if (to - from <= held.size) {
    let missing = 0;
    for (let seq = from; seq < to; seq += 1) if (!held.has(seq)) missing += 1;
    return missing;
  }
  let there = 0;
  for (const seq of held) if (seq >= from && seq < to) there += 1;
  return to - from - there;
}

/** The newer of what is known of somebody. */
export function personOf(people: Readonly<Record<string, Person>>, person: Person): Person {
  return people[person.node_id] ?? person;
}
