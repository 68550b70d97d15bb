import { type ChangeView, type MessageView, personOfNode } from '@parley/core';
import { gaps } from './timeline.ts';
import type { Outgoing, Timeline } from './types.ts';

/** One line of a conversation, as the list draws it. */
export type Row =
  | { readonly kind: 'start'; readonly key: string }
  | { readonly kind: 'day'; readonly key: string; readonly day: string }
  | { readonly kind: 'unread'; readonly key: string; readonly count: number }
  | { readonly kind: 'change'; readonly key: string; readonly change: ChangeView }
  | { readonly kind: 'gap'; readonly key: string; readonly count: number; readonly sender: MessageView['sender'] }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly message: MessageView;
      /** It goes on where the same person left off a moment ago, on whichever of their devices. */
      readonly continued: boolean;
      readonly late: boolean;
      /** Where it stands is told in words too: the last own message. */
      readonly words: boolean;
    }
  | { readonly kind: 'outgoing'; readonly key: string; readonly outgoing: Outgoing; readonly continued: boolean };

/** Messages of one person closer than this stand under one name. */
const TOGETHER_MS = 5 * 60_000;

/** The day of a time in the user's own time zone: `2026-02-28`. */
export function dayOf(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${`${date.getMonth() + 1}`.padStart(2, '0')}-${`${date.getDate()}`.padStart(2, '0')}`;
}

/** The days of times that come mostly in order, without a calendar for each. */
class Days {
  #from = 0;
  #to = 0;
  #day = '';

  of(time: number): string {
    if (time >= this.#from && time < this.#to) return this.#day;
    const date = new Date(time);
    const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
    this.#from = new Date(year, month, day).getTime();
    this.#to = new Date(year, month, day + 1).getTime();
    this.#day = dayOf(time);
    return this.#day;
  }
}

const NO_CHANGES: readonly ChangeView[] = [];

/**
 * The lines of one conversation: days, what was changed about it, what is missing, what is unread, messages, and what is on its way to the disk. Most of what happens
 * to it happens at its end: then the lines of before are kept, however many there are.
 */
export class Lines {
  readonly #days = new Days();
  #timeline: Timeline | undefined;
  #rows: Row[] = [];
  /** Where in `#rows` each message stands. */
  #places: number[] = [];
  /** By sender: the highest number so far. */
  #highest = new Map<string, number>();
  #day = '';
  #previous: { readonly person: string; readonly at: number } | undefined;
  #words: number | undefined;
  #changes = NO_CHANGES;
  /** How many of them have a line, or are older than what is loaded. */
  #told = 0;
  /** When the last line was, by the clock of whose it is. */
  #last = Number.NEGATIVE_INFINITY;

  of(timeline: Timeline, outbox: readonly Outgoing[], changes = NO_CHANGES): Row[] {
    if (this.#changes !== changes || !this.#goOn(timeline)) this.#begin(timeline, changes);
    this.#timeline = timeline;
    if (timeline.atEnd) this.#tellChanges(Number.POSITIVE_INFINITY);
    this.#tellInWords(outbox.length > 0 ? undefined : this.#places[timeline.messages.findLastIndex(({ own }) => own)]);
    return timeline.atEnd ? [...this.#rows, ...outgoingRows(timeline, outbox)] : [...this.#rows];
  }

  #begin(timeline: Timeline, changes: readonly ChangeView[]): void {
    this.#changes = changes;
    // What is older than the oldest message that is loaded comes with those of its time.
    const from = timeline.atStart ? Number.NEGATIVE_INFINITY : Date.parse(timeline.messages[0]?.time ?? '');
    const first = changes.findIndex(({ time }) => Date.parse(time) >= from);
    this.#told = first === -1 ? changes.length : first;
    this.#last = Number.NEGATIVE_INFINITY;
    this.#rows = timeline.atStart ? [{ kind: 'start', key: 'start' }] : [];
    this.#places = [];
    this.#highest = new Map();
    this.#day = '';
    this.#previous = undefined;
    this.#words = undefined;
    const missing = gaps(timeline.messages);
    for (const message of timeline.messages) this.#add(timeline, message, missing.get(message.cursor) ?? 0);
  }

  /** Takes over what is new at the end or stands there in a newer view; false where more than that has changed. */
  #goOn(timeline: Timeline): boolean {
    const before = this.#timeline;
    if (!before || before.atStart !== timeline.atStart) return false;
    if (before.unreadFrom !== timeline.unreadFrom || before.unreadCount !== timeline.unreadCount) return false;
    const { messages } = timeline;
    const newer: number[] = [];
    if (messages.length < before.messages.length || before.messages.length === 0) return false;
    for (let index = 0; index < before.messages.length; index += 1) {
      const [old, message] = [before.messages[index], messages[index]];
      if (message === old) continue;
      if (message?.cursor !== old?.cursor || message?.own !== old?.own) return false;
      newer.push(index);
    }
    const more = messages.slice(before.messages.length);
    const late = more.filter(({ cursor }) => timeline.late.has(cursor)).length;
    if (before.late !== timeline.late && before.late.size + late !== timeline.late.size) return false;
    const highest = new Map(this.#highest);
    // It came later than a change that is dated after it.
    if (more[0] && Date.parse(more[0].time) < this.#last) return false;
    for (const { sender, seq } of more) {
      // It fills a gap that has been told of.
      if (seq <= (highest.get(sender.node_id) ?? Number.NEGATIVE_INFINITY)) return false;
      highest.set(sender.node_id, seq);
    }
    for (const index of newer) this.#renew(index, messages[index]);
    for (const message of more) {
      const last = this.#highest.get(message.sender.node_id);
      this.#add(timeline, message, last === undefined ? 0 : Math.min(message.missing ?? 0, message.seq - last - 1));
    }
    return true;
  }

  #add(timeline: Timeline, message: MessageView, missing: number): void {
    const at = Date.parse(message.time);
    const key = message.cursor;
    const sender = message.sender.node_id;
    const person = personOfNode(message.sender);
    this.#tellChanges(at);
    this.#tellDay(key, at);
    if (timeline.unreadFrom === key) {
      this.#rows.push({ kind: 'unread', key: 'unread', count: timeline.unreadCount ?? 0 });
      this.#previous = undefined;
    }
    if (missing > 0) {
      this.#rows.push({ kind: 'gap', key: `gap ${key}`, count: missing, sender: message.sender });
      this.#previous = undefined;
    }
    this.#places.push(this.#rows.length);
    this.#rows.push({
      kind: 'message',
      key,
      message,
      continued: this.#previous?.person === person && at - this.#previous.at < TOGETHER_MS && message.reply_to === undefined,
      late: timeline.late.has(key),
      words: false,
    });
    this.#previous = { person, at };
    if (message.seq > (this.#highest.get(sender) ?? Number.NEGATIVE_INFINITY)) this.#highest.set(sender, message.seq);
  }

  #tellDay(key: string, at: number): void {
    const day = this.#days.of(at);
    if (day === this.#day) return;
    this.#day = day;
    this.#rows.push({ kind: 'day', key: `day ${key}`, day });
    this.#previous = undefined;
  }

  /** What was changed up to a time and has no line yet. */
  #tellChanges(upTo: number): void {
    for (let change = this.#changes[this.#told]; change && Date.parse(change.time) <= upTo; change = this.#changes[this.#told]) {
      const at = Date.parse(change.time);
      this.#told += 1;
      this.#last = at;
      this.#tellDay(change.id, at);
      this.#rows.push({ kind: 'change', key: `change ${change.id}`, change });
      this.#previous = undefined;
    }
  }

  #renew(index: number, message: MessageView | undefined): void {
    const place = this.#places[index];
    const row = place === undefined ? undefined : this.#rows[place];
    if (place !== undefined && message && row?.kind === 'message') this.#rows[place] = { ...row, message };
  }

  #tellInWords(place: number | undefined): void {
    if (place === this.#words) return;
    for (const [at, words] of [
      [this.#words, false],
      [place, true],
    ] as const) {
      const row = at === undefined ? undefined : this.#rows[at];
      if (at !== undefined && row?.kind === 'message') this.#rows[at] = { ...row, words };
    }
    this.#words = place;
  }
}

function outgoingRows(timeline: Timeline, outbox: readonly Outgoing[]): Row[] {
  const known = new Set(timeline.messages.slice(-50).flatMap(({ own, msg_id }) => (own ? [msg_id] : [])));
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
