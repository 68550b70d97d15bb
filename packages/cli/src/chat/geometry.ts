import { basename } from 'node:path';
import { sizeText } from '@parley/core';
import { inputRows } from './input-rows.ts';
import type { Look } from './item-rows.ts';
import { type ChannelState, type ChatState, draftOf, type Self, type Unconfirmed } from './state.ts';
import { type MessageItem, type Timeline, withItem } from './timeline.ts';

/** Where things are on the screen, in cells. */
export interface Geometry {
  readonly columns: number;
  readonly rows: number;
  /** Width of the column of channels and people without its border; 0 when there is none. */
  readonly side: number;
  /** Whether it has room for people. */
  readonly people: boolean;
  readonly header: boolean;
  readonly paneWidth: number;
  readonly paneHeight: number;
  readonly inputHeight: number;
}

const WIDE = 80;
const MEDIUM = 60;
const SIDE_WIDE = 22;
const SIDE_MEDIUM = 14;
const MOST_INPUT_ROWS = 6;
/** Below this many rows, every one of them is for messages. */
const HEADER_FROM = 10;
/** On both sides of the input and before the messages. */
export const MARGIN = 1;

export function geometry(state: ChatState): Geometry {
  const { columns, rows } = state.size;
  const side = columns >= WIDE ? SIDE_WIDE : columns >= MEDIUM ? SIDE_MEDIUM : 0;
  const header = rows >= HEADER_FROM;
  const wanted = inputRows(draftOf(state), columns - 2 * MARGIN, Number.MAX_SAFE_INTEGER).rows.length;
  const inputHeight = Math.max(1, Math.min(wanted, MOST_INPUT_ROWS, Math.floor(rows / 3)));
  const paneHeight = Math.max(0, rows - inputHeight - 1 - (header ? 1 : 0));
  const paneWidth = Math.max(1, columns - (side > 0 ? side + 1 : 0) - 2 * MARGIN);
  return { columns, rows, side, people: columns >= WIDE, header, paneWidth, paneHeight, inputHeight };
}

export function lookOf(state: ChatState, channel: ChannelState): Look {
  const { paneWidth } = geometry(state);
  return { width: paneWidth, people: state.people, ownName: state.self?.name, readUpTo: channel.readUpTo };
}

/** How far reading a file is that is being sent. */
function fileText({ path, have, size }: NonNullable<Unconfirmed['file']>, failed: boolean): string {
  const name = basename(path);
  if (failed) return name;
  return have === undefined || size === undefined ? `sending ${name} …` : `sending ${name}: ${sizeText(have)} of ${sizeText(size)}`;
}

const provisional = new WeakMap<Unconfirmed, MessageItem>();

function provisionalItem(entry: Unconfirmed, channel: ChannelState, self: Self): MessageItem {
  const known = provisional.get(entry);
  if (known) return known;
  const time = new Date(entry.time).toISOString();
  const item: MessageItem = {
    kind: 'message',
    id: `local ${entry.localId}`,
    time: entry.time,
    cursor: `local ${String(entry.localId).padStart(12, '0')}`,
    message: {
      msg_id: '',
      channel_id: channel.view.id,
      channel: channel.view.name,
      sender: { node_id: self.nodeId, key: self.key, name: self.name, display: self.display, present: true },
      own: true,
      delivery: { state: 'sending', recipients: [] },
      seq: 0,
      time,
      received: time,
      text: entry.file ? fileText(entry.file, entry.error !== undefined) : entry.text,
      ...(entry.replyTo ? { reply_to: entry.replyTo.msg_id } : {}),
      via: [],
      cursor: '',
    },
    ...(entry.replyTo ? { answers: entry.replyTo } : {}),
    ...(entry.error === undefined ? {} : { refused: entry.error }),
  };
  provisional.set(entry, item);
  return item;
}

/** The timeline with what was entered and is not confirmed yet: what is under way at its end, what was refused where it was written. */
export function shownTimeline(state: ChatState, channel: ChannelState): Timeline {
  const { self } = state;
  if (!self || channel.unconfirmed.length === 0) return channel.timeline;
  const itemOf = (entry: Unconfirmed): MessageItem => provisionalItem(entry, channel, self);
  const refused = channel.unconfirmed.filter(({ error }) => error !== undefined).map(itemOf);
  const underWay = channel.unconfirmed.filter(({ error }) => error === undefined).map(itemOf);
  return [...refused.reduce(withItem, channel.timeline), ...underWay];
}
