import type { MessageView } from '@parley/core';
import { gaps } from './timeline.ts';
import type { Outgoing, Timeline } from './types.ts';

/** One line of a conversation, as the list draws it. */
export type Row =
  | { readonly kind: 'start'; readonly key: string }
  | { readonly kind: 'day'; readonly key: string; readonly day: string }
  | { readonly kind: 'unread'; readonly key: string; readonly count: number }
  | { readonly kind: 'gap'; readonly key: string; readonly count: number; readonly sender: MessageView['sender'] }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly message: MessageView;
      /** It goes on where the same sender left off a moment ago. */
      readonly continued: boolean;
      readonly late: boolean;
      /** Where it stands is told in words too: the last own message. */
      readonly words: boolean;
    }
  | { readonly kind: 'outgoing'; readonly key: string; readonly outgoing: Outgoing; readonly continued: boolean };

/** Messages of one sender closer than this stand under one name. */
const TOGETHER_MS = 5 * 60_000;

/** The day of a time in the user's own time zone: `2026-02-28`. */
export function dayOf(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${`${date.getMonth() + 1}`.padStart(2, '0')}-${`${date.getDate()}`.padStart(2, '0')}`;
}

/** The lines of a conversation: days, what is missing, what is unread, messages, and what is on its way to the disk. */
export function rowsOf(timeline: Timeline, outbox: readonly Outgoing[]): Row[] {
  const rows: Row[] = timeline.atStart ? [{ kind: 'start', key: 'start' }] : [];
  const missing = gaps(timeline.messages);
  const lastOwn = outbox.length > 0 ? undefined : timeline.messages.findLast(({ own }) => own)?.cursor;
  let day = '';
  let previous: { sender: string; at: number } | undefined;
  for (const message of timeline.messages) {
    const at = Date.parse(message.time);
    const key = message.cursor;
    if (dayOf(at) !== day) {
      day = dayOf(at);
      rows.push({ kind: 'day', key: `day ${key}`, day });
      previous = undefined;
    }
    if (timeline.unreadFrom === key) {
      rows.push({ kind: 'unread', key: 'unread', count: timeline.unreadCount ?? 0 });
      previous = undefined;
    }
    const count = missing.get(key);
    if (count !== undefined) {
      rows.push({ kind: 'gap', key: `gap ${key}`, count, sender: message.sender });
      previous = undefined;
    }
    rows.push({
      kind: 'message',
      key,
      message,
      continued: previous?.sender === message.sender.node_id && at - previous.at < TOGETHER_MS && message.reply_to === undefined,
      late: timeline.late.has(key),
      words: key === lastOwn,
    });
    previous = { sender: message.sender.node_id, at };
  }
  return timeline.atEnd ? [...rows, ...outgoingRows(timeline, outbox)] : rows;
}

function outgoingRows(timeline: Timeline, outbox: readonly Outgoing[]): Row[] {
  const known = new Set(timeline.messages.slice(-50).map(({ msg_id }) => msg_id));
  const last = timeline.messages.at(-1);
  let at = last?.own ? Date.parse(last.time) : Number.NEGATIVE_INFINITY;
  return outbox
    .filter(({ msgId }) => !known.has(msgId))
    .map((outgoing) => {
      const continued = outgoing.at - at < TOGETHER_MS && outgoing.replyTo === undefined;
      at = outgoing.at;
      return { kind: 'outgoing', key: `out ${outgoing.msgId}`, outgoing, continued };
    });
}
