import type { ChangeView, DeliveryView, MessageView, Person } from '@parley/host';
import type { Standing } from '../attached.ts';
import { changeLine } from '../format/changes.ts';

/** Numbers of one sender that did not come in time. They may still come: then the gap closes. */
export interface GapItem {
  readonly kind: 'gap';
  readonly id: string;
  readonly time: number;
  readonly cursor: string;
  readonly sender: string;
  /** First and last number of each run that is missing. */
  readonly ranges: readonly (readonly [from: number, to: number])[];
}

export interface MessageItem {
  readonly kind: 'message';
  readonly id: string;
  readonly time: number;
  readonly cursor: string;
  readonly message: MessageView;
  /** The message that it answers, where that was here before it. */
  readonly answers?: MessageView;
  /** Why this node did not take it; it is on this screen alone. */
  readonly refused?: string;
}

/** A line between messages: who came and went while the chat was open, which is known to it alone, or what was changed about the conversation. */
export interface NoteItem {
  readonly kind: 'note';
  readonly id: string;
  readonly time: number;
  /** Counts notes that follow each other. */
  readonly cursor: string;
  readonly text: string;
  readonly person: Person | undefined;
}

export type Item = MessageItem | GapItem | NoteItem;

/** What a channel shows, in order: by time, then by cursor (the order of the node's history), gaps before what follows them. */
export type Timeline = readonly Item[];

/** Above this many items the oldest go, when the reader stands at the end; they can be loaded again. */
export const MOST_ITEMS = 20_000;
const KEPT_ITEMS = 15_000;

const RANK: Readonly<Record<Item['kind'], number>> = { gap: 0, message: 1, note: 2 };

function compare(a: Item, b: Item): number {
  if (a.time !== b.time) return a.time - b.time;
  // Notes have no place in the node's history: after whatever is of the same time.
  if (a.kind === 'note' || b.kind === 'note') return RANK[a.kind] - RANK[b.kind] || Number(a.cursor) - Number(b.cursor);
  if (a.cursor !== b.cursor) return a.cursor < b.cursor ? -1 : 1;
  return RANK[a.kind] - RANK[b.kind];
}

/** Where an item belongs: the index of the first that is not before it. Most belong at the end. */
function placeOf(timeline: Timeline, item: Item): number {
  const last = timeline.at(-1);
  if (!last || compare(last, item) < 0) return timeline.length;
  let low = 0;
  let high = timeline.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const there = timeline[middle];
    if (there && compare(there, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `answered` finds a message by its id. */
function messageItem(message: MessageView, answered: (msgId: string) => MessageView | undefined): MessageItem {
  const time = Date.parse(message.time);
  const answers = message.reply_to === undefined ? undefined : answered(message.reply_to);
  return {
    kind: 'message',
    id: message.msg_id,
    time: Number.isNaN(time) ? 0 : time,
    cursor: message.cursor,
    message,
    ...(answers ? { answers } : {}),
  };
}

function messageOf(timeline: Timeline, msgId: string): MessageView | undefined {
  const item = timeline.find(({ id }) => id === msgId);
  return item?.kind === 'message' ? item.message : undefined;
}

/** With an item in its place, once. */
export function withItem(timeline: Timeline, item: Item): Timeline {
  const place = placeOf(timeline, item);
  const there = timeline[place];
  if (there && compare(there, item) === 0)
    return there.id === item.id && item.kind === 'message' ? timeline.with(place, merged(there, item)) : timeline;
  return timeline.toSpliced(place, 0, item);
}

/** A later view of the same message knows more, but where the message stands may have been told by an event since. */
function merged(known: Item, next: MessageItem): MessageItem {
  if (known.kind !== 'message') return next;
  const delivery = further(known.message.delivery, next.message.delivery);
  return delivery === next.message.delivery || delivery === undefined ? next : { ...next, message: { ...next.message, delivery } };
}

const STEPS: Readonly<Record<string, number>> = { sending: 0, sent: 1, stored: 2, delivered: 3, read: 4, failed: 5 };

function further(a: DeliveryView | undefined, b: DeliveryView | undefined): DeliveryView | undefined {
  if (!a || !b) return a ?? b;
  return (STEPS[String(a.state)] ?? 0) > (STEPS[String(b.state)] ?? 0) ? a : b;
}

export function addMessage(timeline: Timeline, message: MessageView): Timeline {
  const item = messageItem(message, (msgId) => messageOf(timeline, msgId));
  return closeGap(settleGap(withItem(timeline, item), item), message);
}

/** A gap is told before what follows it, whose time is then not known: now it is. */
function settleGap(timeline: Timeline, item: MessageItem): Timeline {
  const { sender, seq } = item.message;
  for (let index = timeline.length - 1; index >= 0; index--) {
    const there = timeline[index];
    if (!there || there.id === item.id) return timeline;
    if (there.kind !== 'gap' || there.sender !== sender.node_id || (there.ranges.at(-1)?.[1] ?? seq) >= seq) continue;
    return withItem(timeline.toSpliced(index, 1), { ...there, time: item.time, cursor: item.cursor });
  }
  return timeline;
}

export function addMessages(timeline: Timeline, messages: readonly MessageView[]): Timeline {
  const [head] = timeline;
  // A page of older history is put in front as a whole: one copy rather than one a message.
  // Of several with one id the first is the one that was answered.
  const page = new Map(messages.toReversed().map((message) => [message.msg_id, message]));
  const items = messages.map((message) => messageItem(message, (msgId) => page.get(msgId) ?? messageOf(timeline, msgId)));
  const last = items.at(-1);
  const older = last !== undefined && (!head || compare(last, head) < 0);
  if (older && items.every((item, index) => index === 0 || compare(items[index - 1] ?? item, item) < 0)) return [...items, ...timeline];
  return messages.reduce(addMessage, timeline);
}

export function addNote(timeline: Timeline, note: Omit<NoteItem, 'kind' | 'cursor'>): Timeline {
  const last = timeline.at(-1);
  // It happened now, whatever the clocks of others say.
  const cursor = String(last?.kind === 'note' ? Number(last.cursor) + 1 : 1);
  return withItem(timeline, { ...note, kind: 'note', cursor, time: Math.max(note.time, last?.time ?? 0) });
}

const CHANGE = 'change ';

/** What a conversation has lines of besides its messages. */
export interface Told {
  readonly changes: readonly ChangeView[];
  /** As they are known now. */
  readonly people: ReadonlyMap<string, Person>;
  /** Nothing older is to come. */
  readonly whole: boolean;
}

/** With lines for what was changed about the conversation, in the place of those of before. */
export function withChanges(timeline: Timeline, { changes, people, whole }: Told): Timeline {
  const rest = timeline.filter(({ id }) => !id.startsWith(CHANGE));
  if (changes.length === 0 && rest.length === timeline.length) return timeline;
  const from = whole ? Number.NEGATIVE_INFINITY : (rest.find(({ kind }) => kind === 'message')?.time ?? Number.POSITIVE_INFINITY);
  const lines = changes.map(
    (change, index): NoteItem => ({
      kind: 'note',
      id: `${CHANGE}${change.id}`,
      time: Date.parse(change.time),
      cursor: String(index),
      text: changeLine(change, people),
      person: undefined,
    }),
  );
  return [...rest, ...lines.filter(({ time }) => time >= from)].sort(compare);
}

export function addGap(timeline: Timeline, gap: { sender: string; from: number; to: number; now: number }): Timeline {
  const next = timeline.find((item) => item.kind === 'message' && item.message.sender.node_id === gap.sender && item.message.seq > gap.to);
  const id = `gap ${gap.sender} ${gap.from}`;
  if (timeline.some((item) => item.id === id)) return timeline;
  const time = next?.time ?? Math.max(gap.now, timeline.at(-1)?.time ?? 0);
  return withItem(timeline, { kind: 'gap', id, time, cursor: next?.cursor ?? '\uffff', sender: gap.sender, ranges: [[gap.from, gap.to]] });
}

function closeGap(timeline: Timeline, { sender, seq }: MessageView): Timeline {
  const index = timeline.findIndex(
    (item) => item.kind === 'gap' && item.sender === sender.node_id && item.ranges.some(([from, to]) => from <= seq && seq <= to),
  );
  const gap = timeline[index];
  if (gap?.kind !== 'gap') return timeline;
  const ranges = gap.ranges.flatMap(([from, to]): [number, number][] => {
    if (seq < from || seq > to) return [[from, to]];
    const rest: [number, number][] = [
      [from, seq - 1],
      [seq + 1, to],
    ];
    return rest.filter(([first, last]) => first <= last);
  });
  return ranges.length === 0 ? timeline.toSpliced(index, 1) : timeline.with(index, { ...gap, ranges });
}

/** How many messages a gap stands for. */
export function missing(gap: GapItem): number {
  return gap.ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
}

/** Undefined when the message is not there. */
export function withDelivery(timeline: Timeline, msgId: string, delivery: DeliveryView): Timeline | undefined {
  const index = timeline.findLastIndex((item) => item.kind === 'message' && item.message.own && item.id === msgId);
  const item = timeline[index];
  return item?.kind === 'message' ? timeline.with(index, { ...item, message: { ...item.message, delivery } }) : undefined;
}

/** A message as it stands now; undefined when it is not there. */
export function withChanged(timeline: Timeline, message: MessageView): Timeline | undefined {
  const index = timeline.findLastIndex((item) => item.kind === 'message' && item.cursor === message.cursor);
  const item = timeline[index];
  return item?.kind === 'message' ? timeline.with(index, { ...item, message }) : undefined;
}

/** What is attached to messages, as it stands now. The same timeline where it is attached to none. */
export function withAttachment(timeline: Timeline, sha256: string, standing: Standing): Timeline {
  let changed = false;
  const next = timeline.map((item) => {
    if (item.kind !== 'message' || !item.message.attachments?.some((each) => each.sha256 === sha256)) return item;
    changed = true;
    const attachments = item.message.attachments.map((each) => {
      const { have, error, ...attached } = each;
      return each.sha256 === sha256 ? { ...attached, ...standing } : each;
    });
    return { ...item, message: { ...item.message, attachments } };
  });
  return changed ? next : timeline;
}

/** Messages whose time is over are gone, also from above those that answer them. */
export function withoutExpired(timeline: Timeline, cursors: readonly string[]): Timeline {
  const gone = new Set(cursors);
  return timeline.flatMap((item): Item[] => {
    if (item.kind !== 'message') return [item];
    if (gone.has(item.cursor)) return [];
    const { answers, ...rest } = item;
    return [answers && gone.has(answers.cursor) ? rest : item];
  });
}

/** The cursor of the oldest message: what is before it can be loaded. */
export function oldestCursor(timeline: Timeline): string | undefined {
  return timeline.find((item) => item.kind === 'message')?.cursor;
}

export function trimmed(timeline: Timeline): Timeline {
  return timeline.length > MOST_ITEMS ? timeline.slice(-KEPT_ITEMS) : timeline;
}
